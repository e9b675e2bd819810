// toParquet(): records or flat rows in, the bytes of a Parquet file out.
import type { ExportFacts } from '../../shared/page-hand-over.js'
import { OptionError } from '../../shared/errors.js'
import {
  describe,
  boolean,
  integer,
  oneOf,
  withDefault,
  resolveOptions,
  strings,
  type Rules,
} from '../../shared/options.js'
import { typesRule, type ScalarType } from '../../schema/column-type.js'
import { schemaRule, getSourceName, type ColumnSchema } from '../../schema/column-schema.js'
import { createColumnPlan, columnRules, OVERFLOW_COLUMN, type ColumnOptions } from '../column-options.js'
import { EncoderStream, createStats, type Encoder } from '../encoder.js'
import { parquetCodecs, type ParquetCodec } from './bytes/codecs.js'
import { engines, type EngineName } from './engines/engine.js'
import { ParquetFormat, type ParquetPlan } from './parquet-format.js'
import { VERSION } from '../../shared/package-version.js'
import { TableSink } from '../table-sink.js'

/** A type in the option `types`. */
export type ParquetType = ScalarType

/** Options of {@link toParquet}. */
export interface ParquetOptions extends ColumnOptions {
  /**
   * The types of columns, by their prefixed names; a cell that does not fit is `ERR_CELL_TYPE`. `'json'` accepts JSON text
   * and JSON values. @default none: known fields have the types of the API's data model, variables are text
   */
  types?: Readonly<Record<string, ParquetType>> | undefined
  /**
   * Infers the types of variables, inputs and outputs from the first `sampleSize` records. A column gets a type only if all
   * its cells fit it; `007`, `1e5` and integers beyond 2^53 stay text. @default false
   */
  inferTypes?: boolean | undefined
  /**
   * The parsed receipt of an earlier file, or its `schema`. This file gets the same columns and types in the same order. A
   * cell that does not fit is `ERR_CELL_TYPE`; `types` override these types. A column that is not in the schema is late, see
   * `lateColumns`; with `columns: 'all'` it is added at the end. With a list of columns only the types are used. @default none
   */
  typesFrom?: Readonly<Record<'schema', readonly ColumnSchema[]>> | readonly ColumnSchema[] | undefined
  /** `'map'` writes all variables of a nested record into one MAP<string, string> column called `variables`. @default 'columns' */
  variables?: 'columns' | 'map' | undefined
  /** `'zstd'` needs hyparquet-writer; before Node 22.15 it uses WebAssembly, which is about as fast as gzip. @default 'snappy' */
  codec?: ParquetCodec | undefined
  /** A row group ends with this many rows. @default 50000 */
  rowGroupRows?: number | undefined
  /** A row group ends when its values have at least this many bytes before compression. @default 16777216 */
  rowGroupBytes?: number | undefined
  /**
   * Key-value metadata of the file. The encoder adds `optimize-export.version` and, if an export is piped directly into it,
   * `.reportId`, `.total` and `.startedAt`. @default none except these
   */
  metadata?: Readonly<Record<string, string>> | undefined
  /** The package that writes the file. parquetjs-lite has no zstd and writes nested values as JSON. @default 'hyparquet-writer' */
  engine?: EngineName | undefined
}

const parquetRules: Rules<ParquetOptions> = {
  ...columnRules,
  types: withDefault(typesRule, {}),
  inferTypes: withDefault(boolean, false),
  typesFrom: withDefault<ParquetOptions['typesFrom']>(schemaRule, []),
  variables: withDefault(oneOf('columns', 'map'), 'columns'),
  codec: withDefault(oneOf(...parquetCodecs), 'snappy'),
  rowGroupRows: withDefault(integer(1, 10_000_000), 50_000),
  rowGroupBytes: withDefault(integer(1, 1024 ** 3), 16 * 1024 ** 2),
  metadata: withDefault(strings, {}),
  engine: withDefault(oneOf(...(Object.keys(engines) as EngineName[])), 'hyparquet-writer'),
}

const WHERE = 'toParquet'

/**
 * Encodes records or flat rows as a Parquet file. Dates of the API become UTC timestamps, durations and counts int64,
 * `flowNodeInstances` a list of structs, variables text. A cell that does not fit its column's type fails the stream with
 * `ERR_CELL_TYPE`; `''` in a column that is not text is null. Without records the file has the columns in `columns` or
 * `pick`, else the nine documented process fields.
 *
 * @throws OptionError for a bad option, or one that the engine does not support.
 * @example await pipeline(exportStream({ ... }), toParquet({ types: { 'variable:amount': 'int64' } }), atomicFile('instances.parquet'))
 */
export function toParquet(options: ParquetOptions = {}): Encoder {
  const resolved = resolveOptions(WHERE, options, parquetRules) as ResolvedParquetOptions
  checkSupportedOptions(resolved)
  const { types, inferTypes, typesFrom, codec, engine, rowGroupRows, rowGroupBytes } = resolved
  const earlierColumns = new Map(typesFrom.map((column) => [getSourceName(column), column]))
  const mapFields = resolved.variables === 'map' || isMapColumn(earlierColumns.get('variables')) ? ['variables'] : []
  const columns = {
    ...createColumnPlan(WHERE, resolved, Object.keys(types)),
    earlierColumns: listEarlierColumns(resolved),
  }
  const { canWriteNested } = engines[engine]
  const typeOptions = { types, inferTypes, earlierColumns, mapFields, canWriteNested }
  const groupLimits = { rowGroupRows, rowGroupBytes }
  const plan: Omit<ParquetPlan, 'metadata'> = { where: WHERE, columns, typeOptions, codec, engine, ...groupLimits }
  const stats = { ...createStats(), rowGroups: 0 }
  return new EncoderStream(WHERE, stats, (emit, context) => {
    const metadata = () => ({
      'optimize-export.version': VERSION,
      ...getExportMetadata(context.getExportFacts()),
      ...resolved.metadata,
    })
    return new TableSink(columns, new ParquetFormat({ ...plan, metadata }, stats, emit), stats, context, mapFields)
  })
}

const isMapColumn = (column: ColumnSchema | undefined) => typeof column?.type === 'object' && 'map' in column.type

/** Returns the columns of the earlier file, without its overflow column if this file has one too. */
function listEarlierColumns({
  typesFrom,
  columns,
  lateColumns,
}: ResolvedParquetOptions): readonly string[] | undefined {
  if (typesFrom.length === 0) return undefined
  const hasOverflowColumn = columns === 'sample' && lateColumns === 'overflow'
  return typesFrom.map(getSourceName).filter((id) => !(hasOverflowColumn && id === OVERFLOW_COLUMN))
}

/** Returns the metadata of the export that is piped into the encoder. */
function getExportMetadata(facts: ExportFacts | undefined): Record<string, string> {
  if (!facts) return {}
  const { reportId, total = 0, startedAt } = facts
  return {
    'optimize-export.reportId': reportId,
    'optimize-export.total': String(total),
    'optimize-export.startedAt': startedAt.toISOString(),
  }
}

/** The options with their defaults. */
type ResolvedParquetOptions = Readonly<ColumnOptions> & {
  readonly [K in Exclude<keyof ParquetOptions, keyof ColumnOptions | 'typesFrom'>]-?: Exclude<
    ParquetOptions[K],
    undefined
  >
} & { readonly typesFrom: readonly ColumnSchema[] }

function checkSupportedOptions({ variables, typesFrom, codec, engine }: ResolvedParquetOptions): void {
  const { codecs, canWriteNested } = engines[engine]
  const throwOptionError = (option: string, problem: string) => {
    throw new OptionError(WHERE, option, problem)
  }
  if (!codecs.includes(codec))
    throwOptionError('codec', `expected ${codecs.join(' or ')} with ${engine}, got "${codec}"`)
  const nested = canWriteNested ? undefined : typesFrom.find(({ type }) => typeof type === 'object')
  if (nested)
    throwOptionError(
      'typesFrom',
      `expected columns without lists, structs and maps with ${engine}, got ${describe(nested.name)}`,
    )
  if (variables === 'map' && !canWriteNested)
    throwOptionError('variables', `expected 'columns' with ${engine}, got "map"`)
}
