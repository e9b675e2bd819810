// A plain ParquetWriter of parquetjs-lite, as its README shows it; its own stream, ParquetTransformer, fails in every pipeline.
import parquet from 'parquetjs-lite'
import type { CaseInput, Work } from '../harness/case-types.js'
import { readFirstPage, type PeerColumn } from '../case-helpers/columns.js'
import { fetchPageRecords } from '../case-helpers/pages.js'
import { createTypedRowConverter } from '../case-helpers/rows.js'

interface Writer {
  appendRow(row: object): Promise<void>
  close(): Promise<void>
}

/** The parts of the package that `parquetjs-lite.d.ts` does not declare. */
const ParquetWriter = parquet.ParquetWriter as unknown as {
  openFile(schema: object, path: string): Promise<Writer>
}
const types = { text: 'UTF8', json: 'UTF8', integer: 'INT64', date: 'TIMESTAMP_MILLIS' } as const

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await readFirstPage(input)
  const toRow = createTypedRowConverter(columns, (value) => value)
  return async () => {
    const writer = await ParquetWriter.openFile(createSchema(columns), input.file)
    let rows = 0
    for await (const records of fetchPageRecords(input)) {
      rows += records.length
      for (const record of records) await writer.appendRow(toRow(record))
    }
    await writer.close()
    return { rows }
  }
}

function createSchema(columns: readonly PeerColumn[]) {
  const field = ({ name, type }: PeerColumn) =>
    [name, { type: types[type], optional: true, compression: 'SNAPPY', statistics: true }] as const
  return new parquet.ParquetSchema(Object.fromEntries(columns.map(field)))
}
