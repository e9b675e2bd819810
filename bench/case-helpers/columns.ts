// Decides the columns of a report from its first record: a name and a path to the value. Names and order are those of the library, so
// that the outputs can be compared.
import type { ExportRecord } from '../../lib/index.js'
import type { CaseInput } from '../harness/case-types.js'
import { fetchPageRecords } from './pages.js'

export interface PeerColumn {
  readonly name: string
  readonly path: readonly string[]
  readonly type: 'text' | 'integer' | 'date' | 'json'
}

const getDurationPath = (id: string) => ['flowNodeDurations', id, 'value']

/** Fetches the first page, and returns its first record and the columns of that record. Cases call it before the timed part. */
export async function readFirstPage(input: CaseInput): Promise<{ record: ExportRecord; columns: PeerColumn[] }> {
  const first = await fetchPageRecords({ ...input, records: 1 }).next()
  const record = (first.value as ExportRecord[])[0]!
  return { record, columns: listColumns(record) }
}

function listColumns(record: ExportRecord): PeerColumn[] {
  const listKeys = (field: string) => Object.keys((record[field] ?? {}) as object)
  const plain = Object.keys(record).filter((field) => typeof record[field] !== 'object' || record[field] === null)
  return [
    ...plain.map((field) => ({ name: field, path: [field], type: getPlainType(field) })),
    ...listKeys('counts').map((id) => ({ name: `count:${id}`, path: ['counts', id], type: 'integer' as const })),
    ...listKeys('flowNodeDurations').map((id) => ({
      name: `dur:${id}`,
      path: getDurationPath(id),
      type: 'integer' as const,
    })),
    ...listKeys('variables').map((id) => ({ name: `variable:${id}`, path: ['variables', id], type: 'text' as const })),
    ...(record['flowNodeInstances'] === undefined
      ? []
      : [{ name: 'flowNodeInstances', path: ['flowNodeInstances'], type: 'json' as const }]),
  ]
}

function getPlainType(field: string): PeerColumn['type'] {
  if (field === 'startDate' || field === 'endDate') return 'date'
  return field === 'duration' ? 'integer' : 'text'
}

/** Returns the value at a path, or null if it does not exist. */
export function getValue(record: ExportRecord, path: readonly string[]): unknown {
  let value: unknown = record
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key]
  return value ?? null
}
