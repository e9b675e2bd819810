// Every failure has a stable code. Messages say where, what was expected and what came; never a token or a cursor.

/** The codes an {@link ExportError} can have. */
export type ExportErrorCode =
  | 'ERR_AUTH'
  | 'ERR_REPORT_NOT_FOUND'
  | 'ERR_REPORT_NOT_EXPORTABLE'
  | 'ERR_CURSOR_EXPIRED'
  | 'ERR_INCOMPLETE'
  | 'ERR_HTTP'
  | 'ERR_RESPONSE'
  | 'ERR_NETWORK'
  | 'ERR_TIMEOUT'
  | 'ERR_LATE_COLUMN'
  | 'ERR_COLUMN_COLLISION'
  | 'ERR_UNMATCHED_NAME'
  | 'ERR_CELL_TYPE'
  | 'ERR_ENCODE'
  | 'ERR_SPOOL'
  | 'ERR_FILE'

/** The facts about a failure beside its code. */
export interface ExportErrorContext {
  /** The error behind the failure, without secrets. */
  cause?: unknown
  /** The report asked for. */
  reportId?: string | undefined
  /** The page asked for when it happened, from 1. */
  page?: number | undefined
  /** Records handed over before it happened. */
  records?: number | undefined
  /** The HTTP status, where there was one. */
  status?: number | undefined
  /** The server's `detailedMessage`, shortened to 500 characters. */
  detail?: string | undefined
}

/** A failure of the world: the server, the network, the data, the disk. */
export class ExportError extends Error {
  /** Always `ExportError`. */
  override readonly name = 'ExportError'
  /** Which failure it is; stable between versions. */
  readonly code: ExportErrorCode
  /** The report asked for. */
  declare reportId?: string
  /** The page asked for when it happened, from 1. */
  declare page?: number
  /** Records handed over before it happened. */
  declare records?: number
  /** The HTTP status, where there was one. */
  declare status?: number
  /** The server's `detailedMessage`, shortened to 500 characters. */
  declare detail?: string

  constructor(code: ExportErrorCode, message: string, context: ExportErrorContext = {}) {
    const { cause, ...rest } = context
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    for (const [key, value] of Object.entries(rest)) if (value !== undefined) Object.assign(this, { [key]: value })
  }
}

/** Misuse, thrown by the factory that was called: an option is unknown, missing or out of range. */
export class OptionError extends TypeError {
  /** Always `OptionError`. */
  override readonly name = 'OptionError'
  /** Always `ERR_OPTION`. */
  readonly code = 'ERR_OPTION'
  /** The option's name, dotted where it is inside another one: `retry.attempts`. */
  readonly option: string

  constructor(where: string, option: string, problem: string) {
    super(`${where}: ${option}: ${problem}`)
    this.option = option
  }
}

/** Adds to an {@link ExportError} how many records were emitted before it, unless it knows. */
export function addRecordCount<E>(error: E, records: number): E {
  if (error instanceof ExportError) error.records ??= records
  return error
}
