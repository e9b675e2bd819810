// The interfaces between a command and its process, so that tests can replace the process.
import type { Progress, OutputStream } from './progress/progress.js'
import type { ProgressEvent } from './progress/progress-event.js'
import type { Settings } from './settings.js'
import type { StdoutWriter } from './output/stdout-writer.js'

export interface HostProcess {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: NodeJS.ProcessEnv
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
  killImmediately?(signal: NodeJS.Signals): void
}

export interface Context {
  readonly settings: Settings
  readonly env: NodeJS.ProcessEnv
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly printJson: StdoutWriter['printJson']
  /** Resolves when the system has all bytes of stdout; rejects if {@link signal} is aborted first. */
  readonly flush: () => Promise<void>
  readonly progress: Progress
  readonly onEvent?: ((event: ProgressEvent) => void) | undefined
  /**
   * Stops the command, at a signal of the system or when stdout fails. In the context that a job gives to an export or a load, it also
   * stops an attempt whose first page is too large.
   */
  readonly signal: AbortSignal
  /** Aborted by a second signal of the system, just before the process ends. Child processes of the command must be killed then. */
  readonly killSignal: AbortSignal
}

/** Resolves to the exit code. */
export type CommandFunction = (context: Context) => Promise<number>
