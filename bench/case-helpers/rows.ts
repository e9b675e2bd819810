// Makes flat rows for libraries that need rows, in the fastest way that streams allow: the source emits whole pages, and one transform
// pushes their rows without waiting.
import { Readable, Transform } from 'node:stream'
import type { ExportRecord } from '../../lib/index.js'
import type { CaseInput } from '../harness/case-types.js'
import { getValue, type PeerColumn } from './columns.js'
import { fetchPageRecords } from './pages.js'

/** Creates a stream of pages and a transform that converts them to rows. */
export function createRowStreams(input: CaseInput, toRow: (record: ExportRecord) => unknown): [Readable, Transform] {
  const rows = new Transform({
    objectMode: true,
    transform(page: ExportRecord[], _encoding, done) {
      for (const record of page) this.push(toRow(record))
      done()
    },
  })
  return [Readable.from(fetchPageRecords(input)), rows]
}

/** Returns a function that converts a record to an array of its values, with JSON as text. */
export function createTextRowConverter(columns: readonly PeerColumn[]): (record: ExportRecord) => unknown[] {
  return (record) =>
    columns.map(({ path, type }) => {
      const value = getValue(record, path)
      return type === 'json' && value !== null ? JSON.stringify(value) : value
    })
}

/** Returns a function that converts a record to an object of typed values, for Parquet writers. */
export function createTypedRowConverter(columns: readonly PeerColumn[], integer: (value: number) => number | bigint) {
  const toTyped = (value: unknown, type: PeerColumn['type']) => {
    if (value === null || type === 'text') return value
    if (type === 'json') return JSON.stringify(value)
    return type === 'date' ? new Date(value as string) : integer(value as number)
  }
  return (record: ExportRecord): Record<string, unknown> => {
    const row: Record<string, unknown> = {}
    for (const { name, path, type } of columns) row[name] = toTyped(getValue(record, path), type)
    return row
  }
}
