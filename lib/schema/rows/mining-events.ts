// The events of a process record for process-mining tools, in the order of their times.
import { describeCount } from '../../shared/describe-value.js'
import { isJsonObject } from '../../shared/json/json.js'
import type { Cell, RecordOrRow } from '../../shared/types.js'
import { parseTimestamp } from '../types/timestamp.js'

export const UNNAMED = 'unnamed'

/** The options that decide the events of a record, with their defaults. */
export interface MiningEventPlan {
  readonly lifecycle: 'single' | 'pairs'
  /** The time of an event with `lifecycle: 'single'`: the start or the end of its flow-node instance. If one is missing, the other. */
  readonly singleTime: 'start' | 'end'
  readonly activityFallback: string
  /** True if the format requires a time. Then flow-node instances without a time are left out. */
  readonly isTimeRequired?: boolean
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
 * Returns the events of a record, sorted by time. Events with equal times keep the order of the server. Those without a readable time come
 * last. Counts missing values in `counts`.
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
      start,
      end,
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
    const message = `${where}: ${describeCount(count, 'flow-node instance')} ${problem}`
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
