// Where the records of a raw data report come from: invented ones, or the user's own.
import { createDecisionRecords } from './decision-records.js'
import type { Zone } from './dates.js'
import type { ApiVersionRules } from './api-versions.js'
import { createProcessRecords } from './process-records.js'
import type { FakeSettings } from './fake-settings.js'
import type { Variable } from './variables.js'

/** Records by index: 0 is the newest when the server starts, negative ones were inserted later. */
export interface RecordSource {
  readonly getId: (index: number) => string
  /** The record as JSON text, with the variables that its page shows. */
  readonly render: (index: number, zone: Zone, variables: readonly Variable[]) => string
}

export function createRecordSource(settings: FakeSettings, versionRules: ApiVersionRules): RecordSource {
  const generated =
    settings.report === 'decision' ? createDecisionRecords(settings) : createProcessRecords(settings, versionRules)
  return settings.data ? createGivenRecords(settings.data, generated) : generated
}

/** One of the user's own records as JSON text: a string or Buffer is that already. */
export function renderGivenRecord(data: NonNullable<FakeSettings['data']>, index: number): string {
  const record: unknown = typeof data === 'function' ? data(index) : data[index]
  if (typeof record === 'string') return record
  return Buffer.isBuffer(record) ? record.toString() : JSON.stringify(record ?? null)
}

/** The user's records; what is inserted later is invented. */
function createGivenRecords(data: NonNullable<FakeSettings['data']>, generated: RecordSource): RecordSource {
  return {
    getId: (index) =>
      index < 0 ? generated.getId(index) : (findGivenId(renderGivenRecord(data, index)) ?? String(index)),
    render: (index, zone, variables) =>
      index < 0 ? generated.render(index, zone, variables) : renderGivenRecord(data, index),
  }
}

function findGivenId(text: string): string | undefined {
  const record = JSON.parse(text) as { decisionInstanceId?: unknown; processInstanceId?: unknown } | null
  const id = record?.decisionInstanceId ?? record?.processInstanceId
  return typeof id === 'string' ? id : undefined
}
