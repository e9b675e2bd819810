import t from 'tap'
import type { CsvOptions } from '../../lib/encode/csv/dialect.js'
import { toCsv } from '../../lib/index.js'
import { catchRejection } from '../support/catch-error.js'
import { assertSameBothWays, type EncodedFile } from '../support/encode/encode-both-ways.js'
import { encodeCsv, encodeCsvWithStats, readCsv } from '../support/encode/encode-csv.js'
import { renderPage } from '../support/random/hostile-pages.js'

const specialTexts = ['', '"', '""', '\n', '\r\n', ',', 'a,"b"\r\n,c', '"\n"', '😀"', "'", ' ']

t.test('a column that first appears in the last row is in every row', async (t) => {
  const records = [
    ...Array.from({ length: 2500 }, (_, at) => ({ processInstanceId: String(at), variables: { a: 'x' } })),
    { processInstanceId: 'last', variables: { a: 'x', b: 'y' } },
  ]
  const { text, stats } = await encodeCsvWithStats(records, { columns: 'all' })
  const lines = readCsv(text)
  t.strictSame(lines[0], ['processInstanceId', 'variable:a', 'variable:b'])
  t.strictSame(lines[1], ['0', 'x', ''])
  t.strictSame(lines.at(-1), ['last', 'x', 'y'])
  t.equal(lines.length, 2502)
  t.match(stats, { rows: 2501, columns: 3, lateColumns: 1, droppedCells: 0, bytes: Buffer.byteLength(text) })
})

t.test(
  'columns of the sample are grouped as in the download; late columns come after them in order of appearance',
  async (t) => {
    const records = [
      { processInstanceId: '1', variables: { b: '1' }, extra: 1 },
      { processInstanceId: '2', variables: { b: '2', a: '2' } },
      { processInstanceId: '3', variables: { c: '3' }, duration: 4 },
      { processInstanceId: '4', counts: { incidents: 5 }, variables: {} },
    ]
    t.equal(
      await encodeCsv(records, { columns: 'all', sampleSize: 2 }),
      'processInstanceId,variable:b,variable:a,extra,duration,variable:c,count:incidents\n' +
        '1,1,,1,,,\n2,2,2,,,,\n3,,,,4,3,\n4,,,,,,5\n',
    )
  },
)

/** Returns the columns of a table as sorted texts, to compare tables in which the same columns have another order. */
function sortedColumns(lines: string[][]): string[] {
  return lines[0]!.map((_, at) => JSON.stringify(lines.map((line) => line[at]))).sort()
}

t.test('shorter rows get null cells, whatever characters their cells contain', async (t) => {
  const dialects: CsvOptions[] = [
    {},
    { eol: '\r\n' },
    { quote: 'always' },
    { quote: 'always', eol: '\r\n', nullValue: 'NULL' },
    { nullValue: '\\N', delimiter: '\t' },
    { delimiter: '||', eol: '\r\n' },
    { header: false },
    { formulaGuard: true },
    { bom: true },
  ]
  const records = specialTexts.flatMap((text, at) => [
    { id: `"${at}\n`, [`before${at}`]: text },
    { id: String(at), [`before${at}`]: null, last: text },
  ])
  for (const dialect of dialects) {
    const oneByOne = { ...dialect, sampleSize: 1 }
    const sampled = await encodeCsv(records, { ...dialect, sampleSize: 1000 })
    const lines = (text: string) => readCsv(text, { delimiter: dialect.delimiter ?? ',', bom: dialect.bom ?? false })
    const grown = await encodeCsv(records, { ...oneByOne, columns: 'all' })
    t.strictSame(sortedColumns(lines(grown)), sortedColumns(lines(sampled)), JSON.stringify(dialect))
  }
})

t.test('a line break in a cell does not end a row, however far the quotes are from it', async (t) => {
  const texts = Array.from({ length: 80 }, (_, length) => [
    `${'x'.repeat(length)}\n`,
    `\n${'"'.repeat(length % 3)}${'é'.repeat(length)}`,
    'z'.repeat(length),
  ]).flat()
  const records = [...texts.map((text, at) => ({ id: at, text })), { id: 'last', late: 'x' }]
  for (const eol of ['\n', '\r\n'] as const)
    t.equal(
      await encodeCsv(records, { eol, columns: 'all', sampleSize: 1 }),
      await encodeCsv(records, { eol, columns: ['id', 'text', 'late'] }),
    )
})

t.test('the file has the same bytes as with a list of its columns', async (t) => {
  const records = Array.from({ length: 300 }, (_, at) => ({
    id: specialTexts[at % specialTexts.length],
    [`c${Math.floor(at / 40)}`]: specialTexts[(at * 7) % specialTexts.length],
  }))
  const columns = ['id', ...Array.from({ length: 8 }, (_, at) => `c${at}`)]
  for (const dialect of [{}, { eol: '\r\n', quote: 'always' }, { nullValue: 'x' }] as CsvOptions[])
    t.equal(
      await encodeCsv(records, { ...dialect, columns: 'all', sampleSize: 1 }),
      await encodeCsv(records, { ...dialect, columns }),
    )
})

t.test('rows before the first column are lines of empty cells', async (t) => {
  t.equal(await encodeCsv([{}, {}, { a: 1 }], { columns: 'all', sampleSize: 1 }), 'a\n""\n""\n1\n')
  t.equal(await encodeCsv([{}, { a: 1, b: 2 }], { columns: 'all', sampleSize: 1 }), 'a,b\n,\n1,2\n')
  t.equal(await encodeCsv([{}, { a: 1 }], { columns: 'all', sampleSize: 1, nullValue: 'NULL' }), 'a\nNULL\n1\n')
  t.equal(
    await encodeCsv([{}, { a: 1, b: 2 }], { columns: 'all', sampleSize: 1, nullValue: 'NULL', eol: '\r\n' }),
    'a,b\r\nNULL,NULL\r\n1,2\r\n',
  )
})

t.test('rows of one column get a second cell when a second column appears', async (t) => {
  const rows = [{ a: '' }, { a: null }, { a: 'x', b: 'y' }]
  t.equal(await encodeCsv(rows, { columns: 'all', sampleSize: 1 }), 'a,b\n,\n,\nx,y\n')
  t.equal(await encodeCsv(rows, { columns: 'all', sampleSize: 1, quote: 'always' }), '"a","b"\n"",\n,\n"x","y"\n')
})

t.test('a table that gets no second column has no blank lines', async (t) => {
  const rows = [{ a: '' }, { a: null }, { a: 'x\n\ny' }, {}]
  t.equal(await encodeCsv(rows, { columns: 'all', sampleSize: 1 }), 'a\n""\n""\n"x\n\ny"\n""\n')
  t.equal(await encodeCsv(rows, { columns: 'all', eol: '\r\n' }), 'a\r\n""\r\n""\r\n"x\n\ny"\r\n""\r\n')
  const blanks = [{}, { a: 'x' }, { a: '\t ' }, { a: '\n' }, { a: null }]
  const options = { columns: 'all', sampleSize: 1, nullValue: '  ' } as const
  t.equal(await encodeCsv(blanks, options), 'a\n"  "\nx\n"\t "\n"\n"\n"  "\n')
})

t.test("with columns: 'all', lateColumns has no effect", async (t) => {
  for (const lateColumns of ['error', 'overflow', 'drop'] as const) {
    const { text, stats } = await encodeCsvWithStats([{ a: 1 }, { b: 2 }], {
      columns: 'all',
      sampleSize: 1,
      lateColumns,
    })
    t.equal(text, 'a,b\n1,\n,2\n')
    t.equal(stats.droppedCells, 0)
  }
})

t.test("csv-stringify and preset: 'optimize', which need two passes, write late columns for all rows", async (t) => {
  for (const count of [1, 199, 200, 201, 1700]) {
    const records = Array.from({ length: count }, (_, at) =>
      at === count - 1
        ? { processInstanceId: String(at), variables: { b: 'y' } }
        : { processInstanceId: String(at), variables: {} },
    )
    const expected = [
      ['processInstanceId', 'variable:b'],
      ...records.map(({ processInstanceId, variables }) => [processInstanceId, variables.b ?? '']),
    ]
    for (const options of [{ stringify: {} }, { preset: 'optimize' }] as CsvOptions[]) {
      const { text, stats } = await encodeCsvWithStats(records, { ...options, columns: 'all', sampleSize: 1 })
      t.strictSame(readCsv(text), expected, `${count} ${JSON.stringify(options)}`)
      t.match(stats, { rows: count, columns: 2 })
    }
  }
})

t.test('two passes keep bigints, dates, `__proto__` and undefined', async (t) => {
  const records = [
    { id: 'a', variables: JSON.parse('{"__proto__":"p"}') as object },
    { big: 9007199254740993n, date: new Date(0), list: [1n], none: undefined },
  ]
  const text = await encodeCsv(records, { columns: 'all', stringify: {} })
  t.strictSame(readCsv(text), [
    ['id', 'variable:__proto__', 'big', 'date', 'list', 'none'],
    ['a', 'p', '', '', '', ''],
    ['', '', '9007199254740993', '1970-01-01T00:00:00.000Z', '[1]', ''],
  ])
})

t.test('a cell without a text is an error with the number of its record, with and without csv-stringify', async (t) => {
  const records = [{ a: 1 }, { a: 2, b: new Date(Number.NaN) }]
  for (const options of [{}, { stringify: {} }] as CsvOptions[])
    t.match(await catchRejection(encodeCsv(records, { ...options, columns: 'all' })), {
      code: 'ERR_ENCODE',
      message: /^toCsv: row 2: column "b": expected a valid Date/,
    })
  t.match(await catchRejection(encodeCsv([{ a: () => 1 }], { columns: 'all', stringify: {} })), { code: 'ERR_ENCODE' })
})

t.test('2,000 variables, of which 500 are late, are all in the file', async (t) => {
  const names = Array.from({ length: 2000 }, (_, at) => `v${at}`)
  const records = Array.from({ length: 60 }, (_, at) => ({
    processInstanceId: String(at),
    variables: Object.fromEntries(names.slice(0, at < 30 ? 1500 : 2000).map((name) => [name, `${name}-${at}`])),
  }))
  const lines = readCsv(await encodeCsv(records, { columns: 'all', sampleSize: 10 }))
  t.strictSame(lines[0], ['processInstanceId', ...names.map((name) => `variable:${name}`)])
  t.equal(lines[1]![2000], '')
  t.equal(lines[60]![2000], 'v1999-59')
})

t.test('columns that appear on later pages are written alike from whole pages and from records', async (t) => {
  const values = ['null', '[1,2]', '"a\\"b"', '"2024-05-31T06:11:26.123+0200"', '1.50']
  const createRecord = (id: number, columns: number) => {
    const variables = Array.from({ length: columns }, (_, at) => `"v${at}":${values[(id + at) % values.length]!}`)
    return `{"processInstanceId":"${id}","variables":{${variables.join()}}}`
  }
  // more columns than the kernel has reserved memory for, twice
  const pages = [1, 150, 400].map((columns, page) =>
    renderPage(
      Array.from({ length: 40 }, (_, at) => createRecord(page * 40 + at, columns)),
      120,
      `c${page}`,
    ),
  )
  for (const options of [{}, { preset: 'excel' }, { quote: 'always' }] as const) {
    const file = await assertSameBothWays(pages, () => toCsv({ ...options, columns: 'all', sampleSize: 10 }))
    const lines = readCsv((file as EncodedFile).bytes.toString(), { bom: true })
    t.equal(lines.length, 121)
    t.equal(lines[0]!.length, 401)
  }
})
