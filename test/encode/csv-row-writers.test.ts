import t, { type Test } from 'tap'
import { RowFormatter } from '../../lib/encode/csv/rows/row-formatter.js'
import { createRowWriter } from '../../lib/encode/csv/rows/create-row-writer.js'
import type { RowWriter } from '../../lib/encode/csv/rows/row-writer.js'
import type { Dialect } from '../../lib/encode/csv/dialect.js'
import { parseJson } from '../../lib/shared/json/json.js'
import { createPropertyReader } from '../../lib/schema/column.js'
import type { Row } from '../../lib/shared/types.js'
import { createLayoutRuns, type JsonText } from '../support/encode/layout-runs.js'

const common: Dialect = {
  header: true,
  delimiter: ',',
  quote: 'minimal',
  eol: '\n',
  bom: false,
  nullValue: '',
  emptyAsNull: false,
  lineBreaks: 'keep',
  formulaGuard: false,
}
const dialects: Dialect[] = [
  common,
  { ...common, delimiter: '\t', eol: '\r\n', quote: 'always' },
  { ...common, delimiter: '|', nullValue: 'NULL' },
  { ...common, formulaGuard: true },
]

const written = (writer: RowWriter, chunks: Iterable<Buffer>) =>
  Buffer.concat([...chunks, ...writer.takePending()]).toString()

/** Checks that a row writer writes the same rows from spans and from cells as the row formatter. */
function assertSame(t: Test, dialect: Dialect, records: readonly (readonly JsonText[])[]): void {
  const keys = records[0]!.map((_, at) => `k${at}`)
  const columns = keys.map((id) => ({ id, name: id, read: createPropertyReader(id) }))
  const csv = new RowFormatter(dialect)
  const rows = records.map((raws) =>
    parseJson(
      Buffer.from(`{${raws.flatMap((raw, at) => (raw === undefined ? [] : [`"${keys[at]}":${raw}`])).join(',')}}`),
    ),
  ) as Row[]
  const writer = createRowWriter(csv)
  const text = rows.map((row, at) => Buffer.from(csv.formatRow(row, columns, 1 + at)).toString()).join('')
  const where = JSON.stringify(dialect)
  t.ok(written(writer, writer.writeSpans(createLayoutRuns(keys, records), columns, 1)) === text, `spans, ${where}`)
  t.ok(written(writer, writer.write(rows, columns, 1)) === text, `cells, ${where}`)
}

t.test('cells of any length are the same, with special characters at any position', async (t) => {
  const marks = ['"', ',', '|', '\t', '\n', '\r', '\b', '\f', '\\', '=', 'é', '\u0001', '""', '\\"', '\u{1F600}']
  const raws: JsonText[] = [
    '"NULL"',
    '"=1+1"',
    '"-1.50"',
    '"\\/"',
    '"\\u0022"',
    'null',
    undefined,
    '1.50',
    '-7',
    'true',
    '"\\\\."',
    '-0',
  ]
  for (let length = 0; length < 36; length++) {
    raws.push(JSON.stringify('x'.repeat(length)), JSON.stringify(Array.from({ length }, (_, at) => `v${at}`)))
    for (const mark of marks)
      for (const at of [0, length >> 1, length])
        raws.push(JSON.stringify('x'.repeat(at) + mark + 'y'.repeat(length - at)))
  }
  const records = raws.map((raw, at): JsonText[] => [raw, '1', raws[(at * 7) % raws.length]])
  for (const dialect of dialects) assertSame(t, dialect, records)
})

t.test('blocks end between records, and a record may be larger than a block', async (t) => {
  const text = (length: number) => JSON.stringify('long, "text"\n'.repeat(length / 13))
  const records = Array.from({ length: 300 }, (_, at): JsonText[] => [String(at), text(at === 150 ? 700_000 : at * 40)])
  assertSame(t, common, records)
})

t.test('records whose layouts alternate are one block', async (t) => {
  const records = Array.from({ length: 5000 }, (_, at): JsonText[] => [
    String(at),
    at % 2 ? undefined : '"x,y"',
    at % 3 ? undefined : '1.5',
  ])
  assertSame(t, common, records)
})

t.test('a row of one blank cell is quoted', async (t) => {
  const raws = ['""', 'null', undefined, '"a"', '" "', '"\\t"', '" \\t  "', '" a"', '"\\u0020"', '"\u00a0"', '"\\n"']
  const records = raws.map((raw): JsonText[] => [raw])
  for (const dialect of [...dialects, { ...common, nullValue: ' ' }, { ...common, delimiter: ' ' }])
    assertSame(t, dialect, records)
  const long = Array.from({ length: 70 }, (_, length): JsonText[] => [JSON.stringify(' '.repeat(length))])
  assertSame(t, common, long)
  const csv = new RowFormatter(common)
  const column = { id: 'k', name: 'k', read: createPropertyReader('k') }
  t.equal(csv.formatRow({ k: ' \t' }, [column], 1), '" \t"\n')
  t.equal(csv.formatRow({ k: ' ' }, [column, column], 1), ' , \n')
})

t.test('without WebAssembly, rows are written from values', async (t) => {
  t.intercept(globalThis as never, 'WebAssembly', { value: undefined as never })
  assertSame(t, common, [
    ['1', '"a"'],
    ['2', '"\\n"'],
    [undefined, 'null'],
  ])
})

t.test('a row that is too large for the kernel stays between its neighbours', async (t) => {
  const column = { id: 'a', name: 'a', read: createPropertyReader('a') }
  const texts = ['before', `"${'é'.repeat(600_000)}`, 'behind', 'x"']
  const writer = createRowWriter(new RowFormatter(common))
  const rows = texts.map((a) => ({ a }))
  const chunks = [...writer.write(rows, [column], 1), ...writer.takePending()]
  const expected = Buffer.from(`before\n"""${'é'.repeat(600_000)}"\nbehind\n"x"""\n`)
  t.ok(Buffer.concat(chunks).equals(expected))
})

t.test('the halves of a surrogate pair in two neighbouring cells do not become one character', async (t) => {
  const halves: JsonText[] = ['"a\\ud83d"', '"\\ude00b"', '"\\ud83d"', '"\\ude00"', '"\u{1F600}"', '"é"', 'null']
  const turned = halves.map((_, at) => [...halves.slice(at), ...halves.slice(0, at)])
  for (const dialect of dialects) {
    assertSame(t, dialect, turned)
    assertSame(t, dialect, [['"a"'], ['"a\\ud83d"'], ['"\\ude00b"'], ['"b"']])
  }
})
