// Turns an error of PostgreSQL, or of the connection to it, into the error of a load. Source: "PostgreSQL Error Codes".
import { TOO_MANY_COLUMNS_REMEDY } from '../../load/columns/column-limit.js'
import { markRepeatable } from '../../load/load-destination.js'
import { ExportError, type ExportErrorCode } from '../../shared/errors.js'

interface PostgresFailure {
  readonly code: ExportErrorCode
  readonly problem: string
  readonly remedy: string
  readonly isRepeatable: boolean
}

const busyProblems: Readonly<Record<string, string>> = {
  '55P03': 'another session or load holds a lock that this load needs',
  '57P03': 'the server is starting or stopping',
  '53300': 'the server has no free connection',
}

/** The codes that mean `ERR_SCHEMA_CHANGE`, each with what its message says to do. */
const schemaRemedies: Readonly<Record<string, string>> = {
  '54011': `; ${TOO_MANY_COLUMNS_REMEDY}`,
  '54000': `; ${TOO_MANY_COLUMNS_REMEDY}`,
  '42701': '',
  '42804': '',
  '42846': '',
  '0A000': '; change the type yourself, or drop what depends on the column',
}

const remedies: Readonly<Record<string, string>> = {
  '42501': '; docs/loading.md lists the privileges that a load needs',
  '28P01': '; check PGPASSWORD, ~/.pgpass or the connection string',
  '28000': '; check the user and pg_hba.conf of the server',
  '3D000': '; create the database first',
  ECONNREFUSED: '; is the server running, and are the host and the port right?',
  '57014': '; the statement was cancelled by statementTimeout, or by an administrator',
  '23505': "; mode 'merge' updates rows that the table has",
}

/** Remedies for errors of `pg` that have no code, by their messages. */
const remedyPatterns: readonly (readonly [RegExp, string])[] = [
  [/client password must be a/, '; the server asks for a password: use PGPASSWORD, ~/.pgpass or the connection string'],
  [/does not support SSL/, '; to connect without TLS, use sslmode=disable or PGSSLMODE=disable'],
  [
    /certificate|altnames/,
    "; sslmode=verify-full needs the server's name in a certificate that Node trusts: docs/loading.md explains TLS",
  ],
]

const findRemedy = (code: string, message: string) =>
  remedies[code] ?? remedyPatterns.find(([pattern]) => pattern.test(message))?.[1] ?? ''

/** True for codes of a failed or lost connection, a stopped server or a conflict of transactions. */
const isRepeatableCode = (code: string) =>
  /^(08|57P0[12]$|40001$|40P01$|ECONN|EPIPE$|ETIMEDOUT$|ENOENT$|EAI_AGAIN$|EHOSTUNREACH$|ENETUNREACH$|EHOSTDOWN$)/.test(
    code,
  )

const classify = (code: string, problem: string): PostgresFailure => {
  if (code in busyProblems)
    return {
      code: 'ERR_DESTINATION_BUSY',
      problem: busyProblems[code]!,
      remedy: '; with the option wait, the load tries again',
      isRepeatable: false,
    }
  if (code in schemaRemedies)
    return { code: 'ERR_SCHEMA_CHANGE', problem, remedy: schemaRemedies[code]!, isRepeatable: false }
  return { code: 'ERR_DESTINATION', problem, remedy: findRemedy(code, problem), isRepeatable: isRepeatableCode(code) }
}

/** Messages of `pg` about a lost connection; they have no code. */
const LOST_PATTERN =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|Connection ended)/

/** Returns true if the error says that the connection was lost, so that it is unknown whether the server ran the last statement. */
export function isConnectionLost(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return /^(08|57P0[123]$|ECONN|EPIPE$|ETIMEDOUT$)/.test(code) || LOST_PATTERN.test(message)
}

/** Returns the ExportError for an error of `pg`, without the password. ExportError, OptionError and AbortError stay as they are. */
export function toPostgresError(label: string, error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof Error) || error instanceof ExportError || ['OptionError', 'AbortError'].includes(error.name))
    return error
  const { code = '', column, table } = error as Error & { code?: string; column?: string; table?: string }
  const [message = ''] = redact(error.message || createMessage(error)).split('\n')
  const failure = classify(code, message)
  const isRepeatable = failure.isRepeatable || isConnectionLost(error)
  const place = column === undefined ? '' : ` (column ${column}${table === undefined ? '' : ` of ${table}`})`
  const state = code === '' ? '' : ` [${code}]`
  const detail = `${code === '' ? '' : `${code}: `}${message}`.slice(0, 500)
  const exportError = new ExportError(failure.code, `${label}: ${failure.problem}${place}${state}${failure.remedy}`, {
    detail,
  })
  return isRepeatable ? markRepeatable(exportError) : exportError
}

/** Returns a message for an error that has none. A failed connection to several addresses of a host has an error for each. */
const createMessage = (error: Error) =>
  error instanceof AggregateError ? error.errors.map((one: Error) => one.message).join('; ') : error.name
