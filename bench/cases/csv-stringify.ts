// The csv-stringify pipeline, with rows as arrays, which are faster than objects, and with given columns.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import type { CaseInput, Work } from '../harness/case-types.js'
import { readFirstPage } from '../case-helpers/columns.js'
import { createRowStreams, createTextRowConverter } from '../case-helpers/rows.js'

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await readFirstPage(input)
  const header = columns.map(({ name }) => name)
  return async () => {
    let rows = 0
    const toRow = createTextRowConverter(columns)
    const streams = createRowStreams(input, (record) => (rows++, toRow(record)))
    await pipeline([...streams, stringify({ header: true, columns: header }), createWriteStream(input.file)])
    return { rows }
  }
}
