// The early end of a command, and the failure that `--json` prints.
import { ExportError, OptionError } from '../index.js'
import { describeFailure, exit, toExitCode } from './failures.js'
import type { Settings } from './settings.js'
import { UsageError } from './usage-error.js'

/** Why everything ends early: a signal, or stdout that takes no more. */
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

  /** A reader that closed its end has what it wanted. */
  static fromStdout({ code = '', message }: NodeJS.ErrnoException): StoppedError {
    const reason = code === 'ENOSPC' ? 'no space left on the device (ENOSPC)' : code || message
    return new StoppedError(
      `cannot write to stdout: ${reason}`,
      code === 'EPIPE' ? exit.sigpipe : exit.failed,
      'ERR_STDOUT',
    )
  }
}

/** The exit code of a failure, also of one that ended everything early. */
export const toEndingCode = (error: unknown) => (error instanceof StoppedError ? error.exitCode : toExitCode(error))

/** A failure as `--json` prints it. */
export function toJsonError(error: unknown, settings?: Settings): Readonly<Record<string, unknown>> {
  if (error instanceof StoppedError) return { code: error.code, message: error.message, signal: error.signal }
  if (error instanceof ExportError) return { code: error.code, message: error.message }
  const message = describeFailure(error, settings)
  if (error instanceof OptionError) return { code: error.code, message }
  return { code: error instanceof UsageError ? 'ERR_USAGE' : 'ERR_FAILED', message }
}
