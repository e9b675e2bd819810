/** The codes of the command in its JSON document; no ExportError has them. */
export const commandCodes = [
  'ERR_FAILED',
  'ERR_INTERRUPTED',
  'ERR_NOT_TRIED',
  'ERR_STATE_IN_USE',
  'ERR_STDOUT',
  'ERR_USAGE',
]
