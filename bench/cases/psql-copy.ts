// The bulk tool of PostgreSQL: psql's \copy of a CSV file into an unlogged table, then one statement into the table `copied`.
import { writeFile } from 'node:fs/promises'
import { runPsql } from '../case-helpers/psql.js'
import type { CaseInput, Work } from '../harness/case-types.js'

const ID = 'process_instance_id'

/** The query for the assignments of an upsert into the table. */
const ASSIGNMENTS = `SELECT string_agg(format('%I = excluded.%I', column_name, column_name), ', ') FROM information_schema.columns WHERE table_name = 'orders' AND column_name <> '${ID}'`

const INSERT = 'INSERT INTO copied SELECT * FROM stage'

/** The statements by `options.variant`. */
const statements: Readonly<Record<string, (address: string) => string>> = {
  insert: () => `${INSERT};`,
  replace: () => `BEGIN; DELETE FROM copied; ${INSERT}; COMMIT;`,
  merge: (address) => `${INSERT} ON CONFLICT (${ID}) DO UPDATE SET ${runPsql(address, '-c', ASSIGNMENTS)};`,
}

/** `url` is the address of the database, `file` the script for psql. */
export async function open({ url, file, records, options }: CaseInput): Promise<Work> {
  const lines = [
    'CREATE UNLOGGED TABLE stage (LIKE orders);',
    `\\copy stage from '${options.rowsFile}' with (format csv)`,
    statements[options.variant!]!(url),
    'DROP TABLE stage;',
  ]
  await writeFile(file, lines.join('\n'))
  return () => {
    runPsql(url, '-f', file)
    return Promise.resolve({ rows: records })
  }
}
