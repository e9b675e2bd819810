// The fast-csv pipeline, with rows as arrays and given headers.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { format } from 'fast-csv'
import type { CaseInput, Work } from '../harness/case-types.js'
import { readFirstPage } from '../case-helpers/columns.js'
import { createRowStreams, createTextRowConverter } from '../case-helpers/rows.js'

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await readFirstPage(input)
  const headers = columns.map(({ name }) => name)
  return async () => {
    let rows = 0
    const toRow = createTextRowConverter(columns)
    const streams = createRowStreams(input, (record) => (rows++, toRow(record)))
    await pipeline([...streams, format({ headers }), createWriteStream(input.file)])
    return { rows }
  }
}
