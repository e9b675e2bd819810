// The options of the encoders of event logs.
import { withDefault, boolean, names, type Rules } from '../../shared/options.js'
import { createCellReader, type Column } from '../../schema/column.js'
import { miningRules, type MiningEventPlan, type MiningOptions } from '../../schema/mining-events.js'
import { ExportError } from '../../shared/errors.js'
import type { Row } from '../../shared/types.js'

/** Options of {@link toXes} and {@link toOcel}. */
export interface EventLogOptions extends Pick<MiningOptions, 'activityFallback'> {
  /** Columns of the process instance, by their prefixed names: attributes of the trace or of the object. @default [] */
  fields?: readonly string[] | undefined
  /** If no record has a name in `fields`: with `true` the stream fails with `ERR_UNMATCHED_NAME`, else it emits a `warning`. @default false */
  strict?: boolean | undefined
}

export const eventLogRules: Rules<EventLogOptions> = {
  activityFallback: miningRules.activityFallback,
  fields: withDefault(names, []),
  strict: withDefault(boolean, false),
}

/** A column of the process instance. */
export type CaseField = Pick<Column, 'id' | 'read'>

/** Options of an event log as the code below uses them. */
export interface EventLogPlan {
  readonly where: string
  readonly mining: MiningEventPlan
  readonly fields: readonly CaseField[]
  readonly strict: boolean
}

/** Creates the plan from options that their rules resolved. */
export function createEventLogPlan(
  where: string,
  { activityFallback = 'unnamed', fields = [], strict = false }: EventLogOptions,
  events: Pick<MiningEventPlan, 'lifecycle' | 'isTimeRequired'>,
): EventLogPlan {
  const columns = fields.map((id) => ({ id, read: createCellReader(id) }))
  return { where, mining: { ...events, timeOf: 'end', activityFallback }, fields: columns, strict }
}

/** Returns the id of a process instance. Throws for a record that is not a process instance. */
export function getCaseId(where: string, record: Row, rowNumber: number): string {
  const id = record['processInstanceId']
  if (typeof id === 'string') return id
  throw new ExportError('ERR_ENCODE', `${where}: record ${rowNumber}: expected a process instance with an id, got none`)
}

/** Returns a date of the server as XML and JSON schemas write it, with a colon in its offset. */
export const toIsoOffset = (date: string): string => date.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
