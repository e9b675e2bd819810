// The public entry point: re-exports, nothing else.
export { exportStream, type ExportStream, type StreamEvents } from './api/export-stream.js'
export { exportPages, type ExportPages } from './api/export-pages.js'
export type { DuplexEvents } from './shared/streams/duplex-events.js'
export type { OperatorOptions, SignalOptions, TypedIterator, TypedReadable } from './shared/streams/typed-readable.js'
export { collectionIdOf, reportIdOf, type ExportOptions } from './api/export-options.js'
export type { Page } from './pagination/pager.js'
export type { EndedBy, ExportStats } from './pagination/export-stats.js'
export type { ExportEvents, PageEvent, RestartEvent, RetryEvent, WarningEvent } from './shared/export-events.js'
export { clientCredentials, type ClientCredentialsOptions } from './http/token/client-credentials.js'
export type { RetryOptions } from './http/retry.js'
export type { AccessToken, TokenContext, TokenFunction } from './http/token/resolve-token.js'
export type { FetchAnswer, FetchInit, FetchLike } from './http/transport.js'
export { listNamedReports, listReports, type ListOptions, type NamedReport } from './api/list-reports.js'
export { flattenRecord } from './schema/rows/flatten.js'
export type { FlattenOptions } from './schema/selection.js'
export type { AlikeNamesWarning } from './schema/names/alike-names.js'
export type { UnmatchedName, UnmatchedNameWarning } from './schema/names/name-matcher.js'
export { flowNodeEventRows, type FlowNodeEventsOptions } from './schema/rows/flow-node-events.js'
export type { MiningOptions } from './schema/rows/mining-columns.js'
export type { MiningWarning } from './schema/rows/mining-events.js'
export { profileColumns, type ColumnProfile } from './schema/column-profile.js'
export type { Naming } from './schema/names/naming.js'
export {
  flattenVariables,
  flowNodeEvents,
  type RowTransform,
  type RowTransformEvents,
  type StrictOption,
} from './transforms/transforms.js'
export type {
  Encoder,
  EncoderEvents,
  EncoderStats,
  EncoderWarning,
  NulWarning,
  WorkbookWarning,
} from './encode/encoder.js'
export type { ColumnOptions } from './encode/column-options.js'
export type { ColumnSchema } from './schema/column-schema.js'
export { toCsv } from './encode/csv/to-csv.js'
export type { CsvOptions } from './encode/csv/dialect.js'
export { toParquet, type ParquetOptions } from './encode/parquet/to-parquet.js'
export type { TypedOptions } from './encode/typed/typed-options.js'
export { parquetCodecs, type ParquetCodec } from './encode/parquet/bytes/codecs.js'
export { plainTypes as parquetTypes, type ScalarType as ParquetType } from './schema/types/column-type.js'
export { toNdjson, type NdjsonOptions } from './encode/ndjson/to-ndjson.js'
export { atomicFile, atomicFiles, type FileAtPath } from './files/atomic-file.js'
export type { AtomicFileOptions, WrittenReceipt } from './files/file-options.js'
export { toDataset, type Dataset } from './datasets/to-dataset.js'
export type { DatasetCommonOptions, DatasetOptions } from './datasets/dataset-options.js'
export type { DatasetStats } from './datasets/dataset-stream.js'
export type { DatasetWarning, StrayFilesWarning } from './datasets/dataset-plan.js'
export type { DatasetFormat } from './shared/dataset-formats.js'
export type { DatasetManifest, ManifestFile } from './datasets/dataset-manifest.js'
export type { PartitionValues } from './datasets/partition-key.js'
export type { FileStore } from './files/file-store.js'
export { VERSION } from './shared/package-version.js'
export { ExportError, OptionError, type ExportErrorCode, type ExportErrorContext } from './shared/errors.js'
export type { Cell, ExportRecord, JsonValue, ReportKind, Row } from './shared/types.js'
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
} from './shared/types.js'
export { compareReceipts } from './load/changes/compare-receipts.js'
export { findLastLoad, type FindLoadOptions, type FoundLoad } from './load/find-last-load.js'
export { compareReport, type CompareOptions, type LoadComparison } from './load/compare-report.js'
export { loadReport, type Load, type LoadColumn } from './load/load-report.js'
export type { EventTableOptions, LoadOptions } from './load/load-options.js'
export type { LoadChange } from './load/changes/load-changes.js'
export type { LoadMode } from './load/load-modes.js'
export type { LoadEvent, LoadStep } from './load/load-events.js'
export type { LoadStats } from './load/extract/extraction.js'
export type { Destination } from './load/load-destination.js'
