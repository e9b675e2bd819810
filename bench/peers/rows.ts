// Flat rows for the libraries that want rows, by the quickest way there is through streams: whole pages travel, and one
// transform pushes their rows without waiting in between.
import { Readable, Transform } from 'node:stream'
import type { ExportRecord } from '../../lib/index.js'
import type { CaseInput } from '../lab/case-types.js'
import { getValue, type PeerColumn } from './columns.js'
import { fetchPageRecords } from './pages.js'

/** A stream of pages and a transform that makes rows of them. */
export function createRowStreams(input: CaseInput, toRow: (record: ExportRecord) => unknown): [Readable, Transform] {
  const toRows = new Transform({
    objectMode: true,
    transform(page: ExportRecord[], _encoding, done) {
      for (const record of page) this.push(toRow(record))
      done()
    },
  })
  return [Readable.from(fetchPageRecords(input)), toRows]
}

/** A row as an array of texts. */
export function createTextRow(columns: readonly PeerColumn[]): (record: ExportRecord) => unknown[] {
  return (record) =>
    columns.map(({ path, type }) => {
      const value = getValue(record, path)
      return type === 'json' && value !== null ? JSON.stringify(value) : value
    })
}

/** A row as an object of typed values, as Parquet writers take them. */
export function createTypedRow(columns: readonly PeerColumn[], integer: (value: number) => number | bigint) {
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
