// Defaults of the source that several layers use.

export const DEFAULT_LIMIT = 1000
export const DEFAULT_REQUEST_TIMEOUT_MS = 120_000
