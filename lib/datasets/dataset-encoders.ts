// The encoders of the files of a dataset. Those of CSV and Parquet give all files the same columns and types.
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toCsv } from '../encode/csv/to-csv.js'
import type { CsvOptions } from '../encode/csv/dialect.js'
import type { Encoder, EncoderStats, EncoderWarning } from '../encode/encoder.js'
import { toNdjson, type NdjsonOptions } from '../encode/ndjson/to-ndjson.js'
import { toParquet, type ParquetOptions } from '../encode/parquet/to-parquet.js'
import { getSourceName, type ColumnSchema } from '../schema/column-schema.js'
import { columnsIfEmptyKey } from '../pages/stream-facts.js'
import type { DatasetFormat } from '../shared/dataset-formats.js'
import type { RecordOrRow } from '../shared/types.js'

export type DatasetEncoderOptions = ParquetOptions & CsvOptions & NdjsonOptions

const factories: Readonly<Record<DatasetFormat, (options: object) => Encoder>> = {
  parquet: toParquet,
  csv: toCsv,
  ndjson: toNdjson,
}

/** The largest `sampleSize` that encoders accept. */
const LARGEST_SAMPLE = 1_000_000

/** Creates the encoder that gets the examples and decides the columns and types. Throws an OptionError for a bad option. */
export function createSchemaEncoder(format: DatasetFormat, options: DatasetEncoderOptions): Encoder {
  const sampling = format === 'ndjson' ? {} : { columns: options.columns ?? 'all', sampleSize: LARGEST_SAMPLE }
  return factories[format]({ ...options, ...sampling })
}

export function createFileEncoder(
  format: DatasetFormat,
  options: DatasetEncoderOptions,
  schema: readonly ColumnSchema[] | undefined,
): Encoder {
  const lenient = { ...options, strict: false }
  if (!schema) return toNdjson(lenient)
  if (format === 'csv') return toCsv({ ...lenient, columns: schema.map(getSourceName) })
  // the types come from the schema, so the first record is enough to begin the file
  const columns = Array.isArray(options.columns) ? (options.columns as readonly string[]) : 'sample'
  return toParquet({ ...lenient, columns, sampleSize: 1, typesFrom: schema })
}

/** Encodes the records, discards the bytes, and returns the stats of the encoder. */
export async function encodeExamples(
  encoder: Encoder,
  records: readonly RecordOrRow[],
  columns: readonly string[] | undefined,
  warn: (warning: EncoderWarning) => void,
): Promise<Readonly<EncoderStats>> {
  encoder.on('warning', warn)
  const discardBytes = new Writable({ write: (_chunk, _encoding, done) => done() })
  await pipeline(Object.assign(Readable.from(records), { [columnsIfEmptyKey]: columns }), encoder, discardBytes)
  return encoder.stats
}
