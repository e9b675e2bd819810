// The public entry point: re-exports, nothing else.
export { exportStream, type ExportStream, type StreamEvents } from './export-stream.js'
export { exportPages, type ExportPages } from './export-pages.js'
export type { DuplexEvents } from './typed-duplex.js'
export type { OperatorOptions, SignalOptions, TypedIterator, TypedReadable } from './typed-readable.js'
export { collectionIdOf, reportIdOf, type ExportOptions } from './source-options.js'
export type { Page } from './pages/pager.js'
export type {
  EndedBy,
  ExportEvents,
  ExportStats,
  PageEvent,
  RestartEvent,
  RetryEvent,
  WarningEvent,
} from './pages/progress.js'
export { clientCredentials, type ClientCredentialsOptions } from './http/client-credentials.js'
export type { RetryOptions } from './http/retry.js'
export type { AccessToken, TokenContext, TokenFunction } from './http/token.js'
export type { FetchAnswer, FetchInit, FetchLike } from './http/transport.js'
export { listReports, type ListOptions } from './list-reports.js'
export { flattenRecord } from './rows/flatten.js'
export type { FlattenOptions } from './rows/selection.js'
export type { ColumnCaseWarning } from './rows/alike-names.js'
export type { UnmatchedName, UnmatchedNameWarning } from './rows/given-names.js'
export { flowNodeEventRows, type FlowNodeEventsOptions } from './rows/flow-node-events.js'
export { profileColumns, type ColumnProfile } from './rows/column-profile.js'
export type { Naming } from './rows/column.js'
export {
  flattenVariables,
  flowNodeEvents,
  type RowTransform,
  type RowTransformEvents,
  type StrictOption,
} from './transforms/transforms.js'
export type { Encoder, EncoderEvents, EncoderStats, EncoderWarning, NulWarning } from './encoders/encoder.js'
export type { ColumnOptions } from './encoders/columns.js'
export type { ColumnSchema } from './encoders/column-schema.js'
export { toCsv } from './encoders/to-csv.js'
export type { CsvOptions } from './encoders/csv/dialect.js'
export { toParquet, type ParquetOptions, type ParquetType } from './encoders/to-parquet.js'
export { toNdjson, type NdjsonOptions } from './encoders/to-ndjson.js'
export { atomicFile, atomicFiles, type AtomicFileOptions, type FileAtPath } from './files/atomic-file.js'
export { VERSION } from './encoders/parquet/version.js'
export { ExportError, OptionError, type ExportErrorCode, type ExportErrorContext } from './errors.js'
export type { Cell, ExportRecord, JsonValue, ReportKind, Row } from './types.js'
export type {
  DecisionInput,
  DecisionOutput,
  DecisionRecord,
  FlowNodeDuration,
  FlowNodeInstance,
  HyperMapEntry,
  MapEntry,
  NumberRecord,
  ProcessCounts,
  ProcessRecord,
  UnknownFields,
  VariableValue,
} from './types.js'
