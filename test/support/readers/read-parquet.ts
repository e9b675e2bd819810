// Parquet files read back by two readers that share no code with the writers: DuckDB and hyparquet.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { parquetMetadata, parquetRead, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

/** A file as a reader sees it: timestamps are Dates, structs objects, lists arrays, int64 bigints. */
export interface TableRead {
  readonly names: string[]
  readonly rows: unknown[][]
}

/** The values that DuckDB reads, with the types that it reports. */
export interface DuckdbRead extends TableRead {
  readonly types: string[]
}

/** One database for all reads, because opening and closing a database takes longer than reading a small file. */
let database: Promise<DuckDBInstance> | undefined

/** Reads with DuckDB. The name of the file in `sql` is `file`. */
export async function readWithDuckdb(path: string, sql = 'SELECT * FROM file'): Promise<DuckdbRead> {
  const connection = await (await (database ??= DuckDBInstance.create(':memory:', { threads: '1' }))).connect()
  try {
    await connection.run(`CREATE TEMP VIEW file AS FROM read_parquet('${path.replaceAll("'", "''")}')`)
    const result = await connection.runAndReadAll(sql)
    const types = result.columnTypes().map(String)
    return { names: result.columnNames(), types, rows: result.getRowsJS() }
  } finally {
    connection.closeSync()
  }
}

/** {@link readWithDuckdb} for bytes, through a temporary file. */
export async function readBytesWithDuckdb(bytes: Uint8Array, sql?: string): Promise<DuckdbRead> {
  const folder = await mkdtemp(join(tmpdir(), 'read-parquet-'))
  try {
    const path = join(folder, 'file.parquet')
    await writeFile(path, bytes)
    return await readWithDuckdb(path, sql)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Reads with hyparquet: JSON columns are parsed, a map is an object, and values that hyparquet leaves undefined are null. */
export async function readWithHyparquet(bytes: Uint8Array): Promise<TableRead> {
  const file = toExactBuffer(bytes)
  let rows: unknown[][] = []
  await parquetRead({ file, compressors, onComplete: (read) => (rows = read as unknown[][]) })
  return { names: listTopNames(parquetMetadata(file)), rows: rows.map((row) => row.map(toNulls)) }
}

function toNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toNulls)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value ?? null
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toNulls(part)]))
}

export const readFooter = (bytes: Uint8Array): FileMetaData => parquetMetadata(toExactBuffer(bytes))

const toExactBuffer = (bytes: Uint8Array) => new Uint8Array(bytes).buffer

/** Returns the names of the top columns. The schema lists all columns depth first, each group before its children. */
function listTopNames({ schema }: FileMetaData): string[] {
  const names: string[] = []
  for (let at = 1; at < schema.length; at = skipElement(schema, at)) names.push(schema[at]!.name)
  return names
}

function skipElement(schema: FileMetaData['schema'], at: number): number {
  let next = at + 1
  for (let children = schema[at]!.num_children ?? 0; children > 0; children--) next = skipElement(schema, next)
  return next
}
