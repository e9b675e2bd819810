// DuckDB in two steps: pages are saved to files (while the next page is fetched), then one COPY reads all files. The columns are
// declared, so that DuckDB need not detect them, and DuckDB uses both cores.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { JsonValue } from '../../lib/index.js'
import type { CaseInput, Format, Work } from '../harness/case-types.js'
import { readFirstPage, type PeerColumn } from '../case-helpers/columns.js'
import { fetchPageBytes, countRecords } from '../case-helpers/pages.js'

export async function open(input: CaseInput): Promise<Work> {
  const { record, columns } = await readFirstPage(input)
  const folder = `${input.file}.pages`
  await mkdir(folder)
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  const format = input.options.format ?? 'csv'
  return async () => {
    const rows = await savePages(input, folder)
    const from = `read_json(${quoteText(join(folder, '*.json'))}, format = 'unstructured', columns = {data: ${quoteText(`${toDuckdbType(record, format)}[]`)}})`
    const selected = columns.map((column) => `${toExpression(column, format)} AS ${quoteName(column.name)}`)
    const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, CODEC snappy'
    await duckdb.run(
      `COPY (SELECT ${selected.join(', ')} FROM (SELECT unnest(data) AS record FROM ${from})) TO ${quoteText(input.file)} (${options})`,
    )
    await rm(folder, { recursive: true })
    return { rows }
  }
}

async function savePages(input: CaseInput, folder: string): Promise<number> {
  let rows = 0
  let pendingWrite = Promise.resolve()
  for await (const bytes of fetchPageBytes(input)) {
    await pendingWrite
    rows += countRecords(bytes)
    pendingWrite = writeFile(join(folder, `${String(rows).padStart(9, '0')}.json`), bytes)
  }
  await pendingWrite
  return rows
}

const quoteText = (value: string) => `'${value.replaceAll("'", "''")}'`
const quoteName = (value: string) => `"${value.replaceAll('"', '""')}"`

/** Returns the DuckDB type of a value. For CSV an array stays JSON text, because that is fastest. */
function toDuckdbType(value: JsonValue | undefined, format: Format): string {
  if (typeof value === 'number') return 'BIGINT'
  if (Array.isArray(value)) return format === 'csv' ? 'JSON' : `${toDuckdbType(value[0], format)}[]`
  if (typeof value !== 'object' || value === null) return 'VARCHAR'
  return `STRUCT(${Object.entries(value)
    .map(([key, field]) => `${quoteName(key)} ${toDuckdbType(field, format)}`)
    .join()})`
}

function toExpression({ path, type }: PeerColumn, format: Format): string {
  const value = `record.${path.map(quoteName).join('.')}`
  return type === 'date' && format === 'parquet' ? `strptime(${value}, '%Y-%m-%dT%H:%M:%S.%g%z')` : value
}
