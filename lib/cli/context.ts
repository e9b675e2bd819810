// What a command works with, so that it can be run in a test as in a process.
import type { Writable } from 'node:stream'
import type { Progress, Screen } from './progress/progress.js'
import type { Settings } from './settings.js'

/** The process, or what stands for it. */
export interface Surroundings {
  readonly stdout: Screen
  readonly stderr: Screen
  readonly env: NodeJS.ProcessEnv
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
}

/** What every command is given. */
export interface Context {
  readonly settings: Settings
  readonly stdout: Screen
  readonly progress: Progress
  /** Aborted by a signal, or when nobody reads stdout any more. */
  readonly signal: AbortSignal
}

/** Does its work and says the exit code. */
export type Run = (context: Context) => Promise<number>

/** A result for machines: one JSON text. */
export const printJson = (stdout: Writable, value: unknown) => stdout.write(`${JSON.stringify(value, null, 2)}\n`)
