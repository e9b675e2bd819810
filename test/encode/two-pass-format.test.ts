import t, { type Test } from 'tap'
import type { Format } from '../../lib/encode/format.js'
import { TwoPassFormat } from '../../lib/encode/table/two-pass-format.js'
import { ArrayScanner } from '../../lib/fastpath/scan/array-scanner.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { recordMapping } from '../../lib/spans/key-mapping.js'
import type { Column } from '../../lib/schema/column.js'
import type { Cell, Row } from '../../lib/shared/types.js'
import { skipWithoutFastPath } from '../support/encode/fast-path.js'

const column = (id: string): Column => ({ id, name: id.toUpperCase(), read: (row) => row[id] })

/** Returns a format that records its calls, with cells instead of rows. */
function createRecordingFormat(overrides: Partial<Format> = {}) {
  const calls: unknown[] = []
  let columns: readonly Column[] = []
  const cellsOf = (rows: readonly Row[]) => rows.map((row) => columns.map(({ read }): Cell => read(row)))
  const format: Format = {
    open: (all, exampleRows) => {
      columns = all
      calls.push(['open', columns.map(({ id, name }) => [id, name]), cellsOf(exampleRows)])
    },
    encode: (rows, first) => {
      calls.push(['encode', first, cellsOf(rows)])
    },
    close: () => {
      calls.push(['close'])
    },
    ...overrides,
  }
  return { calls, format }
}

function createTwoPassFormat(t: Test, format: Format): TwoPassFormat {
  const twoPass = new TwoPassFormat(format)
  t.teardown(() => twoPass.dispose())
  return twoPass
}

t.test('a format is opened after the last row, with all columns, and then given the rows', async (t) => {
  const { calls, format } = createRecordingFormat()
  const twoPass = createTwoPassFormat(t, format)
  twoPass.open([column('a')])
  await twoPass.encode([{ a: 1 }, { a: 2 }])
  twoPass.addColumns([column('b')])
  await twoPass.encode([{ a: 3, b: 4 }])
  t.strictSame(calls, [])
  await twoPass.close()
  t.strictSame(calls, [
    [
      'open',
      [
        ['a', 'A'],
        ['b', 'B'],
      ],
      [[1, undefined]],
    ],
    [
      'encode',
      1,
      [
        [1, undefined],
        [2, undefined],
        [3, 4],
      ],
    ],
    ['close'],
  ])
})

t.test('the format gets the rows in order, each batch with the number of its first row', async (t) => {
  const { calls, format } = createRecordingFormat()
  const twoPass = createTwoPassFormat(t, format)
  twoPass.open([column('a')])
  const rows = Array.from({ length: 1234 }, (_, at) => ({ a: at }))
  for (let at = 0; at < rows.length; at += 77) await twoPass.encode(rows.slice(at, at + 77))
  await twoPass.close()
  const back = calls.filter((step): step is ['encode', number, Cell[][]] => (step as string[])[0] === 'encode')
  t.strictSame(
    back.flatMap(([, , cells]) => cells),
    rows.map(({ a }) => [a]),
  )
  let first = 1
  for (const [, number, cells] of back) {
    t.equal(number, first)
    first += cells.length
  }
})

t.test('without rows, the format is opened and closed', async (t) => {
  const { calls, format } = createRecordingFormat()
  const twoPass = createTwoPassFormat(t, format)
  twoPass.open([column('a')])
  await twoPass.close()
  t.strictSame(calls, [['open', [['a', 'A']], []], ['close']])
})

t.test('there is one example row per distinct type signature of a column, from any position', async (t) => {
  const { calls, format } = createRecordingFormat({
    getSignatureFunction: ({ id }) => (id === 'c' ? undefined : (cell) => typeof cell),
  })
  const twoPass = createTwoPassFormat(t, format)
  twoPass.open([column('a'), column('c')])
  await twoPass.encode([
    { a: 'x', c: 1 },
    { a: 'y', c: 'z' },
  ])
  await twoPass.encode([
    { a: 'x', c: true },
    { a: 5, c: 2 },
  ])
  twoPass.addColumns([column('b')])
  await twoPass.encode([{ a: 6 }, { b: 7 }])
  await twoPass.close()
  t.strictSame(calls[0], [
    'open',
    [
      ['a', 'A'],
      ['c', 'C'],
      ['b', 'B'],
    ],
    [
      ['x', 1, undefined],
      [5, 2, undefined],
      [6, undefined, undefined],
      [undefined, undefined, 7],
    ],
  ])
})

t.test('cells come back as they were: dates, bigints, `__proto__`, undefined', async (t) => {
  const { calls, format } = createRecordingFormat()
  const twoPass = createTwoPassFormat(t, format)
  const cells = [
    new Date(5),
    9007199254740993n,
    JSON.parse('{"__proto__":[1]}') as Cell,
    undefined,
    null,
    Number.NaN,
    '\uD800',
  ]
  twoPass.open([column('a')])
  await twoPass.encode(cells.map((a) => ({ a })))
  await twoPass.close()
  t.strictSame(calls[1], ['encode', 1, cells.map((cell) => [cell])])
})

t.test('dispose also disposes the format, once', async (t) => {
  let disposed = 0
  const { format } = createRecordingFormat({
    dispose: () => {
      disposed++
    },
  })
  await new TwoPassFormat(format).dispose()
  t.equal(disposed, 1)
})

t.test(
  'the format gets records as spans with their values, also from the middle of a page and with many layouts',
  { skip: skipWithoutFastPath },
  async (t) => {
    const records: unknown[] = []
    const numbers: number[] = []
    const { format } = createRecordingFormat({
      encodeSpans: (runs, first) => {
        numbers.push(first)
        for (const { spans, from, to, columnSlots } of runs)
          for (let index = from; index < to; index++) {
            const slot = columnSlots.find((one) => one >= 0)!
            records.push([spans.getRecord(index), spans.getDigits(index, slot)])
          }
      },
    })
    const twoPass = createTwoPassFormat(t, format)
    const columns = Array.from({ length: 30 }, (_, at) => column(`v${at}`))
    twoPass.open(columns)
    const all = new RecordSpans(
      Buffer.from(` [${columns.map(({ id }, at) => `{"${id}":1.50}, {"${id}":12345678901234${at}}`).join()}]`),
    )
    t.equal(new ArrayScanner(recordMapping).scan(1, all), all.bytes.length)
    const expected = all.getRecords().map((record, at) => [record, at % 2 === 0 ? '1.50' : all.getDigits(at, 0)])
    for (const part of [all.slice(0, 7), all.slice(7, 41), all.slice(41, 60)]) {
      const runs = part.listLayoutRuns().map(({ layout, ...run }) => {
        const columnSlots = Int32Array.from(columns, ({ id }) => layout.getSlot(id))
        return { ...run, spans: part, columnSlots }
      })
      await twoPass.encodeSpans!(runs, 1)
    }
    await twoPass.close()
    t.strictSame(numbers, [1, 8, 42])
    t.strictSame(records, expected)
  },
)
