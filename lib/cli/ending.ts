// The error that stops a command early, and failures as JSON for `--json`.
import { ExportError, OptionError } from '../index.js'
import { describeFailure, exit, toExitCode } from './failures.js'
import type { Settings } from './settings.js'
import { UsageError } from './usage-error.js'

/** The reason why a command stops early: a signal of the system, or a failure of stdout. */
export class StoppedError extends Error {
  readonly exitCode: number
  readonly code: string
  readonly signal: string | undefined

  private constructor(message: string, exitCode: number, code: string, signal?: string) {
    super(message)
    this.signal = signal
    this.exitCode = exitCode
    this.code = code
  }

  static fromSignal(signal: string, exitCode: number): StoppedError {
    return new StoppedError('interrupted', exitCode, 'ERR_INTERRUPTED', signal)
  }

  /** A reader that closes stdout is not an error, because it needs no more data. */
  static fromStdout({ code = '', message }: NodeJS.ErrnoException): StoppedError {
    const reason = code === 'ENOSPC' ? 'no space left on the device (ENOSPC)' : code || message
    return new StoppedError(
      `cannot write to stdout: ${reason}`,
      code === 'EPIPE' ? exit.sigpipe : exit.failed,
      'ERR_STDOUT',
    )
  }
}

/** Returns the exit code of any failure. */
export const toEndingCode = (error: unknown) => (error instanceof StoppedError ? error.exitCode : toExitCode(error))

/** Returns a failure as `--json` prints it. */
export function toJsonError(error: unknown, settings?: Settings): Readonly<Record<string, unknown>> {
  if (error instanceof StoppedError) return { code: error.code, message: error.message, signal: error.signal }
  if (error instanceof ExportError) return { code: error.code, message: error.message }
  const message = describeFailure(error, settings)
  if (error instanceof OptionError) return { code: error.code, message }
  return { code: error instanceof UsageError ? 'ERR_USAGE' : 'ERR_FAILED', message }
}
