// Runs a TypeScript file in a child process.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Child {
  readonly process: ChildProcess
  /** Resolves when stdout contains this text or has ended. */
  waitForText(text: string): Promise<void>
  /** Resolves with all of stdout when the process has ended. */
  readonly ended: Promise<string>
}

/** Starts a file of this folder. */
export function runChild(file: string, args: string[], env: NodeJS.ProcessEnv = {}): Child {
  const path = join(import.meta.dirname, file)
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // tap removes this variable from its own process below Node.js 22, and the child needs it
    env: { ...process.env, TAP_TYPE_STRIP_ONLY: '1', ...env },
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const ended = once(child, 'close').then(() => out)
  return {
    process: child,
    ended,
    waitForText: async (text) => {
      while (!out.includes(text)) if ((await Promise.race([once(child.stdout, 'data'), ended])) === out) return
    },
  }
}
