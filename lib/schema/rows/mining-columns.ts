// The columns of an event log with the names that process-mining tools expect.
// Sources: IEEE 1849-2016 (concept, lifecycle and time extensions); the activity table of Celonis.
import { OptionError } from '../../shared/errors.js'
import { keepDigits } from '../../shared/json/digits.js'
import * as rule from '../../shared/options.js'
import type { RecordOrRow, Row } from '../../shared/types.js'
import { getCellDigits, setOwnProperty, type Column } from '../column.js'
import {
  createMiningEvents,
  UNNAMED,
  type MiningCounts,
  type MiningEvent,
  type MiningEventPlan,
} from './mining-events.js'

/** Options of an event log for process mining. */
export interface MiningOptions {
  /**
   * The names of the columns. `'xes'`: `case:concept:name`, `concept:name`, `time:timestamp`, `start_timestamp`,
   * `lifecycle:transition`, `concept:instance`, `sorting`, and `case:` before each of `fields`. `'celonis'`: `_CASE_KEY`,
   * `ACTIVITY_EN`, `EVENTTIME`, `ENDTIME`, `LIFECYCLE`, `EVENT_ID`, `_SORTING`. Both sort the events of a process
   * instance by time, and count them from 1 in the sorting column. @default names of Optimize, in the order of the server
   */
  naming?: 'xes' | 'celonis' | undefined
  /**
   * `'single'`: one row per flow-node instance; its time is the end, or the start if the instance still runs (with `'celonis'` the
   * start). `'pairs'`: a row for the start and one for the end, as far as they exist, or one row without a time; both rows have
   * the same id, and there is no column `start_timestamp` or `ENDTIME`. Needs `naming`. @default 'single'
   */
  lifecycle?: 'single' | 'pairs' | undefined
  /** The activity of a flow node without a name; mining tools leave out rows without an activity. Needs `naming`. @default 'unnamed' */
  activityFallback?: string | undefined
}

export const miningRules: rule.Rules<MiningOptions> = {
  naming: rule.optional(rule.oneOf('xes', 'celonis')),
  lifecycle: rule.optional(rule.oneOf('single', 'pairs')),
  activityFallback: rule.optional(rule.text),
}

export interface MiningNamesPlan extends MiningEventPlan {
  readonly naming: 'xes' | 'celonis'
}

export function resolveMiningNamesPlan(where: string, options: MiningOptions): MiningNamesPlan | undefined {
  const { naming, lifecycle, activityFallback } = options
  const singleTime = naming === 'celonis' ? 'start' : 'end'
  if (naming)
    return { naming, singleTime, lifecycle: lifecycle ?? 'single', activityFallback: activityFallback ?? UNNAMED }
  for (const [option, value] of Object.entries({ lifecycle, activityFallback }))
    if (value !== undefined) throw new OptionError(where, option, "needs naming: 'xes' or 'celonis'")
  return undefined
}

export const listMiningColumns = (plan: MiningNamesPlan): readonly string[] => Object.keys(createMiningRow({}, 0, plan))

export const getMiningColumnName = (id: string, { naming }: MiningNamesPlan): string =>
  naming === 'xes' ? `${XES_CASE_PREFIX}${id}` : id

const typeByMiningColumn: Readonly<Record<string, 'timestamp' | 'int64'>> = {
  'time:timestamp': 'timestamp',
  start_timestamp: 'timestamp',
  sorting: 'int64',
  EVENTTIME: 'timestamp',
  ENDTIME: 'timestamp',
  _SORTING: 'int64',
}

export const getMiningColumnType = (column: string): 'timestamp' | 'int64' | undefined =>
  Object.hasOwn(typeByMiningColumn, column) ? typeByMiningColumn[column] : undefined

const XES_CASE_PREFIX = 'case:'

/** Returns `businessKey` for `case:businessKey`: the name that the column has in the record. A name without `case:` does not change. */
export const removeXesCasePrefix = (column: string): string =>
  column.startsWith(XES_CASE_PREFIX) ? column.slice(XES_CASE_PREFIX.length) : column

export function createMiningRows(
  record: RecordOrRow,
  fields: readonly Pick<Column, 'id' | 'read'>[],
  plan: MiningNamesPlan,
  counts: MiningCounts,
): Row[] {
  return createMiningEvents(record, plan, counts).map((event, index) => {
    const row = createMiningRow(event, index + 1, plan)
    for (const field of fields) {
      setOwnProperty(row, getMiningColumnName(field.id, plan), field.read(record) ?? null)
      keepDigits(row, getMiningColumnName(field.id, plan), getCellDigits(field, record))
    }
    return row
  })
}

/** @param event may be empty, if only the names of the columns are needed */
function createMiningRow(
  { caseId, activity, time, start, end, transition, instanceId }: Partial<MiningEvent>,
  position: number,
  { naming, lifecycle }: MiningNamesPlan,
): Row {
  const isSingle = lifecycle === 'single'
  if (naming === 'xes')
    return {
      'case:concept:name': caseId,
      'concept:name': activity,
      'time:timestamp': time,
      ...(isSingle ? { start_timestamp: start } : {}),
      'lifecycle:transition': transition,
      'concept:instance': instanceId,
      sorting: position,
    }
  return {
    _CASE_KEY: caseId,
    ACTIVITY_EN: activity,
    EVENTTIME: time,
    ...(isSingle ? { ENDTIME: end } : {}),
    LIFECYCLE: transition,
    EVENT_ID: instanceId,
    _SORTING: position,
  }
}
