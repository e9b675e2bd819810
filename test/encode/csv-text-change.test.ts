// Cells that some readers misread: PostgreSQL's end mark, line breaks inside cells, formulas, and '' for null.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import t from 'tap'
import { toCsv, type CsvOptions } from '../../lib/index.js'
import { encodeBothWays } from '../support/encode/encode-both-ways.js'
import { encodeCsv, readCsv } from '../support/encode/encode-csv.js'
import { renderPage } from '../support/random/hostile-pages.js'
import { runs } from '../support/random/property.js'

const engines: CsvOptions[] = [{}, { delimiter: '||' }, { stringify: {} }]

/** Returns the text of a file, after a check that it is the same from pages and from records. */
async function file(
  t: { equal(found: string, wanted: string): unknown },
  values: readonly unknown[],
  options: CsvOptions,
): Promise<string> {
  const records = values.map((v, at) => JSON.stringify({ processInstanceId: String(at), variables: { v } }))
  const pages = [renderPage(records, records.length, 'c')]
  const [byPages, byRecords] = await encodeBothWays(pages, () => toCsv({ columns: ['variable:v'], ...options }))
  t.equal(byPages.toString(), byRecords.toString())
  return byPages.toString()
}

t.test('a cell of a backslash and a point is quoted', async (t) => {
  for (const options of engines)
    t.equal(await file(t, ['a', '\\.', 'b\\.', ''], options), 'variable:v\na\n"\\."\nb\\.\n""\n')
  t.equal(await encodeCsv([{ '\\.': 1 }]), '"\\."\n1\n')
})

t.test('NUL in a cell or in a name is a warning at the end, unless lineBreaks replaces it', async (t) => {
  const warnedFor = async (options: CsvOptions, values: readonly string[], name = 'v') => {
    const codes: string[] = []
    const records = values.map((v, at) => JSON.stringify({ processInstanceId: String(at), variables: { [name]: v } }))
    const encoder = () => toCsv(options).on('warning', ({ code, message }) => codes.push(`${code} ${message}`))
    await encodeBothWays([renderPage(records, records.length, 'c')], encoder)
    return codes
  }
  const message =
    "WARN_NUL toCsv: the file has a NUL character, at which psql's \\copy and other programs end the line, perhaps without an error; use lineBreaks 'space' or 'escape' to replace it"
  for (const options of [...engines, { columns: 'all' }, { quote: 'always' }, { preset: 'optimize' }] as CsvOptions[]) {
    t.strictSame(await warnedFor(options, ['a', 'b\0b', 'c\0']), [message, message])
    t.strictSame(await warnedFor(options, ['a'], 'v\0'), [message, message])
    t.strictSame(await warnedFor(options, ['a', '\\0', '0']), [])
    t.strictSame(await warnedFor({ ...options, omit: ['variable:v'] }, ['b\0b']), [])
  }
  for (const options of engines)
    for (const lineBreaks of ['space', 'escape'] as const)
      t.strictSame(await warnedFor({ ...options, lineBreaks }, ['b\0b'], 'v\0'), [])
})

const breaks = ['a\r\nb', 'a\rb', 'a\nb', 'a\vb', 'a\fb', 'a\x85b', 'a\u2028b', 'a\u2029b', 'a\0b', 'a\\nb', '\n\n']

t.test("lineBreaks: with 'space' or 'escape', cells and names have no line break", async (t) => {
  for (const options of engines) {
    const lines = async (lineBreaks: 'space' | 'escape') =>
      (await file(t, breaks, { ...options, lineBreaks })).split('\n').slice(1, -1)
    t.strictSame(await lines('space'), [...Array<string>(9).fill('a b'), 'a\\nb', '"  "'])
    t.strictSame(await lines('escape'), [
      'a\\r\\nb',
      'a\\rb',
      'a\\nb',
      'a\\vb',
      'a\\fb',
      'a\\u0085b',
      'a\\u2028b',
      'a\\u2029b',
      'a\\0b',
      'a\\\\nb',
      '\\n\\n',
    ])
  }
  const row = { 'a\nb': { list: ['x\u2028y'] }, date: new Date(0), n: 1 }
  const rest = ',1970-01-01T00:00:00.000Z,1\n'
  for (const stringify of [undefined, { cast: { date: (date: Date) => date.toISOString() } }]) {
    t.equal(await encodeCsv([row], { lineBreaks: 'space', stringify }), `a b,date,n\n"{""list"":[""x y""]}"${rest}`)
    t.equal(
      await encodeCsv([row], { lineBreaks: 'escape', stringify }),
      `a\\nb,date,n\n"{""list"":[""x\\u2028y""]}"${rest}`,
    )
  }
})

t.test('formulaGuard and lineBreaks together: the guard sees the text without line breaks', async (t) => {
  t.match(await file(t, ['=1\n+2'], { formulaGuard: true, lineBreaks: 'space' }), /'=1 \+2/)
})

t.test("emptyAsNull: '' is written as null", async (t) => {
  for (const options of engines) {
    const text = await file(t, ['', null, 'NULL', ' '], { ...options, emptyAsNull: true, nullValue: 'NULL' })
    t.equal(text, 'variable:v\nNULL\nNULL\n"NULL"\n" "\n')
    t.equal(await file(t, [''], { ...options, nullValue: 'NULL' }), 'variable:v\n""\n')
  }
})

t.test('formulaGuard finds a formula after characters that spreadsheets ignore', async (t) => {
  const hidden = [
    '\0',
    '\v',
    '\f',
    '\x1f',
    '\x7f',
    '\u200b',
    '\uFEFF',
    ' ',
    '\u00a0',
    '\x85',
    '\u2028',
    '\u00ad',
    '\u202e',
    '"',
  ]
  const formulas = hidden.flatMap((first) => [`${first}=1+2`, `${first}＠SUM(A1)`, `${first}-1+1`])
  for (const options of engines) {
    const rows = readCsv(await file(t, formulas, { ...options, formulaGuard: true }), {
      delimiter: options.delimiter ?? ',',
    }).slice(1)
    t.strictSame(
      rows,
      formulas.map((text) => [`'${text}`]),
    )
    const numbers = [' -1.50', '-1.50', '+4', '"-12%"']
    const kept = numbers.slice(0, 3).map((text) => [text])
    t.strictSame(readCsv(await file(t, numbers.slice(0, 3), { ...options, formulaGuard: true })).slice(1), kept)
  }
})

t.test('formulaGuard quotes cells that spreadsheets split in some countries', async (t) => {
  const cells = ['a;=1+2', 'a\t=1+2', 'a|=1', 'a,b', 'a b']
  for (const options of engines.slice(0, 2))
    t.equal(
      await file(t, cells, { ...options, formulaGuard: true }),
      'variable:v\n"a;=1+2"\n"a\t=1+2"\n"a|=1"\n"a,b"\na b\n',
    )
})

const hostile = fc.array(
  fc.constantFrom(
    '\\.',
    '\n',
    '\r\n',
    '"',
    '""',
    ',',
    ';',
    "'",
    '\\',
    'NULL',
    'é',
    '😀',
    ' ',
    '\t',
    'x',
    '\u2028',
    '=1',
  ),
  { maxLength: 4 },
)

t.test('DuckDB and csv-parse read cells with special characters as they were', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'csv-safe-'))
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  t.teardown(async () => {
    connection.closeSync()
    await rm(folder, { recursive: true })
  })
  const values = fc.array(
    hostile.map((parts) => parts.join('')),
    { minLength: 1, maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(values, values, async (first, second) => {
      const rows = first.map((a, at) => ({ a, b: second[at] ?? null }))
      const text = await encodeCsv(rows, { nullValue: 'NULL' })
      const path = join(folder, 'file.csv')
      await writeFile(path, text)
      t.strictSame(
        readCsv(text).slice(1),
        rows.map(({ a, b }) => [a, b ?? 'NULL']),
      )
      const read = await connection.runAndReadAll(
        `FROM read_csv('${path}', header=true, auto_detect=false, quote='"', escape='"', nullstr='NULL', allow_quoted_nulls=false, ` +
          "delim=',', columns={'a': 'VARCHAR', 'b': 'VARCHAR'})",
      )
      t.strictSame(
        read.getRowsJS(),
        rows.map(({ a, b }) => [a, b]),
      )
    }),
    runs(30, 5),
  )
})
