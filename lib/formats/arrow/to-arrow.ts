import * as rule from '../../shared/options.js'
import type { Encoder } from '../../encode/encoder.js'
import { createEngineEncoder } from '../../encode/typed/engine-encoder.js'
import { typedRules, type ResolvedTypedOptions, type TypedOptions } from '../../encode/typed/typed-options.js'
import { ArrowEngine } from './arrow-engine.js'
import { loadArrow } from './arrow-library.js'

/** Options of {@link toArrow}. */
export interface ArrowOptions extends TypedOptions {
  /** A record batch ends with this many rows. @default 50000 */
  batchRows?: number | undefined
  /** A record batch ends when its values have at least this many bytes. @default 16777216 */
  batchBytes?: number | undefined
}

type ResolvedArrowOptions = ResolvedTypedOptions & rule.Resolved<Omit<ArrowOptions, keyof TypedOptions>>

const rules: rule.Rules<ResolvedArrowOptions> = {
  ...typedRules,
  batchRows: rule.withDefault(rule.integer(1, 10_000_000), 50_000),
  batchBytes: rule.withDefault(rule.integer(1, 1024 ** 3), 16 * 1024 ** 2),
}

const WHERE = 'toArrow'

/**
 * Encodes records or flat rows as an Arrow IPC stream, with the columns and types that `toParquet` gives a file. The package
 * `apache-arrow` must be installed. `json` columns are text with the extension type `arrow.json`. Without records the stream has a schema
 * and no batch.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with an OptionError if `apache-arrow` is not installed, and with the
 * same errors as `toParquet`.
 * @example await pipeline(exportStream({ … }), toArrow(), atomicFile('instances.arrows'))
 */
export function toArrow(options: ArrowOptions = {}): Encoder {
  const resolved = rule.resolveOptions<ResolvedArrowOptions>(WHERE, options, rules)
  // without the package the stream fails at once, not when it has the first record
  const fail = (error: unknown): never => {
    if (encoder.listenerCount('error') > 0) encoder.destroy(error as Error)
    throw error
  }
  const encoder = createEngineEncoder(WHERE, resolved, {
    engine: 'apache-arrow',
    rowGroupRows: resolved.batchRows,
    rowGroupBytes: resolved.batchBytes,
    canWriteNested: true,
    canTakeSpans: true,
    loadEngine: async () => {
      const arrow = await loadArrow(WHERE).catch(fail)
      return (...args) => new ArrowEngine(arrow, ...args)
    },
  })
  return encoder
}
