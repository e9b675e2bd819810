// DuckDB in two steps: pages are saved as they come (the disk works while the next page is fetched), then one COPY reads them
// all, with its columns declared, which saves it from sniffing, and with both cores.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { JsonValue } from '../../lib/index.js'
import type { CaseInput, Format, Work } from '../lab/case-types.js'
import { firstPage, type PeerColumn } from '../peers/columns.js'
import { pageBytes, recordsIn } from '../peers/pages.js'

export async function open(input: CaseInput): Promise<Work> {
  const { record, columns } = await firstPage(input)
  const folder = `${input.file}.pages`
  await mkdir(folder)
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  const format = input.options.format ?? 'csv'
  return async () => {
    const rows = await savePages(input, folder)
    const from = `read_json(${text(join(folder, '*.json'))}, format = 'unstructured', columns = {data: ${text(`${typeOf(record, format)}[]`)}})`
    const selected = columns.map((column) => `${expressionOf(column, format)} AS ${name(column.name)}`)
    const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, CODEC snappy'
    await duckdb.run(
      `COPY (SELECT ${selected.join(', ')} FROM (SELECT unnest(data) AS record FROM ${from})) TO ${text(input.file)} (${options})`,
    )
    await rm(folder, { recursive: true })
    return { rows }
  }
}

async function savePages(input: CaseInput, folder: string): Promise<number> {
  let rows = 0
  let saved = Promise.resolve()
  for await (const bytes of pageBytes(input)) {
    await saved
    rows += recordsIn(bytes)
    saved = writeFile(join(folder, `${String(rows).padStart(9, '0')}.json`), bytes)
  }
  await saved
  return rows
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`
const name = (value: string) => `"${value.replaceAll('"', '""')}"`

/** The record's type. For CSV an array is quickest left as the JSON text it is. */
function typeOf(value: JsonValue | undefined, format: Format): string {
  if (typeof value === 'number') return 'BIGINT'
  if (Array.isArray(value)) return format === 'csv' ? 'JSON' : `${typeOf(value[0], format)}[]`
  if (typeof value !== 'object' || value === null) return 'VARCHAR'
  return `STRUCT(${Object.entries(value)
    .map(([key, of]) => `${name(key)} ${typeOf(of, format)}`)
    .join()})`
}

function expressionOf({ path, type }: PeerColumn, format: Format): string {
  const value = `record.${path.map(name).join('.')}`
  return type === 'date' && format === 'parquet' ? `strptime(${value}, '%Y-%m-%dT%H:%M:%S.%g%z')` : value
}
