import t from 'tap'
import { CsvRows } from '../../lib/encoders/csv/csv-rows.js'
import { CsvSpans } from '../../lib/encoders/csv/csv-spans.js'
import type { Dialect } from '../../lib/encoders/csv/dialect.js'
import { ownReader } from '../../lib/rows/column.js'
import type { Row } from '../../lib/types.js'
import { spanRuns, type Raw } from '../support/span-runs.js'

const common: Dialect = {
  header: true,
  delimiter: ',',
  quoteAll: false,
  eol: '\n',
  bom: false,
  nullValue: '',
  formulaGuard: false,
}
const dialects: Dialect[] = [
  common,
  { ...common, delimiter: '\t', eol: '\r\n', quoteAll: true },
  { ...common, delimiter: '|', nullValue: 'NULL' },
  { ...common, formulaGuard: true },
]

/** The rows as the kernel writes them, and as they are written from values. */
function bothWays(dialect: Dialect, records: readonly (readonly Raw[])[]): [kernel: string, values: string] {
  const keys = records[0]!.map((_, at) => `k${at}`)
  const columns = keys.map((id) => ({ id, name: id, read: ownReader(id) }))
  const csv = new CsvRows(dialect)
  const rows = records.map((raws) =>
    Object.fromEntries(raws.flatMap((raw, at) => (raw === undefined ? [] : [[keys[at]!, JSON.parse(raw) as unknown]]))),
  ) as Row[]
  const chunks = [...new CsvSpans(dialect, csv).chunks(spanRuns(keys, records), columns, 1)]
  return [Buffer.concat(chunks).toString(), [...csv.lines(rows, columns, 1)].join('')]
}

t.test('a cell of any length is the same, whatever is in it and wherever', async (t) => {
  const marks = ['"', ',', '|', '\t', '\n', '\r', '\b', '\f', '\\', '=', 'é', '\u0001', '""', '\\"', '\u{1F600}']
  const raws: Raw[] = ['"NULL"', '"=1+1"', '"-1.50"', '"\\/"', '"\\u0022"', 'null', undefined, '1.50', '-7', 'true']
  for (let length = 0; length < 36; length++) {
    raws.push(JSON.stringify('x'.repeat(length)), JSON.stringify(Array.from({ length }, (_, at) => `v${at}`)))
    for (const mark of marks)
      for (const at of [0, length >> 1, length])
        raws.push(JSON.stringify('x'.repeat(at) + mark + 'y'.repeat(length - at)))
  }
  const records = raws.map((raw, at): Raw[] => [raw, '1', raws[(at * 7) % raws.length]])
  for (const dialect of dialects) {
    const [kernel, values] = bothWays(dialect, records)
    t.equal(kernel, values, JSON.stringify(dialect))
  }
})

t.test('blocks end between records, and a record may be larger than a block', async (t) => {
  const text = (length: number) => JSON.stringify('long, "text"\n'.repeat(length / 13))
  const records = Array.from({ length: 300 }, (_, at): Raw[] => [String(at), text(at === 150 ? 700_000 : at * 40)])
  const [kernel, values] = bothWays(common, records)
  t.ok(kernel === values)
})

t.test('shapes that take turns, record by record, are one block', async (t) => {
  const records = Array.from({ length: 5000 }, (_, at): Raw[] => [
    String(at),
    at % 2 ? undefined : '"x,y"',
    at % 3 ? undefined : '1.5',
  ])
  const [kernel, values] = bothWays(common, records)
  t.ok(kernel === values)
})

t.test('a line of one empty cell is visible', async (t) => {
  for (const dialect of dialects) {
    const [kernel, values] = bothWays(dialect, [['""'], ['null'], [undefined], ['"a"']])
    t.equal(kernel, values)
  }
})

t.test('where there is no WebAssembly, rows are written from values', async (t) => {
  t.intercept(globalThis as never, 'WebAssembly', { value: undefined as never })
  const [spans, values] = bothWays(common, [
    ['1', '"a"'],
    ['2', '"\\n"'],
    [undefined, 'null'],
  ])
  t.equal(spans, values)
})
