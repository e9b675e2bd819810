import * as rule from '../../shared/options.js'
import { columnRules } from '../../encode/column-options.js'
import { createStats, type Encoder } from '../../encode/encoder.js'
import { EncoderStream } from '../../encode/encoder-stream.js'
import {
  createSchemaPlan,
  typedRules,
  type ResolvedTypedOptions,
  type TypedOptions,
} from '../../encode/typed/typed-options.js'
import { TableEncoder } from '../../encode/table/table-encoder.js'
import { SingerFormat, type SingerPlan } from './singer-format.js'

/** Options of {@link toSinger}. */
export interface SingerOptions extends Omit<TypedOptions, 'metadata'> {
  /** The name of the stream; a target uses it as the name of the table. */
  stream: string
  /** The number of this load, larger than the numbers of earlier loads. @default the milliseconds since 1970 */
  version?: number | undefined
  /** Called when the source has ended. If the result is false, there is no ACTIVATE_VERSION and no STATE. @default () => true */
  isComplete?: (() => boolean) | undefined
}

const WHERE = 'toSinger'

/**
 * Encodes records or flat rows as the messages of a Singer tap, one per line: SCHEMA, RECORD, and when the source has ended without a
 * failure, ACTIVATE_VERSION and STATE. Columns and types are as in `toParquet`; timestamps are RFC 3339 in UTC, decimals are
 * numbers with all digits.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with the same errors as `toParquet`.
 * @example await pipeline(exportStream({ … }), toSinger({ stream: 'orders', columns: 'all' }), process.stdout)
 */
export function toSinger(options: SingerOptions): Encoder {
  const { types, inferTypes, typesFrom, variables } = typedRules
  const rules: rule.Rules<SingerOptions> = {
    ...columnRules,
    types,
    inferTypes,
    typesFrom,
    variables,
    stream: rule.text,
    version: rule.withDefault(rule.integer(1), Date.now()),
    isComplete: rule.withDefault(rule.callable<() => boolean>('a function'), () => true),
  }
  const resolved = rule.resolveOptions(WHERE, options, rules) as ResolvedTypedOptions &
    rule.Resolved<Omit<SingerOptions, keyof TypedOptions>>
  const { stream, version, isComplete } = resolved
  const { columnPlan, typePlan } = createSchemaPlan(WHERE, resolved, true)
  const plan: SingerPlan = { typePlan, streamVersion: { stream, version }, columnPlan, isComplete }
  const stats = createStats()
  return new EncoderStream(
    WHERE,
    stats,
    (emit, context) =>
      new TableEncoder(columnPlan, new SingerFormat(plan, stats, emit), stats, context, typePlan.mapFields),
  )
}
