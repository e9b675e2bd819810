// The only door: re-exports, nothing else.
export { exportPages, exportStream, type ExportStream } from './export-stream.js'
export type { ExportOptions } from './source-options.js'
export { toCsv } from './encoders/to-csv.js'
export { toNdjson } from './encoders/to-ndjson.js'
export { ExportError, OptionError } from './errors.js'
