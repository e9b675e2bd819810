// Hostile texts through PostgreSQL's COPY: each is loaded, rejected or damaged as docs/loading.md describes.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { toCsv, type CsvOptions } from '../../lib/index.js'
import { encodeRecords } from '../support/encode/encode-csv.js'
import { startPostgres } from '../support/servers/postgres.js'

const postgres = await startPostgres()
if (typeof postgres !== 'string') t.teardown(() => postgres.stop())
const skip = typeof postgres === 'string' ? postgres : false
const run = promisify(execFile)

type Rows = readonly (readonly string[])[]

/** Loads a CSV file of these rows with `\copy`. Returns the loaded rows or `'an error'`, and whether toCsv() warned of NUL. */
async function loadWithCopy(
  folder: string,
  rows: Rows,
  options: CsvOptions,
): Promise<{ rows: unknown; warned: boolean }> {
  const columns = rows[0]!.map((_, at) => `c${at}`)
  let warned = false
  const encoder = toCsv({ columns, ...options }).on('warning', ({ code }) => (warned ||= code === 'WARN_NUL'))
  const path = join(folder, 'a.csv')
  const records = rows.map((row) => Object.fromEntries(row.map((cell, at) => [columns[at]!, cell])))
  writeFileSync(path, await encodeRecords(records, encoder))
  const script = join(folder, 'a.sql')
  const table = columns.map((name) => `${name} text`).join(', ')
  const copy = `\\copy t from '${path}' with (format csv, header true)`
  writeFileSync(script, `create temp table t (${table});\n${copy}\nselect coalesce(json_agg(t), '[]') from t;\n`)
  const { env } = postgres as Exclude<typeof postgres, string>
  const arguments_ = ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-f', script]
  return run('psql', arguments_, { env: { ...process.env, ...env } }).then(
    ({ stdout }) => ({
      rows: (JSON.parse(stdout) as Record<string, string>[]).map((row) => Object.values(row)),
      warned,
    }),
    () => ({ rows: 'an error', warned }),
  )
}

const hostile: Rows = [
  ['1', 'a'],
  ['\\.', '\\.'],
  ['x\n\\.\ny', 'x\r\n\\.\r\n'],
  ['\\.\nx', 'x\n\\.'],
  ['n\0n', '\0'],
  ['"', ','],
  ['\\N', 'end\0'],
]

t.test('with lineBreaks every text is loaded, in one column and in two', { skip }, async (t) => {
  const folder = t.testdir({})
  const space = (cell: string) => cell.replace(/\r\n|\n|\0/g, ' ')
  const escape = (cell: string) =>
    cell.replaceAll('\\', '\\\\').replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\0', '\\0')
  for (const rows of [hostile, hostile.map(([cell]) => [cell!]), hostile.map(([, cell]) => [cell!])]) {
    const expected = (change: (cell: string) => string) => ({ rows: rows.map((row) => row.map(change)), warned: false })
    t.strictSame(await loadWithCopy(folder, rows, { lineBreaks: 'space' }), expected(space))
    t.strictSame(await loadWithCopy(folder, rows, { lineBreaks: 'escape' }), expected(escape))
  }
})

t.test('without lineBreaks a load is right or fails, unless there was a warning of NUL', { skip }, async (t) => {
  const folder = t.testdir({})
  const { stdout } = await run('psql', ['--version'], { env: { ...process.env } })
  const isOld = Number(/ (\d+)/.exec(stdout)![1]) < 18
  for (const rows of [hostile.slice(0, 2), hostile.slice(5, 6), [['x\n\\.'], ['\\.\nx'], ['\\.']]])
    t.strictSame(await loadWithCopy(folder, rows, {}), { rows, warned: false })
  for (const rows of [[['1', 'x\n\\.\ny']], [['x\r\n\\.\r\n'], ['2']]])
    t.strictSame(await loadWithCopy(folder, rows, {}), { rows: isOld ? 'an error' : rows, warned: false })
  const joined: readonly [Rows, unknown][] = [
    [
      [['a'], ['b\0b'], ['c']],
      [['a'], ['bc']],
    ],
    [
      [['a'], ['b\0b']],
      [['a'], ['b']],
    ],
    [
      [
        ['1\0', 'a'],
        ['2', 'b'],
      ],
      [['12', 'b']],
    ],
    [
      [
        ['1', 'a\0a'],
        ['2', 'b'],
      ],
      'an error',
    ],
  ]
  for (const [rows, result] of joined)
    t.strictSame(await loadWithCopy(folder, rows, {}), { rows: result, warned: true })
})
