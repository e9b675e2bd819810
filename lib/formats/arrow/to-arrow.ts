import * as rule from '../../shared/options.js'
import { createStats, type Encoder } from '../../encode/encoder.js'
import { EncoderStream } from '../../encode/encoder-stream.js'
import { TypedFormat, type TypedFormatPlan } from '../../encode/typed/typed-format.js'
import {
  createFileMetadata,
  createTypedPlan,
  typedRules,
  type ResolvedTypedOptions,
  type TypedOptions,
} from '../../encode/typed/typed-options.js'
import { TableEncoder } from '../../encode/table/table-encoder.js'
import { ArrowEngine } from './arrow-engine.js'
import { loadArrow } from './arrow-library.js'

/** Options of {@link toArrow}. */
export interface ArrowOptions extends TypedOptions {
  /** A record batch ends with this many rows. @default 50000 */
  batchRows?: number | undefined
  /** A record batch ends when its values have at least this many bytes. @default 16777216 */
  batchBytes?: number | undefined
}

const rules: rule.Rules<ArrowOptions> = {
  ...typedRules,
  batchRows: rule.withDefault(rule.integer(1, 10_000_000), 50_000),
  batchBytes: rule.withDefault(rule.integer(1, 1024 ** 3), 16 * 1024 ** 2),
}

const WHERE = 'toArrow'

type ResolvedArrowOptions = ResolvedTypedOptions & rule.Resolved<Omit<ArrowOptions, keyof TypedOptions>>

/**
 * Encodes records or flat rows as an Arrow IPC stream, with the columns and types that `toParquet` gives a file. It needs the package
 * `apache-arrow`. `json` columns are text with the extension type `arrow.json`. Without records the stream has a schema and no batch.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with an OptionError if `apache-arrow` is not installed.
 * @example await pipeline(exportStream({ … }), toArrow(), atomicFile('instances.arrows'))
 */
export function toArrow(options: ArrowOptions = {}): Encoder {
  const resolved = rule.resolveOptions(WHERE, options, rules) as ResolvedArrowOptions
  const { columnPlan, typeOptions, mapFields } = createTypedPlan(WHERE, resolved, true)
  const library = loadArrow(WHERE)
  const stats = { ...createStats(), rowGroups: 0 }
  const encoder = new EncoderStream(WHERE, stats, (emit, context) => {
    const plan: TypedFormatPlan = {
      where: WHERE,
      columnPlan,
      typeOptions,
      engine: 'apache-arrow',
      rowGroupRows: resolved.batchRows,
      rowGroupBytes: resolved.batchBytes,
      getMetadata: () => createFileMetadata(context, resolved.metadata),
      canTakeSpans: true,
      loadEngine: async () => {
        const arrow = await library
        return (...args) => new ArrowEngine(arrow, ...args)
      },
    }
    return new TableEncoder(columnPlan, new TypedFormat(plan, stats, emit), stats, context, mapFields)
  })
  // without the package the stream fails at once, not when the engine is needed
  library.catch((error: unknown) => {
    if (encoder.listenerCount('error') > 0) encoder.destroy(error as Error)
  })
  return encoder
}
