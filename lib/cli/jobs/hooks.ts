// Runs the command of `on-success` or `on-failure` with the summary on its stdin.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Context } from '../context.js'
import type { RunSummary } from './run-plan.js'

const HOOK_TIMEOUT_MS = 60_000
/** After a signal the process must end soon. */
const STOPPED_HOOK_TIMEOUT_MS = 10_000

/** Runs a command in a shell. Returns why it failed, or undefined. */
export async function runHook(
  command: string,
  summary: RunSummary,
  { env, signal }: Pick<Context, 'env' | 'signal'>,
): Promise<string | undefined> {
  const timeout = signal.aborted ? STOPPED_HOOK_TIMEOUT_MS : HOOK_TIMEOUT_MS
  try {
    const child = spawn(command, {
      shell: true,
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...env, OPTIMIZE_EXPORT_EXIT_CODE: String(summary.exitCode) },
      timeout,
      killSignal: 'SIGKILL',
    })
    // a command that does not read its stdin is no failure
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${JSON.stringify(summary, null, 2)}\n`)
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    if (code === 0) return undefined
    return code === null ? `it was ended by ${signal!} (the limit is ${timeout / 1000} s)` : `exit code ${code}`
  } catch (error) {
    return (error as Error).message
  }
}
