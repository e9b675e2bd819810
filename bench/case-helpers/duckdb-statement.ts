import { DuckDBInstance } from '@duckdb/node-api'

/** Opens the database, runs one statement, and closes the database. */
export async function runDuckdbStatement(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}
