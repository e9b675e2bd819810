import * as rule from '../../shared/options.js'
import { typesRule, type ScalarType } from '../../schema/types/column-type.js'
import type { MiningOptions } from '../../schema/rows/mining-columns.js'
import { UNNAMED, type MiningEventPlan } from '../../schema/rows/mining-events.js'
import { ExportError, OptionError } from '../../shared/errors.js'
import type { RecordOrRow } from '../../shared/types.js'
import { createCaseField, type CaseField } from './case-values.js'

/** Options of {@link toXes} and {@link toOcel}. */
export interface EventLogOptions extends Pick<MiningOptions, 'activityFallback'> {
  /** Columns of the process instance, by their prefixed names: attributes of the trace or of the object. @default [] */
  fields?: readonly string[] | undefined
  /**
   * The types of `fields`, because variables arrive as text: `{ 'variable:amount': 'double' }`. A cell that does not fit is
   * `ERR_CELL_TYPE`. Decimals become floats, and JSON becomes text. @default none: variables are text
   */
  types?: Readonly<Record<string, ScalarType>> | undefined
  /**
   * If `fields` has a name that no record has: with `true` the stream fails with `ERR_UNMATCHED_NAME`, else it emits a `warning`.
   * @default false
   */
  strict?: boolean | undefined
}

export const miningFileRules: rule.Rules<rule.Resolved<EventLogOptions>> = {
  activityFallback: rule.withDefault(rule.text, UNNAMED),
  fields: rule.withDefault(rule.names, []),
  types: rule.withDefault(typesRule, {}),
  strict: rule.withDefault(rule.boolean, false),
}

export interface MiningFilePlan {
  readonly where: string
  readonly mining: MiningEventPlan
  readonly fields: readonly CaseField[]
  readonly strict: boolean
}

/** Throws an OptionError for a type of a column that is not in `fields`. */
export function createMiningFilePlan(
  where: string,
  { activityFallback, fields, types, strict }: rule.Resolved<EventLogOptions>,
  events: Pick<MiningEventPlan, 'lifecycle' | 'isTimeRequired'>,
): MiningFilePlan {
  const unknown = Object.keys(types).find((id) => !fields.includes(id))
  if (unknown !== undefined)
    throw new OptionError(where, `types.${unknown}`, 'expected a column that is also in fields')
  const columns = fields.map((id) => createCaseField(id, Object.hasOwn(types, id) ? types[id] : undefined))
  return { where, mining: { ...events, singleTime: 'end', activityFallback }, fields: columns, strict }
}

export function getCaseId(where: string, record: RecordOrRow, recordNumber: number): string {
  const id = record['processInstanceId']
  // a decision instance has the id of its process instance too
  const isDecision = Object.hasOwn(record, 'decisionInstanceId')
  if (typeof id === 'string' && !isDecision) return id
  const found = isDecision ? 'a decision instance' : 'none'
  throw new ExportError(
    'ERR_ENCODE',
    `${where}: record ${recordNumber}: expected a process instance with an id, got ${found}`,
  )
}
