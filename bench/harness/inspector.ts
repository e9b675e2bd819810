// Reads the output of a case with DuckDB, which shares no code with the library. It runs in the process of the bench and is not timed.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import type { Format } from './case-types.js'

/** The content of a file, as figures that do not depend on the order of its rows. */
export interface Contents {
  readonly rows: number
  /** The sum of the hashes of all instance ids. */
  readonly idHash: string
}

type Table = readonly (readonly unknown[])[]

const quoteText = (value: string) => `'${value.replaceAll("'", "''")}'`

export class Inspector {
  readonly #duckdb: DuckDBConnection

  private constructor(duckdb: DuckDBConnection) {
    this.#duckdb = duckdb
  }

  static async open(): Promise<Inspector> {
    return new Inspector(await (await DuckDBInstance.create(':memory:')).connect())
  }

  close(): void {
    this.#duckdb.closeSync()
  }

  /** Returns the expected content: the first ids of the server. */
  async readExpected(idsFile: string, records: number): Promise<Contents> {
    const ids = `read_csv(${quoteText(idsFile)}, header = true, all_varchar = true)`
    const [[rows, sum] = []] = await this.query(`SELECT count(*), sum(hash(id)) FROM (FROM ${ids} LIMIT ${records})`)
    return { rows: Number(rows), idHash: String(sum) }
  }

  async readContents(file: string, format: Format): Promise<Contents> {
    const from = toTableExpression(file, format)
    const [[rows, sum] = []] = await this.query(`SELECT count(*), sum(hash(processInstanceId)) FROM ${from}`)
    return { rows: Number(rows), idHash: String(sum) }
  }

  /** Returns the names of the columns; for CSV also the sum of the hashes of each column's cells. */
  async readFingerprint(file: string, format: Format): Promise<string[]> {
    const from = toTableExpression(file, format)
    const names = (await this.query(`DESCRIBE FROM ${from}`)).map(([name]) => String(name))
    if (format !== 'csv') return names.sort()
    const [sums = []] = await this.query(`SELECT sum(hash(coalesce(COLUMNS(*), ''))) FROM ${from}`)
    return names.map((name, at) => `${name} ${String(sums[at])}`).sort()
  }

  /** Writes the rows of a Parquet file to another file with DuckDB. */
  async copyParquet(from: string, to: string, codec: string): Promise<void> {
    await this.query(
      `COPY (FROM read_parquet(${quoteText(from)})) TO ${quoteText(to)} (FORMAT parquet, CODEC ${codec})`,
    )
  }

  async query(sql: string): Promise<Table> {
    return (await this.#duckdb.runAndReadAll(sql)).getRowsJson()
  }
}

function toTableExpression(file: string, format: Format): string {
  if (format === 'parquet') return `read_parquet(${quoteText(file)})`
  if (format === 'ndjson')
    return `read_json(${quoteText(file)}, format = 'newline_delimited', columns = {processInstanceId: 'VARCHAR'})`
  const dialect = `delim = ',', quote = '"', escape = '"', nullstr = ''`
  return `read_csv(${quoteText(file)}, header = true, all_varchar = true, ${dialect})`
}
