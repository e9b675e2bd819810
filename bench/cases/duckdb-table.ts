// The bulk tool of DuckDB: CREATE TABLE AS of a load file.
import { runDuckdbStatement } from '../case-helpers/duckdb-statement.js'
import type { CaseInput, Work } from '../harness/case-types.js'

export async function open({ file, records, options }: CaseInput): Promise<Work> {
  // loads the library, which the process of our loads has loaded too
  await runDuckdbStatement(':memory:', 'SELECT 1')
  return async () => {
    await runDuckdbStatement(file, `CREATE TABLE orders AS FROM read_parquet('${options.rowsFile}')`)
    return { rows: records }
  }
}
