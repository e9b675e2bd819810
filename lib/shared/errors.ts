// The errors of this package. A message contains no token and no cursor.

/** The codes of an {@link ExportError}. */
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
  | 'ERR_DESTINATION'
  | 'ERR_DESTINATION_BUSY'
  | 'ERR_SCHEMA_CHANGE'
  | 'ERR_SUSPICIOUS_LOAD'
  | 'ERR_NOT_SORTED'

/**
 * @internal `proxy`: a request through a proxy failed. `proxyCredentials`: the proxy refused user name and password. `emptySelection`:
 * the options select no column of the report.
 */
export type FailureReason = 'proxy' | 'proxyCredentials' | 'emptySelection'

/** Details of a failure. */
export interface ExportErrorContext {
  /** The error behind the failure. It contains no token and no cursor, unless a function of the caller threw it. */
  cause?: unknown
  /** The requested report. */
  reportId?: string | undefined
  /** The requested page of the current search, from 1. */
  page?: number | undefined
  /** The number of records emitted before the failure. */
  records?: number | undefined
  /** The HTTP status, if there was one. */
  status?: number | undefined
  /** The error text of the server (of Optimize its `detailedMessage`), of a database or of S3, shortened to 500 characters. */
  detail?: string | undefined
  /** @internal Why it failed, if the code alone does not tell what to do. */
  reason?: FailureReason | undefined
}

/** A runtime failure: of the server, the network, the data, the disk or a database. */
export class ExportError extends Error {
  /** Always `ExportError`. */
  override readonly name = 'ExportError'
  /** The code of the failure; stable between versions. */
  readonly code: ExportErrorCode
  /** The requested report. */
  declare reportId?: string
  /** The requested page of the current search, from 1. */
  declare page?: number
  /** The number of records emitted before the failure. */
  declare records?: number
  /** The HTTP status, if there was one. */
  declare status?: number
  /** The error text of the server (of Optimize its `detailedMessage`), of a database or of S3, shortened to 500 characters. */
  declare detail?: string
  /** @internal */
  declare reason?: FailureReason

  constructor(code: ExportErrorCode, message: string, context: ExportErrorContext = {}) {
    const { cause, reason, ...rest } = context
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    // not enumerable, so that console.log does not show it
    if (reason) Object.defineProperty(this, 'reason', { value: reason })
    for (const [key, value] of Object.entries(rest)) if (value !== undefined) Object.assign(this, { [key]: value })
  }

  /** The command that prints what the code means and what to do: `optimize-export help ERR_AUTH`. */
  get help(): string {
    return getHelpCommand(this.code)
  }
}

/**
 * The error for a wrong option or environment variable, or for a package that an option needs and that is not installed. The function
 * that gets the options throws this error, rejects with it, or returns a stream that fails with it.
 */
export class OptionError extends TypeError {
  /** Always `OptionError`. */
  override readonly name = 'OptionError'
  /** Always `ERR_OPTION`. */
  readonly code = 'ERR_OPTION'
  /** The name of the option, dotted if it is inside another one: `retry.attempts`; or the name of the environment variable. */
  readonly option: string

  constructor(where: string, option: string, problem: string, message = `${where}: ${option}: ${problem}`) {
    super(message)
    this.option = option
  }

  /** The command that prints what the code means and what to do: `optimize-export help ERR_OPTION`. */
  get help(): string {
    return getHelpCommand(this.code)
  }
}

export const getHelpCommand = (code: string) => `optimize-export help ${code}`

/** Returns whether the same request may succeed later. */
export const isTemporaryStatus = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505)

/** Adds the number of emitted records to an {@link ExportError} that has none. Returns the error. */
export function addRecordCount<E>(error: E, records: number): E {
  if (error instanceof ExportError) error.records ??= records
  return error
}
