import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { ColumnPlan } from '../../lib/encode/column-options.js'
import { createStats } from '../../lib/encode/encoder.js'
import { engines, type EngineName } from '../../lib/encode/parquet/engines/engines.js'
import type { StructListWriter } from '../../lib/encode/typed/nested-writers.js'
import { EngineFormat } from '../../lib/encode/typed/engine-format.js'
import type { ColumnType } from '../../lib/schema/types/column-type.js'
import { parseJson } from '../../lib/shared/json/json.js'
import { createPropertyReader } from '../../lib/schema/column.js'
import type { JsonValue, Row } from '../../lib/shared/types.js'
import { encodeJsonTexts, openFile, type FilePlan } from '../support/encode/parquet-columns.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readWithArrow } from '../support/readers/read-arrow.js'
import { readBytesWithDuckdb, readFooter, readWithHyparquet } from '../support/readers/read-parquet.js'
import { NESTED } from '../../lib/spans/span.js'
import { createLayoutRuns, type JsonText } from '../support/encode/layout-runs.js'

const struct = {
  struct: [
    { name: 'id', type: 'string' },
    { name: 'n', type: 'double' },
    { name: 't', type: 'timestamp' },
  ],
} as const
const types: Record<string, ColumnType> = {
  string: 'string',
  json: 'json',
  int64: 'int64',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  list: { list: 'string' },
  numbers: { list: 'double' },
  struct,
  structs: { list: struct },
  map: { map: 'string' },
}

/** Returns the file, or the message of the error. */
async function outcome(path: 'cells' | 'spans', plan: FilePlan, records: readonly (readonly JsonText[])[]) {
  return encodeJsonTexts(path, plan, records).catch((error: unknown) => String(error))
}

const texts = [
  '',
  'a',
  'é',
  '12',
  '-7',
  '0',
  '-0',
  '007',
  '1.50',
  '2',
  '2.0',
  '12.5',
  '1e5',
  'true',
  'false',
  '9007199254740993',
  '{"a": 1}',
  '[',
  '999999999999999',
  '-',
]
const dates = ['2021-12-02T17:21:49.330+0200', '1969-12-31T23:59:59.999-0130', '0000-03-01T00:00:00.000+0000']
const badDates = dates.flatMap((date) => [
  date.slice(0, -2),
  date.replace('T', ' '),
  date.replace('.', ','),
  date.replace(/\d\.\d/, 'x.0'),
])
const oddDates = ['2021-02-29', '2021-13-01', '2020-02-29', '2021-00-10', '2021-04-31'].map((day) =>
  `${day}T24:00:00.000+0000`.replace('24', '23'),
)
const zoned = ['+2400', '+0060', 'Z', '+02:00', '-2359'].map((offset) => `2021-12-02T17:21:49.330${offset}`)
const clock = ['24:00:00.000', '23:60:00.000', '23:59:60.000', '23:59:59.999', '23:59:59.12x'].map(
  (time) => `2021-12-02T${time}+0000`,
)
const strings = [...texts, ...dates, ...badDates, ...oddDates, ...zoned, ...clock].map((text) => JSON.stringify(text))
const escapes = ['"\\u0031\\u0032"', '"\\/"', '"\\ud800"', '"\\n"', '"t\\u0072ue"']
const numbers = [
  '0',
  '-0',
  '7',
  '-12',
  '999999999999999',
  '1234567890123456',
  '1.0',
  '1e3',
  '1.5',
  '1e20',
  '-1E400',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
]
const nested = [
  '[]',
  '{}',
  '[1]',
  '[ "a", null ]',
  '["é","\\u00e9"]',
  '[[]]',
  '{"a":"b","c":null}',
  '{"a":[1, 2]}',
  '[1e20,1E20,100]',
  '{"id":"x"}',
  '{"n":1,"id":""}',
  '[{},{},{"id":"y","t":"2021-12-02T17:21:49.330+0200"},null]',
  '[{"id":1,"id":2}]',
]
const raw = fc.oneof(
  fc.constantFrom(...strings, ...escapes, ...numbers, ...nested, 'null', 'true', 'false'),
  fc
    .string({ unit: 'binary', maxLength: 30 })
    .filter((text) => !/\p{Surrogate}/u.test(text))
    .map((text) => JSON.stringify(text)),
  fc.constant(undefined),
)

t.test(
  'the file, or the error, is the same for a cell and for the bytes of its value',
  { timeout: timeLimit(240_000) },
  async () => {
    for (const isInferred of [false, true])
      for (const [name, type] of Object.entries(types))
        for (const value of [...strings, ...escapes, ...numbers, ...nested, 'null', 'true', 'false', undefined]) {
          const plan = { types: { [name]: type }, isInferred, codec: 'uncompressed' } as const
          const [cells, spans] = [await outcome('cells', plan, [[value]]), await outcome('spans', plan, [[value]])]
          deepStrictEqual(spans, cells, `${name} ${value}`)
        }
  },
)

/** Values that fit a type, as JSON text. */
const fitting: Record<string, fc.Arbitrary<JsonText>> = {
  string: raw,
  json: fc.oneof(
    fc.json(),
    fc.constantFrom<JsonText>(...nested, ...numbers.filter((number) => number !== '-1E400'), 'null', undefined),
  ),
  int64: fc.oneof(
    fc.integer().map(String),
    fc.constantFrom<JsonText>('"12"', '"-999"', '""', 'null', '9223372036854775807', undefined),
  ),
  double: fc.oneof(
    fc.integer().map(String),
    fc.constantFrom<JsonText>('-0', '0', '1.5', '"1.5"', '""', 'null', undefined),
  ),
  boolean: fc.constantFrom<JsonText>('true', 'false', '"true"', 'null', '""'),
  timestamp: fc.constantFrom<JsonText>(
    ...dates.map((date) => JSON.stringify(date)),
    '0',
    '-1',
    '""',
    'null',
    '"2020-01-01T00:00:00Z"',
  ),
  list: fc.constantFrom<JsonText>('[]', '["a"]', '["a", null, "\\n"]', 'null', '""'),
  numbers: fc.constantFrom<JsonText>('[1,2,3]', '[1e20,-0]', '[]', 'null'),
  struct: fc.constantFrom<JsonText>('{}', '{"id":"x"}', '{"n":1,"id":""}', 'null'),
  structs: fc.constantFrom<JsonText>(
    '[]',
    '[{},{},{},{},{},{}]',
    '[{"id":"y","t":"2021-12-02T17:21:49.330+0200"},null,{"n":5}]',
    'null',
    undefined,
  ),
  map: fc.constantFrom<JsonText>('{}', '{"a":"b","c":null}', '{"a":[1]}', 'null'),
}

const bounds = fc.record({
  rowGroupRows: fc.integer({ min: 1, max: 12 }),
  rowGroupBytes: fc.integer({ min: 1, max: 1000 }),
})

t.test(
  `records of any values make the same file, with the same row groups, from cells and from spans (seed ${seed})`,
  { timeout: timeLimit(240_000) },
  async () => {
    const names = Object.keys(fitting)
    const records = fc.array(fc.tuple(...names.map((name) => fitting[name]!)), { minLength: 1, maxLength: 30 })
    const property = fc.asyncProperty(records, bounds, async (raws, bound) => {
      const plan = { types: Object.fromEntries(names.map((name) => [name, types[name]!])), isInferred: true, ...bound }
      const cells = await encodeJsonTexts('cells', plan, raws)
      const spans = await encodeJsonTexts('spans', plan, raws)
      deepStrictEqual(spans, cells)
      const [duckdb, arrow] = [await readBytesWithDuckdb(spans), readWithArrow(spans)]
      deepStrictEqual(arrow.rows, duckdb.rows)
      const hyparquet = await readWithHyparquet(spans)
      const [json, map] = [names.indexOf('json'), names.indexOf('map')]
      deepStrictEqual(
        hyparquet.rows.map((row) => row.toSpliced(map, 1).toSpliced(json, 1)),
        duckdb.rows.map((row) => row.toSpliced(map, 1).toSpliced(json, 1)),
      )
    })
    await fc.assert(property, runs(15, 20))
  },
)

t.test(
  `the error names the first record that does not fit, and its first such column, from cells and from spans (seed ${seed})`,
  { timeout: timeLimit(240_000) },
  async () => {
    const record = fc.tuple(raw, raw, raw)
    const property = fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), bounds, async (raws, bound) => {
      const plan = { types: { a: 'int64', b: 'string', c: 'timestamp' }, codec: 'uncompressed', ...bound } as const
      deepStrictEqual(await outcome('spans', plan, raws), await outcome('cells', plan, raws))
    })
    await fc.assert(property, runs(80, 5))
  },
)

t.test('an error from spans has the number of the record and the shortened value', async (t) => {
  const records = [
    ['1', '1'],
    ['2', '"x"'],
    [`"${'y'.repeat(100)}"`, '1'],
  ]
  const message = await outcome('spans', { types: { a: 'int64', b: 'int64' } }, records)
  t.equal(message, 'ExportError: toParquet: row 2: column "b": expected int64, got "x"')
  t.match(
    await outcome('spans', { types: { a: 'int64', b: 'string' } }, records),
    /row 3: column "a": expected int64, got "y{39}…$/,
  )
})

t.test('an error in a list has the number of its record, whatever lists are before it', async (t) => {
  const lists = ['[{"id":"a"}]', '[]', 'null', '[{"id":"b"},{"id":"c","n":2}]', '[ {"id":"d"}]', '[{"id":"e"}]']
  const plan = { types: { l: { list: struct } } }
  const asRecords = (texts: readonly JsonText[]) => texts.map((text) => [text])
  t.strictSame(await outcome('spans', plan, asRecords(lists)), await outcome('cells', plan, asRecords(lists)))
  for (const wrong of ['[{"id":"f","n":"x"}]', '[{"id":"f","other":1}]', '[1]', '[{"id":"f"},1]']) {
    const records = asRecords([...lists, wrong, '[{"id":"g"}]'])
    const message = await outcome('spans', plan, records)
    t.match(message, /row 7: column "l": expected/)
    t.equal(message, await outcome('cells', plan, records))
  }
})

const columns: ColumnPlan = {
  strict: false,
  namesInOptions: [],
  where: 'toParquet',
  columns: 'sample',
  sampleSize: 3,
  lateColumns: 'error',
  pick: undefined,
  selection: {} as ColumnPlan['selection'],
}

function createFormat(engine: EngineName, of: ColumnPlan['columns'] = 'sample') {
  const chunks: Uint8Array[] = []
  const stats = { ...createStats(), rowGroups: 0 }
  const typePlan = { types: {}, earlierColumns: new Map(), inferTypes: false, mapFields: [], canWriteNested: true }
  const rest = {
    where: 'toParquet',
    rowGroupRows: 4,
    rowGroupBytes: 1000,
    getMetadata: () => ({}),
  } as const
  const engineFormat = new EngineFormat(
    {
      ...rest,
      columnPlan: { ...columns, columns: of },
      typePlan,
      engine,
      canTakeSpans: engines[engine].canTakeSpans,
      loadEngine: () => engines[engine].load('snappy'),
    },
    stats,
    (bytes) => void chunks.push(bytes),
  )
  return { format: engineFormat, bytes: () => Buffer.concat(chunks) }
}

const named = (id: string) => ({ id, name: id, read: createPropertyReader(id) })

t.test('the format accepts spans if its engine does, before and after the types are decided', async (t) => {
  t.equal(createFormat('parquetjs-lite').format.encodeSpans, undefined)
  const raws = Array.from({ length: 10 }, (_, at) => [JSON.stringify(`row ${at}`), at === 1 ? '1.5' : String(at)])
  const expected = raws.map((row) => row.map((one) => JSON.parse(one) as unknown))
  for (const columns of ['sample', ['a', 'b']] as const) {
    const { format: engineFormat, bytes } = createFormat('hyparquet-writer', columns)
    const records = raws.map(([a, b]): Row => ({ a: JSON.parse(a!) as string, b: JSON.parse(b!) as number }))
    await engineFormat.open([named('a'), named('b')], columns === 'sample' ? records : [])
    for (let from = 0; from < 10; from += 2)
      await engineFormat.encodeSpans!(createLayoutRuns(['a', 'b'], raws.slice(from, from + 2)), from + 1)
    await engineFormat.close()
    t.strictSame((await readBytesWithDuckdb(bytes())).rows, expected)
    t.strictSame(
      readFooter(bytes()).row_groups.map(({ num_rows }) => num_rows),
      [4n, 4n, 2n],
    )
  }
})

t.test('the bytes of an array of objects make the same list as the array itself', async (t) => {
  const fields = struct.struct.map(({ name }) => name)
  const arrays: JsonText[][][] = [
    [
      ['"a"', '1', '"2021-12-02T17:21:49.330+0200"'],
      ['"b"', undefined, 'null'],
      [undefined, undefined, undefined],
    ],
    [],
    [['"a\\n"', '-0', '""']],
    [
      ['1.50', '2', 'null'],
      ['3', '4', 'null'],
    ],
  ]
  const asText = (elements: JsonText[][]) =>
    `[${elements.map((raws) => `{${raws.flatMap((one, at) => (one === undefined ? [] : [`${JSON.stringify(fields[at])}:${one}`])).join()}}`).join()}]`
  const plan = { types: { l: { list: struct } }, isInferred: true }
  const [cells, spans] = [openFile(plan), openFile(plan)]
  const [reference, part] = [cells, spans].map(({ engine }) => engine.columnWriters[0] as StructListWriter)
  const spanned = (text: string) => {
    const bytes = Buffer.from(text)
    return part!.appendSpan(bytes, 0, bytes.length, NESTED)
  }
  for (const elements of arrays)
    t.equal(spanned(asText(elements)), reference!.append(parseJson(Buffer.from(asText(elements))) as JsonValue))
  for (const { engine } of [cells, spans]) {
    await engine.writeGroup(arrays.length)
    await engine.finish()
  }
  t.strictSame(spans.bytes(), cells.bytes())
  t.equal((await readBytesWithDuckdb(spans.bytes())).rows.length, arrays.length)
  t.equal(spanned(asText([['"a"', '"one"', 'null']])), undefined)
  t.equal(spanned('[{"id":"a","other":1}]'), undefined)
  t.equal(spanned('[1]'), undefined)
})
