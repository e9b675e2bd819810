// The source of the records of a raw data report: generated records, or records of the user.
import { createDecisionRecords } from './decision-records.js'
import type { Zone } from '../dates.js'
import type { EraRules } from '../eras.js'
import { createProcessRecords } from './process-records.js'
import type { FakeSettings } from '../options/fake-settings.js'
import type { Variable } from './variables.js'

/** Records by index: 0 is the newest when the server starts, negative ones were inserted later. */
export interface RecordSource {
  readonly getId: (index: number) => string
  /** Returns the record as JSON text, with the variables of its page. */
  readonly render: (index: number, zone: Zone, variables: readonly Variable[]) => string
}

export function createRecordSource(settings: FakeSettings, eraRules: EraRules): RecordSource {
  const createRecords = settings.report === 'decision' ? createDecisionRecords : createProcessRecords
  const generated = createRecords(settings, eraRules)
  return settings.data ? createGivenRecords(settings.data, generated) : generated
}

/** Returns a record of the user as JSON text; a string or Buffer is JSON text already. */
export function renderGivenRecord(data: NonNullable<FakeSettings['data']>, index: number): string {
  const record: unknown = typeof data === 'function' ? data(index) : data[index]
  if (typeof record === 'string') return record
  return Buffer.isBuffer(record) ? record.toString() : JSON.stringify(record ?? null)
}

/** Returns the records of the user; records inserted later are generated. */
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
