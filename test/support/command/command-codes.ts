/** The codes that only the JSON of the command has; no ExportError has them. */
export const commandCodes = [
  'ERR_FAILED',
  'ERR_INTERRUPTED',
  'ERR_NOT_TRIED',
  'ERR_STATE_IN_USE',
  'ERR_STDOUT',
  'ERR_USAGE',
]
