// The fast-csv pipeline: rows as arrays, headers given.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { format } from 'fast-csv'
import type { CaseInput, Work } from '../lab/case-types.js'
import { firstPage } from '../peers/columns.js'
import { rowStreams, textRow } from '../peers/rows.js'

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await firstPage(input)
  const headers = columns.map(({ name }) => name)
  return async () => {
    let rows = 0
    const rowOf = textRow(columns)
    const streams = rowStreams(input, (record) => (rows++, rowOf(record)))
    await pipeline([...streams, format({ headers }), createWriteStream(input.file)])
    return { rows }
  }
}
