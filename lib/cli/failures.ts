// Failures on the command line: exit codes, and messages for stderr.
import { ExportError, OptionError } from '../index.js'
import type { Settings } from './settings.js'
import { UsageError } from './usage-error.js'
import { escapeLine } from './format-text.js'

/** Exit codes. A signal has 128 plus its number, as in a shell. */
export const exit = { complete: 0, failed: 1, usage: 2, incomplete: 3, authentication: 4, sigpipe: 141 } as const

/** The signals that end an export after its part folders are removed. */
export const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

const exitCodesByError: Readonly<Record<string, number>> = {
  ERR_AUTH: exit.authentication,
  ERR_INCOMPLETE: exit.incomplete,
  ERR_CURSOR_EXPIRED: exit.incomplete,
}

/** Returns the exit code of a failure of a command. */
export function toExitCode(error: unknown): number {
  if (error instanceof UsageError || error instanceof OptionError) return exit.usage
  return error instanceof ExportError ? (exitCodesByError[error.code] ?? exit.failed) : exit.failed
}

/** Returns the worst exit code: failures that affect all reports first, failures that a new run may solve last. */
export function pickWorstExitCode(exitCodes: readonly number[]): number {
  const order = [exit.usage, exit.authentication, exit.failed, exit.incomplete]
  return order.find((code) => exitCodes.includes(code)) ?? exit.complete
}

/** Remedies with flags of the command line, for messages that name options of the library. */
const remedies: Readonly<Record<string, string>> = {
  ERR_AUTH: 'check the token, its audience and its permissions',
  ERR_LATE_COLUMN: 'on the command line: --columns all, --columns a,b,c, or --late-columns overflow or drop',
  ERR_UNMATCHED_NAME: 'correct the name; if the report may lack it, use --allow-unmatched, without --strict',
  ERR_INCOMPLETE: 'nothing was written; try again, with a lower --limit or a higher --max-restarts',
  ERR_CURSOR_EXPIRED: 'nothing was written; try again with a higher --max-pagination-timeout',
  ERR_SPOOL: 'set TMPDIR to a folder on a disk with free space, or use --columns sample',
}

/** Returns one or two lines. An option has the name that the user wrote, such as its flag. */
export function describeFailure(error: unknown, settings?: Settings): string {
  if (error instanceof OptionError)
    return escapeLine(`${settings?.describeSetting(error.option) ?? error.option}: ${getOptionProblem(error)}`)
  if (!(error instanceof ExportError)) return escapeLine(error instanceof Error ? error.message : String(error))
  const remedy = remedies[error.code]
  return `${escapeLine(error.message)} (${error.code})${remedy === undefined ? '' : `\n  ${remedy}`}`
}

/** Returns the problem without its prefix. The message of an OptionError is `where: option: problem`. */
export const getOptionProblem = ({ message, option }: OptionError) =>
  message.slice(message.indexOf(`: ${option}: `) + option.length + 4)
