import t from 'tap'
import type { CsvOptions } from '../../lib/encode/csv/dialect.js'
import { catchRejection } from '../support/catch-error.js'
import { encodeCsv, readCsv } from '../support/encode/encode-csv.js'

const rows = [
  { a: 'x', b: 1, c: true },
  { a: 'y;"z"', b: -2, c: false },
  { a: '', b: null, c: undefined },
]

const csv = (stringify: NonNullable<CsvOptions['stringify']>, options: CsvOptions = {}) =>
  encodeCsv(rows, { ...options, stringify })

t.test('csv-stringify without options writes the same file as our encoder', async (t) => {
  for (const options of [
    {},
    { eol: '\r\n', quote: 'always' },
    { delimiter: ';', bom: true, header: false },
  ] as CsvOptions[])
    t.equal(await csv({}, options), await encodeCsv(rows, options))
})

t.test('the options of csv-stringify override ours', async (t) => {
  t.equal(
    await csv({ delimiter: '\t', header: false }, { delimiter: ';', header: true }),
    'x\t1\ttrue\n"y;""z"""\t-2\tfalse\n\t\t\n',
  )
})

t.test('options about the delimiter, quotes and escapes are applied', async (t) => {
  t.equal(
    await csv({ delimiter: '\t', quoted: true }),
    '"a"\t"b"\t"c"\n"x"\t"1"\t"true"\n"y;""z"""\t"-2"\t"false"\n\t\t\n',
  )
  t.equal(await csv({ quote: "'", escape: "'", delimiter: ';' }), `a;b;c\nx;1;true\n'y;"z"';-2;false\n;;\n`)
  t.equal(await csv({ escape: '\\' }, { header: false }), 'x,1,true\n"y;\\"z\\"",-2,false\n,,\n')
  t.equal(await csv({ quoted_string: true }, { header: false }), '"x",1,true\n"y;""z""",-2,false\n"",,\n')
  t.equal(await csv({ quoted_empty: true }, { header: false }), 'x,1,true\n"y;""z""",-2,false\n"","",""\n')
  t.equal(await csv({ quoted_match: /^x/ }, { header: false }), '"x",1,true\n"y;""z""",-2,false\n,,\n')
  t.equal(await csv({ escape_formulas: true }, { header: false }), 'x,1,true\n"y;""z""",-2,false\n,,\n')
})

t.test('a record delimiter may be given by its name; cells with line breaks are quoted with each', async (t) => {
  for (const [name, delimiter] of [
    ['windows', '\r\n'],
    ['unix', '\n'],
    ['mac', '\r'],
    ['unicode', '\u2028'],
    ['\n\n', '\n\n'],
  ] as const) {
    const text = await encodeCsv([{ a: 'x\ny', b: 'x\ry' }], { stringify: { record_delimiter: name } })
    t.equal(text, `a,b${delimiter}"x\ny","x\ry"${delimiter}`, name)
  }
})

t.test('bom writes a byte order mark, and header_as_comment the names as a comment', async (t) => {
  t.equal(await csv({ bom: true }), '\uFEFFa,b,c\nx,1,true\n"y;""z""",-2,false\n,,\n')
  t.equal(await csv({ header_as_comment: '#' }), '# a,b,c\nx,1,true\n"y;""z""",-2,false\n,,\n')
})

t.test('eof: false leaves out the last line break and no other, whatever the number of batches', async (t) => {
  const many = Array.from({ length: 1500 }, (_, at) => ({ at }))
  const lines = ['at', ...many.map(({ at }) => String(at))]
  t.equal(await encodeCsv(many, { stringify: { eof: false } }), lines.join('\n'))
  t.equal(await encodeCsv(many, { stringify: { eof: false, record_delimiter: 'windows' } }), lines.join('\r\n'))
  t.equal(
    await encodeCsv(many, { stringify: { eof: false, bom: true, header: false } }),
    `\uFEFF${lines.slice(1).join('\n')}`,
  )
  t.equal(await encodeCsv([], { columns: ['a'], stringify: { eof: false } }), 'a')
})

t.test('casts of the caller replace ours, for every type of cell', async (t) => {
  const cells = [{ yes: true, date: new Date(0), object: { a: 1 }, text: 'x', none: null, number: 1.5, big: 7n }]
  t.equal(
    await encodeCsv(cells, {
      header: false,
      stringify: {
        cast: {
          boolean: (value) => (value ? 'ja' : 'nein'),
          date: (value) => String(value.getTime()),
          object: (value) => Object.keys(value).join(),
          string: (value) => value.toUpperCase(),
          null: () => 'null',
          number: (value) => value.toFixed(2),
          bigint: (value) => `${value}n`,
        },
      },
    }),
    'ja,0,a,X,null,1.50,7n\n',
  )
})

t.test('a cast may return a value with its own options', async (t) => {
  const stringify = { cast: { string: (value: string) => ({ value, quoted: true }) } }
  t.equal(await encodeCsv([{ a: 'x', b: 1 }], { header: false, stringify }), '"x",1\n')
})

t.test('a cast gets the name of its column and the number of its record in the file', async (t) => {
  const seen: unknown[] = []
  const cast = {
    number: (
      value: number,
      { column, header, index, records }: { column?: unknown; header: boolean; index: number; records: number },
    ) => {
      seen.push([column, header, index, records])
      return String(value)
    },
  }
  const many = Array.from({ length: 1200 }, (_, at) => ({ x: 'x', 'variable:at': at }))
  await encodeCsv(many, { stringify: { cast } })
  t.equal(seen.length, 1200)
  t.strictSame(seen[0], ['variable:at', false, 1, 0])
  t.strictSame(seen[1199], ['variable:at', false, 1, 1199])
})

t.test('a name that is empty, or looks like a path or a property of a prototype, is read as a whole', async (t) => {
  const row = { 'a.b': 1, a: { b: 2 }, '': 3, 'c[0]': 4 }
  const names = ['a.b', 'a', '', 'c[0]', '__proto__', 'constructor']
  t.strictSame(readCsv(await encodeCsv([row], { columns: names, stringify: {} })), [
    names,
    ['1', '{"b":2}', '3', '4', '', ''],
  ])
})

t.test('an error of csv-stringify while it writes is ERR_ENCODE with the cause', async (t) => {
  const error = await catchRejection(encodeCsv([{ a: 1 }], { stringify: { cast: { number: () => 7 as never } } }))
  t.match(error, { name: 'ExportError', code: 'ERR_ENCODE', message: /^toCsv: .*Invalid Casting Value/ })
  t.ok(error.cause instanceof Error)
})

t.test("with columns: 'all', the file has all columns and rows", async (t) => {
  const late = Array.from({ length: 2000 }, (_, at) => (at < 1500 ? { a: at } : { a: at, b: `"${at}` }))
  const lines = readCsv(await encodeCsv(late, { columns: 'all', stringify: { delimiter: '|' } }), { delimiter: '|' })
  t.strictSame(lines, [['a', 'b'], ...late.map(({ a, b = '' }: { a: number; b?: string }) => [String(a), b])])
})
