// The control, which must be slower than the floor, the hand-written loop and our CSV: a chain of async generators that handle one record
// at a time, clone it through JSON and quote every cell. If the control is no slower than one of them, the measurement is wrong.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { ExportRecord } from '../../lib/index.js'
import type { CaseInput, Work } from '../harness/case-types.js'
import { readFirstPage } from '../case-helpers/columns.js'
import { fetchPageRecords } from '../case-helpers/pages.js'
import { createTextRowConverter } from '../case-helpers/rows.js'

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await readFirstPage(input)
  const toRow = createTextRowConverter(columns)
  return async () => {
    let rows = 0
    async function* formatLines(rowsOfCells: AsyncIterable<readonly unknown[]>) {
      yield formatLine(columns.map(({ name }) => name))
      for await (const cells of rowsOfCells) {
        rows++
        yield formatLine(cells)
      }
    }
    await pipeline(
      fetchPageRecords(input),
      flattenPages,
      cloneRecords,
      mapRecords(toRow),
      formatLines,
      createWriteStream(input.file),
    )
    return { rows }
  }
}

async function* flattenPages(pages: AsyncIterable<ExportRecord[]>) {
  for await (const page of pages) yield* page
}

async function* cloneRecords(records: AsyncIterable<ExportRecord>) {
  for await (const record of records) yield JSON.parse(JSON.stringify(record)) as ExportRecord
}

function mapRecords(toRow: (record: ExportRecord) => unknown[]) {
  return async function* (records: AsyncIterable<ExportRecord>) {
    for await (const record of records) yield toRow(record)
  }
}

const formatLine = (cells: readonly unknown[]) => `${cells.map(formatCell).join(',')}\n`

const formatCell = (cell: unknown) => `"${((cell ?? '') as string | number).toString().replaceAll('"', '""')}"`
