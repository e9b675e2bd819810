// Defaults of the source that several layers use.

/** The default of `limit`: records per page. */
export const DEFAULT_LIMIT = 1000
/** The default of `requestTimeout`. */
export const DEFAULT_REQUEST_TIMEOUT_MS = 120_000
