import { OptionError } from '../../shared/errors.js'
import * as rule from '../../shared/options.js'
import { describeValue } from '../../shared/describe-value.js'
import { isDeclaredOnly } from '../../schema/types/column-type.js'
import type { Encoder } from '../encoder.js'
import { parquetCodecs, type ParquetCodec } from './bytes/codecs.js'
import { engines, type EngineName } from './engines/engines.js'
import { createEngineEncoder } from '../typed/engine-encoder.js'
import { typedRules, type ResolvedTypedOptions, type TypedOptions } from '../typed/typed-options.js'

/** Options of {@link toParquet}. */
export interface ParquetOptions extends TypedOptions {
  /** `'zstd'` needs hyparquet-writer; before Node 22.15 it uses WebAssembly, which is about as slow as gzip. @default 'snappy' */
  codec?: ParquetCodec | undefined
  /** A row group ends when it has this many rows. @default 50000 */
  rowGroupRows?: number | undefined
  /** A row group ends when its values have at least this many bytes before compression. @default 16777216 */
  rowGroupBytes?: number | undefined
  /**
   * The package that writes the file. parquetjs-lite has no zstd, no types `date` and `decimal`, no maps; other nested values become JSON.
   * @default 'hyparquet-writer'
   */
  engine?: EngineName | undefined
}

type ResolvedParquetOptions = ResolvedTypedOptions & rule.Resolved<Omit<ParquetOptions, keyof TypedOptions>>

const parquetRules: rule.Rules<ResolvedParquetOptions> = {
  ...typedRules,
  codec: rule.withDefault(rule.oneOf(...parquetCodecs), 'snappy'),
  rowGroupRows: rule.withDefault(rule.integer(1, 10_000_000), 50_000),
  rowGroupBytes: rule.withDefault(rule.integer(1, 1024 ** 3), 16 * 1024 ** 2),
  engine: rule.withDefault(rule.oneOf(...(Object.keys(engines) as EngineName[])), 'hyparquet-writer'),
}

const WHERE = 'toParquet'

/**
 * Encodes records or flat rows as a Parquet file. Dates of the API become UTC timestamps, durations and counts int64,
 * `flowNodeInstances` a list of structs, variables text. A cell that does not fit its column's type fails the stream with
 * `ERR_CELL_TYPE`; `''` in a column that is not text is null. Without records the file has the columns in `columns`, `typesFrom` or
 * `pick`, else the columns of the transform before the encoder, else the nine documented process fields.
 *
 * @throws OptionError for a bad option, or one that the engine does not support, at the call. The stream fails with `ERR_LATE_COLUMN`,
 * `ERR_COLUMN_COLLISION`, `ERR_UNMATCHED_NAME`, `ERR_CELL_TYPE` or `ERR_ENCODE`, and with `columns: 'all'` also with `ERR_SPOOL`.
 * @example await pipeline(exportStream({ ... }), toParquet({ types: { 'variable:amount': 'int64' } }), atomicFile('instances.parquet'))
 */
export function toParquet(options: ParquetOptions = {}): Encoder {
  const resolved = rule.resolveOptions<ResolvedParquetOptions>(WHERE, options, parquetRules)
  checkSupportedOptions(resolved)
  const { load, ...abilities } = engines[resolved.engine]
  return createEngineEncoder(WHERE, resolved, { ...resolved, ...abilities, loadEngine: () => load(resolved.codec) })
}

function checkSupportedOptions({ types, variables, typesFrom, codec, engine }: ResolvedParquetOptions): void {
  const { codecs, canWriteNested, canWriteDatesAndDecimals } = engines[engine]
  const unsupportedTypes = canWriteDatesAndDecimals
    ? []
    : Object.entries(types).filter(([, type]) => isDeclaredOnly(type))
  const declaredOnlyColumn = canWriteDatesAndDecimals ? undefined : typesFrom.find(({ type }) => isDeclaredOnly(type))
  const nestedColumn = canWriteNested ? undefined : typesFrom.find(({ type }) => typeof type === 'object')
  const checks: readonly (readonly [option: string, expected: string, unsupportedValue: unknown])[] = [
    ['codec', `${codecs.join(' or ')} with ${engine}`, codecs.includes(codec) ? undefined : codec],
    ...unsupportedTypes.map(([column, type]) => [`types.${column}`, `a type that ${engine} can write`, type] as const),
    ['typesFrom', `columns without dates and decimals with ${engine}`, declaredOnlyColumn?.name],
    ['typesFrom', `columns without lists, structs and maps with ${engine}`, nestedColumn?.name],
    ['variables', `'columns' with ${engine}`, variables === 'map' && !canWriteNested ? variables : undefined],
  ]
  for (const [option, expected, value] of checks)
    if (value !== undefined) throw new OptionError(WHERE, option, `expected ${expected}, got ${describeValue(value)}`)
}
