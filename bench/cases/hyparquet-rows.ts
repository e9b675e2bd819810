// parquetWriteRows, the function of hyparquet-writer for rows that do not fit into memory, with an async iterable.
import { fileWriter, parquetWriteRows } from 'hyparquet-writer'
import type { CaseInput, Work } from '../harness/case-types.js'
import { readFirstPage } from '../case-helpers/columns.js'
import { fetchPageRecords } from '../case-helpers/pages.js'
import { createTypedRowConverter } from '../case-helpers/rows.js'

const types = { text: 'STRING', json: 'STRING', integer: 'INT64', date: 'TIMESTAMP' } as const

export async function open(input: CaseInput): Promise<Work> {
  const { columns: found } = await readFirstPage(input)
  const toRow = createTypedRowConverter(found, BigInt)
  const columns = found.map(({ name, type }) => ({ name, type: types[type] }))
  return async () => {
    let count = 0
    async function* rows() {
      for await (const records of fetchPageRecords(input)) {
        count += records.length
        for (const record of records) yield toRow(record)
      }
    }
    await parquetWriteRows({
      writer: fileWriter(input.file),
      rows: rows(),
      columns,
      codec: 'SNAPPY',
      rowGroupSize: 50_000,
    })
    return { rows: count }
  }
}
