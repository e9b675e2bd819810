// Walks through the model of a process, so that the events, durations and dates of an instance agree.
import { MINUTE_MS } from '../../shared/milliseconds.js'
import type { Random } from '../random.js'

export interface Step {
  readonly name: string
  /** The shortest and the longest time, in minutes. */
  readonly minutes: readonly [number, number]
  /** The ids of the steps that may follow, with their weights; absent if the process ends with this step. */
  readonly next?: Readonly<Record<string, number>>
}

export interface ProcessModel {
  readonly key: string
  readonly reportName: string
  /** The beginning of its business keys. */
  readonly prefix: string
  /** The steps by their ids, the first one first. */
  readonly steps: Readonly<Record<string, Step>>
  /** Returns the variables of an instance. The server sends values as text, and an object as JSON texts in an array. */
  readonly createVariables: (random: Random) => Readonly<Record<string, string | readonly string[]>>
}

export interface Visit {
  readonly stepId: string
  readonly name: string
  readonly startMs: number
  /** Undefined while the flow node is active. */
  readonly endMs: number | undefined
}

/** A path does not get longer than this, however often it goes through a loop. */
const MAX_VISITS = 40

/** Returns the visits of one instance up to a time. The last one is active if the instance still runs then. */
export function walk({ steps }: ProcessModel, startMs: number, untilMs: number, random: Random): readonly Visit[] {
  const visits: Visit[] = []
  let stepId: string | undefined = Object.keys(steps)[0]
  let atMs = startMs
  while (stepId !== undefined && visits.length < MAX_VISITS) {
    const { name, minutes, next }: Step = steps[stepId]!
    const endMs: number = atMs + pickMinutes(minutes, random) * MINUTE_MS
    if (endMs > untilMs) return [...visits, { stepId, name, startMs: atMs, endMs: undefined }]
    visits.push({ stepId, name, startMs: atMs, endMs })
    stepId = next && pickNext(next, random)
    atMs = endMs
  }
  return visits
}

/** Short times are more frequent than long ones. */
function pickMinutes([shortest, longest]: readonly [number, number], random: Random): number {
  return shortest + random.below(random.below(longest - shortest + 1) + 1)
}

function pickNext(next: Readonly<Record<string, number>>, random: Random): string {
  const entries = Object.entries(next)
  let rest = random.below(entries.reduce((sum, [, weight]) => sum + weight, 0))
  return entries.find(([, weight]) => (rest -= weight) < 0)![0]
}
