// Turns an error of a command into its exit code, the message for stderr, and the JSON for `--json`.
import { ExportError, getHelpCommand, isTemporaryStatus, OptionError, type FailureReason } from '../../shared/errors.js'
import { isCertificateCode } from '../../shared/certificate-error.js'
import type { Settings } from '../settings.js'
import { getCertificateRemedy } from '../access/certificate-remedy.js'
import { StateInUseError } from './state-in-use-error.js'
import { UsageError } from './usage-error.js'
import { escapeLine } from '../output/format-text.js'
import { exit } from './exit-codes.js'
import { StoppedError } from './stopped-error.js'

const exitCodesByError: Readonly<Record<string, number>> = {
  ERR_AUTH: exit.authentication,
  ERR_INCOMPLETE: exit.incomplete,
  ERR_CURSOR_EXPIRED: exit.incomplete,
  ERR_SUSPICIOUS_LOAD: exit.incomplete,
  ERR_NOT_SORTED: exit.incomplete,
  ERR_DESTINATION: exit.destination,
  ERR_DESTINATION_BUSY: exit.destination,
  ERR_SCHEMA_CHANGE: exit.destination,
}

export function toExitCode(error: unknown): number {
  if (error instanceof StoppedError) return error.exitCode
  if (error instanceof UsageError || error instanceof OptionError) return exit.usage
  if (error instanceof StateInUseError) return exit.stateInUse
  if (!(error instanceof ExportError) || isTokenEndpointDown(error)) return exit.failed
  return exitCodesByError[error.code] ?? exit.failed
}

/** Returns true if the token endpoint could not be reached, or failed: a later run may succeed with the same credentials. */
const isTokenEndpointDown = ({ code, cause }: ExportError) =>
  code === 'ERR_AUTH' && cause instanceof ExportError && (cause.status === undefined || isTemporaryStatus(cause.status))

/** Remedies by code, with the flags of the command line, because the messages of the library name its options. */
const remedies: Readonly<Record<string, string>> = {
  ERR_AUTH: 'check the token, its audience and its permissions',
  ERR_NETWORK: 'optimize-export doctor shows where the connection fails',
  ERR_LATE_COLUMN: 'on the command line: --columns all, --columns a,b,c, or --late-columns overflow or drop',
  ERR_UNMATCHED_NAME: 'correct the name; if the report may lack it, use --allow-unmatched, without --strict',
  ERR_INCOMPLETE: 'nothing was changed; try again, with a lower --limit or a higher --max-restarts',
  ERR_CURSOR_EXPIRED: 'nothing was changed; try again with a higher --max-pagination-timeout',
  ERR_DESTINATION_BUSY: 'nothing was changed; try again later; a load can wait for the database: --wait 60s',
  ERR_SUSPICIOUS_LOAD: 'nothing was changed; if the report is right, load once with --max-lost-share 1',
  ERR_NOT_SORTED: 'nothing was changed; sort the report in Optimize, or load it without --since and --sorted-by',
  ERR_SPOOL:
    'set TMPDIR to a folder on a disk with free space; with --columns sample, an export to a CSV, Parquet or Arrow file needs no temporary file',
}

/** Returns the message, and below it a remedy if there is one. An option has the name that the user wrote, such as its flag. */
export function describeError(error: unknown, settings?: Settings): string {
  if (error instanceof OptionError)
    return escapeLine(`${settings?.describeSetting(error.option) ?? error.option}: ${getOptionProblem(error)}`)
  if (error instanceof UsageError) return [error.message, ...(error.facts.lines ?? [])].map(escapeLine).join('\n')
  if (!(error instanceof ExportError)) return escapeLine(error instanceof Error ? error.message : String(error))
  const remedy = getRemedy(error)
  return `${escapeLine(error.message)} (${error.code})${remedy === undefined ? '' : `\n  ${remedy}`}`
}

function getRemedy(error: ExportError): string | undefined {
  if (isTokenEndpointDown(error))
    return getConnectionRemedy(error.cause as ExportError) ?? 'the token endpoint gave no token; try again later'
  const { code, reason } = error
  if (code === 'ERR_HTTP' || code === 'ERR_NETWORK') return getConnectionRemedy(error) ?? remedies[code]
  return reason === 'emptySelection' ? remediesByReason[reason] : remedies[code]
}

/** Returns the remedy if a certificate or a proxy is the reason; otherwise undefined. */
function getConnectionRemedy({ cause, reason }: ExportError): string | undefined {
  const code = String((cause as { code?: unknown } | undefined)?.code)
  if (isCertificateCode(code)) return getCertificateRemedy(code)
  return reason && remediesByReason[reason]
}

const PROXY_VARIABLES = 'HTTPS_PROXY, HTTP_PROXY or ALL_PROXY'
const remediesByReason: Readonly<Record<FailureReason, string>> = {
  proxy: `check the proxy in ${PROXY_VARIABLES}; optimize-export doctor shows where the connection fails`,
  proxyCredentials: `check the user name and password of the proxy in ${PROXY_VARIABLES}`,
  emptySelection: 'correct the names in --columns, --pick and --omit, so that at least one column is left',
}

/** Returns what stderr shows: the description of an error; for an ExportError or a StateInUseError also the command that explains it. */
export function formatFailure(error: unknown, settings?: Settings): string {
  const text = describeError(error, settings)
  if (error instanceof StateInUseError) return `${text} (${error.code})\n  ${formatHelp(getHelpCommand(error.code))}`
  return error instanceof ExportError ? `${text}\n  ${formatHelp(error.help)}` : text
}

export const formatHelp = (help: string) => `more: ${help}`

/** Returns the problem without its prefix. The message is `where: option: problem`, or `where: problem` for a missing package. */
export function getOptionProblem({ message, option }: OptionError): string {
  const prefix = message.includes(`: ${option}: `) ? `: ${option}: ` : ': '
  return message.slice(message.indexOf(prefix) + prefix.length)
}

export type JsonError = {
  readonly code: string
  readonly message: string
  /** The command that explains the code. */
  readonly help: string
  readonly signal?: string | undefined
}

export function toJsonError(error: unknown, settings?: Settings): JsonError {
  if (error instanceof StoppedError) return { ...createJsonError(error.code, error.message), signal: error.signal }
  if (error instanceof ExportError) return createJsonError(error.code, error.message)
  const message = describeError(error, settings)
  if (error instanceof OptionError || error instanceof StateInUseError) return createJsonError(error.code, message)
  return createJsonError(error instanceof UsageError ? 'ERR_USAGE' : 'ERR_FAILED', message)
}

export const createJsonError = (code: string, message: string): JsonError => ({
  code,
  message,
  help: getHelpCommand(code),
})
