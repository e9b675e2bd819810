// The events of a process record with the names that process-mining tools expect, in the order of their times.
// Sources: IEEE 1849-2016 (concept, lifecycle and time extensions); the activity table of Celonis.
import { OptionError } from '../../shared/errors.js'
import { keepDigits } from '../../shared/json/digits.js'
import { isJsonObject } from '../../shared/json/json.js'
import * as rule from '../../shared/options.js'
import type { Cell, RecordOrRow, Row } from '../../shared/types.js'
import { getCellDigits, setOwnProperty, type Column } from '../column.js'
import { parseTimestamp } from '../types/timestamp.js'

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

export const UNNAMED = 'unnamed'

export const miningRules: rule.Rules<MiningOptions> = {
  naming: rule.optional(rule.oneOf('xes', 'celonis')),
  lifecycle: rule.optional(rule.oneOf('single', 'pairs')),
  activityFallback: rule.optional(rule.text),
}

/** The options that decide the events of a record, with their defaults. */
export interface MiningEventPlan {
  readonly lifecycle: 'single' | 'pairs'
  /** The time of an event with `lifecycle: 'single'`: the start or the end of its flow-node instance. If one is missing, the other. */
  readonly singleTime: 'start' | 'end'
  readonly activityFallback: string
  /** True if the format requires a time. Then flow-node instances without a time are left out. */
  readonly isTimeRequired?: boolean
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

/** Counts of flow-node instances with missing values, for the warnings at the end of an event log. */
export interface MiningCounts {
  unnamed: number
  /** A start but no end. */
  running: number
  /** Neither a start nor an end. */
  untimed: number
}

export const createMiningCounts = (): MiningCounts => ({ unnamed: 0, running: 0, untimed: 0 })

export interface MiningEvent {
  readonly caseId: Cell
  readonly activity: string
  /** Null if the flow-node instance has neither a start nor an end. */
  readonly time: string | null
  readonly start: string | null
  readonly end: string | null
  readonly transition: 'start' | 'complete'
  readonly instanceId: Cell
}

/**
 * Returns the events of a record by time, then the events whose time is missing or unreadable. Equal times keep the order of the server.
 * Counts missing values in `counts`.
 */
export function createMiningEvents(record: RecordOrRow, plan: MiningEventPlan, counts: MiningCounts): MiningEvent[] {
  const instances = record['flowNodeInstances']
  if (!Array.isArray(instances)) return []
  const events = instances.filter(isJsonObject).flatMap((instance): MiningEvent[] => {
    const [name, start, end] = [instance['name'], instance['startDate'], instance['endDate']].map((value) =>
      typeof value === 'string' && value !== '' ? value : null,
    ) as [string | null, string | null, string | null]
    const isUntimed = start === null && end === null
    if (isUntimed) counts.untimed++
    if (isUntimed && plan.isTimeRequired) return []
    if (name === null) counts.unnamed++
    if (end === null && !isUntimed) counts.running++
    const common = {
      caseId: record['processInstanceId'] ?? null,
      activity: name ?? plan.activityFallback,
      instanceId: instance['id'] ?? null,
      ...{ start, end },
    }
    const transition = end === null ? 'start' : 'complete'
    if (plan.lifecycle === 'single')
      return [{ ...common, transition, time: plan.singleTime === 'start' ? (start ?? end) : (end ?? start) }]
    return [
      ...(start !== null || end === null ? [{ ...common, transition: 'start', time: start } as const] : []),
      ...(end === null ? [] : [{ ...common, transition: 'complete', time: end } as const]),
    ]
  })
  const getMs = ({ time }: MiningEvent) => (time === null ? undefined : parseTimestamp(time)) ?? Infinity
  const timed = events.map((event) => ({ event, ms: getMs(event) }))
  return timed.sort((a, b) => (a.ms < b.ms ? -1 : a.ms > b.ms ? 1 : 0)).map(({ event }) => event)
}

export const listMiningColumns = (plan: MiningNamesPlan): readonly string[] =>
  Object.keys(createMiningRow(noEvent, 0, plan))

const noEvent: MiningEvent = {
  ...{ caseId: null, activity: '', time: null, start: null, end: null, transition: 'start', instanceId: null },
}

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
export const removeCasePrefix = (column: string): string =>
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

function createMiningRow(
  { caseId, activity, time, start, end, transition, instanceId }: MiningEvent,
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

/** Some flow-node instances of an event log have no name, no end, or no time at all. The warning is emitted at the end of the log. */
export interface MiningWarning {
  /** Which warning it is. */
  readonly code: 'WARN_UNNAMED_ACTIVITY' | 'WARN_RUNNING_ACTIVITY' | 'WARN_UNTIMED_ACTIVITY'
  /** The same in words. */
  readonly message: string
}

/** Returns one warning for each kind of missing value; about missing ends only if the start is used as the time instead. */
export function createMiningWarnings(where: string, plan: MiningEventPlan, counts: MiningCounts): MiningWarning[] {
  const { unnamed, running, untimed } = counts
  const isTimeReplaced = plan.singleTime === 'end' && plan.lifecycle === 'single'
  const createWarning = (code: MiningWarning['code'], count: number, problem: string): MiningWarning[] => {
    const message = `${where}: ${count} flow-node ${count === 1 ? 'instance' : 'instances'} ${problem}`
    return count > 0 ? [{ code, message }] : []
  }
  return [
    ...createWarning(
      'WARN_UNNAMED_ACTIVITY',
      unnamed,
      `without a name: the activity is ${JSON.stringify(plan.activityFallback)}`,
    ),
    ...createWarning('WARN_RUNNING_ACTIVITY', isTimeReplaced ? running : 0, 'without an end: the time is the start'),
    ...createWarning(
      'WARN_UNTIMED_ACTIVITY',
      untimed,
      plan.isTimeRequired
        ? 'with neither a start nor an end: left out, because the format requires a time'
        : 'with neither a start nor an end: the time is missing',
    ),
  ]
}
