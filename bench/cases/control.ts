// The control that must lose: the export as one async generator behind another, a record at a time, each cloned through JSON on
// its way. It does all that the hand-written loop does and more; if it wins, the measuring is wrong.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { ExportRecord } from '../../lib/index.js'
import type { CaseInput, Work } from '../lab/case-types.js'
import { firstPage } from '../peers/columns.js'
import { pageRecords } from '../peers/pages.js'
import { textRow } from '../peers/rows.js'

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await firstPage(input)
  const rowOf = textRow(columns)
  return async () => {
    let rows = 0
    async function* lines(rowsOfCells: AsyncIterable<readonly unknown[]>) {
      yield line(columns.map(({ name }) => name))
      for await (const cells of rowsOfCells) {
        rows++
        yield line(cells)
      }
    }
    await pipeline(pageRecords(input), single, cloned, mapped(rowOf), lines, createWriteStream(input.file))
    return { rows }
  }
}

async function* single(pages: AsyncIterable<ExportRecord[]>) {
  for await (const page of pages) yield* page
}

async function* cloned(records: AsyncIterable<ExportRecord>) {
  for await (const record of records) yield JSON.parse(JSON.stringify(record)) as ExportRecord
}

function mapped(rowOf: (record: ExportRecord) => unknown[]) {
  return async function* (records: AsyncIterable<ExportRecord>) {
    for await (const record of records) yield rowOf(record)
  }
}

const line = (cells: readonly unknown[]) => `${cells.map(cellText).join(',')}\n`

const cellText = (cell: unknown) => `"${((cell ?? '') as string | number).toString().replaceAll('"', '""')}"`
