// Where the records of a raw data report come from: invented ones, or the user's own.
import { decisionRecords } from './decision-records.js'
import type { Zone } from './dates.js'
import type { EraRules } from './eras.js'
import { processRecords } from './process-records.js'
import type { Settings } from './settings.js'
import type { Variable } from './variables.js'

/** Records by index: 0 is the newest when the server starts, negative ones were inserted later. */
export interface Records {
  readonly idOf: (index: number) => string
  /** The record as JSON text, with the variables that its page shows. */
  readonly render: (index: number, zone: Zone, variables: readonly Variable[]) => string
}

export function recordsOf(settings: Settings, era: EraRules): Records {
  const invented = settings.report === 'decision' ? decisionRecords(settings) : processRecords(settings, era)
  return settings.data ? givenRecords(settings.data, invented) : invented
}

/** One of the user's own records as JSON text: a string or Buffer is that already. */
export function givenText(data: NonNullable<Settings['data']>, index: number): string {
  const record: unknown = typeof data === 'function' ? data(index) : data[index]
  if (typeof record === 'string') return record
  return Buffer.isBuffer(record) ? record.toString() : JSON.stringify(record ?? null)
}

/** The user's records; what is inserted later is invented. */
function givenRecords(data: NonNullable<Settings['data']>, invented: Records): Records {
  return {
    idOf: (index) => (index < 0 ? invented.idOf(index) : (givenId(givenText(data, index)) ?? String(index))),
    render: (index, zone, variables) => (index < 0 ? invented.render(index, zone, variables) : givenText(data, index)),
  }
}

function givenId(text: string): string | undefined {
  const record = JSON.parse(text) as { decisionInstanceId?: unknown; processInstanceId?: unknown } | null
  const id = record?.decisionInstanceId ?? record?.processInstanceId
  return typeof id === 'string' ? id : undefined
}
