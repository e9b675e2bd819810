// The columns of a report as someone decides them who looks at its first page: a way to each value, and its name.
// Names and order are those of the library, so that the outputs can be held against each other.
import type { ExportRecord } from '../../lib/index.js'
import type { CaseInput } from '../lab/case-types.js'
import { pageRecords } from './pages.js'

/** A column and where its value stands in a record. */
export interface PeerColumn {
  readonly name: string
  readonly path: readonly string[]
  readonly type: 'text' | 'integer' | 'date' | 'json'
}

const durationOf = (id: string) => ['flowNodeDurations', id, 'value']

/** Looks at the first page; not timed. */
export async function firstPage(input: CaseInput): Promise<{ record: ExportRecord; columns: PeerColumn[] }> {
  const first = await pageRecords({ ...input, records: 1 }).next()
  const record = (first.value as ExportRecord[])[0]!
  return { record, columns: columnsOf(record) }
}

function columnsOf(record: ExportRecord): PeerColumn[] {
  const nested = (field: string) => Object.keys((record[field] ?? {}) as object)
  const plain = Object.keys(record).filter((field) => typeof record[field] !== 'object' || record[field] === null)
  return [
    ...plain.map((field) => ({ name: field, path: [field], type: plainType(field) })),
    ...nested('counts').map((id) => ({ name: `count:${id}`, path: ['counts', id], type: 'integer' as const })),
    ...nested('flowNodeDurations').map((id) => ({ name: `dur:${id}`, path: durationOf(id), type: 'integer' as const })),
    ...nested('variables').map((id) => ({ name: `variable:${id}`, path: ['variables', id], type: 'text' as const })),
    ...(record['flowNodeInstances'] === undefined
      ? []
      : [{ name: 'flowNodeInstances', path: ['flowNodeInstances'], type: 'json' as const }]),
  ]
}

function plainType(field: string): PeerColumn['type'] {
  if (field === 'startDate' || field === 'endDate') return 'date'
  return field === 'duration' ? 'integer' : 'text'
}

/** Reads a value by its path; null where there is none. */
export function valueAt(record: ExportRecord, path: readonly string[]): unknown {
  let value: unknown = record
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key]
  return value ?? null
}
