// The error of a cell has the function, the row or the process instance, and the column by its prefixed name, in every format.
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import t from 'tap'
import { profileColumns, toCsv, toDataset, toNdjson, toParquet, type Encoder } from '../../lib/index.js'
import { toArrow } from '../../lib/formats/arrow/index.js'
import { toOcel, toXes } from '../../lib/formats/mining/index.js'
import { toSinger } from '../../lib/formats/singer/index.js'
import { toXlsx } from '../../lib/formats/xlsx/index.js'
import { catchError, catchRejection } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'

const id = 'variable:orderTotal'
const listRecords = (cell: unknown, first: unknown = null) =>
  [first, cell].map((orderTotal, at) => ({ processInstanceId: `p${at + 1}`, variables: { orderTotal } }))

const circular: Record<string, unknown> = {}
circular['self'] = circular

/** Cells that have no text, as the messages describe them. */
const refusedCells: [cell: unknown, described: string][] = [
  [new Date(NaN), 'an invalid Date'],
  [circular, 'an object'],
  [[NaN], 'an array'],
  [() => 1, 'a function'],
  [Symbol('s'), 'a symbol'],
]

const failure = async (records: object[], encoder: Encoder) => {
  const { code, message } = await catchRejection(encodeRecords(records, encoder))
  return `${code} ${message}`
}

t.test('a cell without a text is refused with its place', async (t) => {
  const fields = [id]
  const text = { types: { [id]: 'string' } } as const
  const time = { types: { [id]: 'timestamp' } } as const
  const decimal = { types: { [id]: 'decimal(9,2)' } } as const
  const encoders: [encoder: () => Encoder, place: string, type: string][] = [
    [() => toXes({ fields }), 'toXes: process instance "p2"', 'string'],
    [() => toXes({ fields, ...time }), 'toXes: process instance "p2"', 'timestamp'],
    [() => toOcel({ fields }), 'toOcel: process instance "p2"', 'string'],
    [() => toOcel({ fields, ...time }), 'toOcel: process instance "p2"', 'timestamp'],
    [() => toXlsx({ inferTypes: false }), 'toXlsx: row 2', 'string'],
    [() => toXlsx(text), 'toXlsx: row 2', 'string'],
    [() => toXlsx(time), 'toXlsx: row 2', 'timestamp'],
    [() => toXlsx(decimal), 'toXlsx: row 2', 'decimal(9,2)'],
    [() => toParquet(), 'toParquet: row 2', 'string'],
    [() => toParquet(decimal), 'toParquet: row 2', 'decimal(9,2)'],
    [() => toArrow(), 'toArrow: row 2', 'string'],
    [() => toSinger({ stream: 's', inferTypes: false }), 'toSinger: row 2', 'string'],
    [() => toSinger({ stream: 's', ...time }), 'toSinger: row 2', 'timestamp'],
  ]
  for (const [cell, described] of refusedCells)
    for (const [create, place, type] of encoders) {
      const expected = `ERR_CELL_TYPE ${place}: column "${id}": expected ${type}, got ${described}`
      t.equal(await failure(listRecords(cell), create()), expected)
    }
})

t.test('a cell of an inferred type that has no text is refused with its place in a workbook', async (t) => {
  for (const [cell, described] of refusedCells)
    t.equal(
      await failure(listRecords(cell, '7'), toXlsx({ sampleSize: 1 })),
      `ERR_CELL_TYPE toXlsx: row 2: column "${id}": expected int64, got ${described}`,
    )
})

t.test('CSV, NDJSON and the description of columns tell the place and the reason', async (t) => {
  const records = listRecords(new Date(NaN))
  for (const options of [{}, { stringify: {} }, { columns: 'all' }] as const)
    t.equal(
      await failure(records, toCsv(options)),
      `ERR_ENCODE toCsv: row 2: column "${id}": expected a valid Date, got an invalid one`,
    )
  t.equal(
    await failure(records, toNdjson()),
    'ERR_ENCODE toNdjson: record 2: variables.orderTotal: expected a value that JSON can hold, got an invalid Date',
  )
  t.match(
    catchError(() => profileColumns(records)),
    {
      code: 'ERR_ENCODE',
      message: `profileColumns: row 2: column "${id}": expected a valid Date, got an invalid one`,
    },
  )
})

t.test('a value without a text in the list of an output has its place with the preset of Optimize', async (t) => {
  const outputs = (values: unknown[]) => ({ outputVariables: { o: { id: 'o', name: 'O', values } } })
  t.match((await encodeRecords([outputs(['a', null, 7])], toCsv({ preset: 'optimize' }))).toString(), 'a,,7')
  for (const stringify of [undefined, {}])
    t.equal(
      await failure([outputs(['a', null]), outputs(['a', new Date(NaN)])], toCsv({ preset: 'optimize', stringify })),
      'ERR_ENCODE toCsv: row 2: column "output:o": expected a valid Date, got an invalid one',
    )
})

t.test('a dataset tells the row whose cell cannot name a folder', async (t) => {
  for (const [cell, described] of refusedCells) {
    const dataset = toDataset({ path: t.testdir({}), partitionBy: id, format: 'csv' })
    t.match(await catchRejection(pipeline(Readable.from(listRecords(cell)), dataset)), {
      code: 'ERR_CELL_TYPE',
      message: `toDataset: partitionBy "${id}": row 2: expected a value that has a text, got ${described}`,
    })
  }
})

t.test('event logs refuse ids, keys and times without a text, and a number that JSON does not have', async (t) => {
  const startDate = '2024-05-31T04:00:00.000+0200'
  const record = { processInstanceId: 'p1', startDate, flowNodeInstances: [{ id: 'f1', name: 'A', startDate }] }
  const bad = new Date(NaN)
  const refused = 'expected string, got an invalid Date'
  const withBadEvent = { ...record, flowNodeInstances: [{ id: bad, name: 'A', startDate }] }
  for (const [where, create] of [
    ['toXes', toXes],
    ['toOcel', toOcel],
  ] as const) {
    await t.resolves(encodeRecords([record], create()))
    t.equal(
      await failure([withBadEvent], create()),
      `ERR_CELL_TYPE ${where}: process instance "p1": column "flowNodeInstances": ${refused}`,
    )
  }
  for (const field of ['processDefinitionKey', 'startDate'])
    t.equal(
      await failure([{ ...record, [field]: bad }], toOcel()),
      `ERR_CELL_TYPE toOcel: process instance "p1": column "${field}": ${refused}`,
    )
  for (const v of [Infinity, NaN])
    t.equal(
      await failure([{ ...record, v }], toOcel({ fields: ['v'], types: { v: 'double' } })),
      `ERR_CELL_TYPE toOcel: process instance "p1": column "v": expected double, got ${v}`,
    )
})

t.test('the message has the prefixed name, which options take, whatever the naming is', async (t) => {
  const types = { [id]: 'int64' } as const
  const records = listRecords('x', '1')
  for (const naming of ['snake', 'plain', 'prefixed', () => 'x'] as const)
    for (const [where, encoder, omitting] of [
      ['toParquet', toParquet({ types, naming }), toParquet({ omit: [id], strict: true })],
      ['toArrow', toArrow({ types, naming }), toArrow({ omit: [id], strict: true })],
      ['toSinger', toSinger({ stream: 's', types, naming }), toSinger({ stream: 's', omit: [id], strict: true })],
      ['toXlsx', toXlsx({ types, naming }), toXlsx({ omit: [id], strict: true })],
    ] as const) {
      const pickedRecords = records.map(({ variables }) => ({ variables }))
      t.equal(
        await failure(pickedRecords, encoder),
        `ERR_CELL_TYPE ${where}: row 2: column "${id}": expected int64, got "x"`,
      )
      await t.resolves(encodeRecords(records, omitting), 'omit takes the name of the message')
    }
  t.match(
    await failure(listRecords(new Date(NaN)), toCsv({ naming: 'snake' })),
    `toCsv: row 2: column "${id}": expected a valid Date`,
  )
})
