import { getReason } from '../../shared/system-errors.js'
import { exit } from './exit-codes.js'

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

  /** If the reader closed stdout, nothing is printed and the exit code is 141, because the reader needs no more data. */
  static fromStdout(error: NodeJS.ErrnoException): StoppedError {
    const exitCode = error.code === 'EPIPE' ? exit.sigpipe : exit.failed
    return new StoppedError(`cannot write to stdout: ${getReason(error)}`, exitCode, 'ERR_STDOUT')
  }
}
