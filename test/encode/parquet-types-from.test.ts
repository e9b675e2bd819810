import t, { type Test } from 'tap'
import type { ColumnSchema } from '../../lib/schema/column-schema.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { toParquet, type ParquetOptions } from '../../lib/encode/parquet/to-parquet.js'
import { bothEngines, encodeParquet, roundTrip } from '../support/encode/encode-parquet.js'

const event = { id: '1', name: 'A', startDate: '2021-12-02T17:21:49.330+0200', endDate: null }
const first = [
  {
    processInstanceId: 'a',
    startDate: '2021-12-02T17:21:49.330+0200',
    duration: 5,
    engineName: 'e',
    variables: { amount: '12.5', count: '1', empty: '', ok: 'true' },
    flowNodeInstances: [event],
    scores: [1, 2],
    place: { floor: 1.5 },
  },
]

/** Returns the schema of a file, passed through JSON as in a receipt. */
async function schemaOf(records: Iterable<unknown>, options: ParquetOptions = {}): Promise<ColumnSchema[]> {
  const { stats } = await encodeParquet(records, options)
  return JSON.parse(JSON.stringify(stats.schema)) as ColumnSchema[]
}

t.test('stats.schema has the columns of the file, their types and how these were chosen', async (t) => {
  const types = { 'variable:ok': 'boolean', 'variable:empty': 'int64' } as const
  t.strictSame(await schemaOf(first, { inferTypes: true, types }), [
    { name: 'processInstanceId', type: 'string', chosen: 'inferred' },
    { name: 'startDate', type: 'timestamp', chosen: 'known' },
    { name: 'duration', type: 'int64', chosen: 'known' },
    { name: 'engineName', type: 'string', chosen: 'inferred' },
    { name: 'variable:amount', type: 'double', chosen: 'inferred' },
    { name: 'variable:count', type: 'int64', chosen: 'inferred' },
    { name: 'variable:empty', type: 'int64', chosen: 'declared' },
    { name: 'variable:ok', type: 'boolean', chosen: 'declared' },
    {
      name: 'flowNodeInstances',
      type: {
        list: {
          struct: [
            { name: 'id', type: 'string' },
            { name: 'name', type: 'string' },
            { name: 'startDate', type: 'timestamp' },
            { name: 'endDate', type: 'timestamp' },
          ],
        },
      },
      chosen: 'inferred',
    },
    { name: 'scores', type: { list: 'int64' }, chosen: 'inferred' },
    { name: 'place', type: { struct: [{ name: 'floor', type: 'double' }] }, chosen: 'inferred' },
  ])
  const late = [...first, { processInstanceId: 'b', more: 1 }]
  const options = { naming: 'plain', variables: 'map', sampleSize: 1, lateColumns: 'overflow' } as const
  const named = await schemaOf(late, options)
  t.strictSame(
    named.filter(({ name }) => ['variables', 'overflow'].includes(name)),
    [
      { name: 'variables', type: { map: 'string' }, chosen: 'known' },
      { name: 'overflow', type: 'json', chosen: 'known' },
    ],
  )
  t.strictSame(await schemaOf(first, { pick: ['variable:amount'], naming: 'plain' }), [
    { name: 'amount', source: 'variable:amount', type: 'string', chosen: 'known' },
  ])
})

t.test('stats.schema of CSV has the columns with the types that the API documents, else text', async (t) => {
  const encoder = toCsv({ columns: 'all', sampleSize: 1 })
  for (const record of [first[0]!, { processInstanceId: 'b', variables: { late: 'x' } }]) encoder.write(record)
  encoder.end()
  await encoder.resume().toArray()
  t.strictSame(
    encoder.stats.schema!.filter(({ name }) => /Date|amount|late/.test(name)),
    [
      { name: 'startDate', type: 'timestamp', chosen: 'known' },
      { name: 'variable:amount', type: 'string', chosen: 'known' },
      { name: 'variable:late', type: 'string', chosen: 'known' },
    ],
  )
})

async function sameSchema(
  t: Test,
  records: Iterable<unknown>,
  typesFrom: ColumnSchema[],
  options: ParquetOptions = {},
) {
  const earlier = await roundTrip(first, { inferTypes: true, ...options })
  const later = await roundTrip(records, { typesFrom: { schema: typesFrom }, ...options })
  t.strictSame(later.duckdb.names, earlier.duckdb.names)
  t.strictSame(later.duckdb.types, earlier.duckdb.types)
  t.strictSame(later.stats.schema, typesFrom)
  return later.duckdb.rows
}

t.test('a later file has the columns and types of the earlier one, whatever its records contain', async (t) => {
  const schema = await schemaOf(first, { inferTypes: true })
  const next = { processInstanceId: 'b', variables: { count: '7', amount: '3.5', ok: '' }, scores: null }
  const [row] = await sameSchema(t, [next], schema)
  t.strictSame(row, ['b', null, null, null, 3.5, 7n, null, null, null, null, null])
  t.strictSame(await sameSchema(t, [], schema), [])
  const plain = { inferTypes: true, naming: 'plain' } as const
  await sameSchema(t, [next], await schemaOf(first, plain), plain)
  const flat = { pick: ['variable:count', 'duration'], inferTypes: true } as const
  const short = await schemaOf(first, flat)
  for (const engine of bothEngines) await sameSchema(t, [{ duration: 3 }], short, { ...flat, engine })
})

t.test('a further key of flow nodes keeps the type of the earlier file, such as text', async (t) => {
  const records = [{ flowNodeInstances: [{ ...event, n: 1.5, b: true }, { n: 2 }] }]
  const withText = (await schemaOf(records)).map((column) => ({
    ...column,
    type: JSON.parse(JSON.stringify(column.type).replace(/double|boolean/g, 'string')) as ColumnSchema['type'],
  }))
  const { duckdb, stats } = await roundTrip(records, { typesFrom: withText })
  t.match(duckdb.types[0], /"n" VARCHAR, "b" VARCHAR/)
  t.match(duckdb.rows, [
    [
      [
        { n: '1.5', b: 'true' },
        { n: '2', b: null },
      ],
    ],
  ])
  t.strictSame(stats.schema, withText)
  await t.rejects(encodeParquet([{ flowNodeInstances: [{ n: 'x' }] }], { typesFrom: await schemaOf(records) }), {
    code: 'ERR_CELL_TYPE',
  })
})

t.test('a value that does not fit is refused: a later file cannot turn int64 into double', async (t) => {
  const schema = await schemaOf(first, { inferTypes: true })
  for (const [variables, problem] of [
    [{ count: '1.5' }, 'column "variable:count": expected int64, got "1.5"'],
    [{ count: '007' }, 'column "variable:count": expected int64, got "007"'],
    [{ amount: '1.10' }, 'column "variable:amount": expected double, got "1.10"'],
  ] as const)
    await t.rejects(encodeParquet([...first, { processInstanceId: 'b', variables }], { typesFrom: schema }), {
      code: 'ERR_CELL_TYPE',
      message: `toParquet: row 2: ${problem}`,
    })
  const widened = { typesFrom: schema, types: { 'variable:count': 'double' } } as const
  t.strictSame((await roundTrip([{ variables: { count: '1.5' } }], widened)).duckdb.rows[0]![5], 1.5)
})

t.test('a new column is late, from the first record on', async (t) => {
  const typesFrom = await schemaOf([{ a: 'x', variables: { v: '1' } }])
  const records = [{ a: 'y', variables: { v: '1', new: '2' } }, { a: 'z' }]
  await t.rejects(encodeParquet(records, { typesFrom }), {
    code: 'ERR_LATE_COLUMN',
    message: /column "variable:new" first appears in row 1, and is not in the schema of typesFrom; use /,
  })
  const dropped = await roundTrip(records, { typesFrom, lateColumns: 'drop' })
  t.strictSame(dropped.duckdb.names, ['a', 'variable:v'])
  t.equal(dropped.stats.droppedCells, 1)
  const overflow = await roundTrip(records, { typesFrom, lateColumns: 'overflow' })
  t.strictSame(overflow.duckdb.rows, [
    ['y', '1', '{"variable:new":"2"}'],
    ['z', null, null],
  ])
  const again = await roundTrip(records, { typesFrom: overflow.stats.schema!, lateColumns: 'overflow' })
  t.strictSame(again.duckdb.rows, overflow.duckdb.rows)
  const all = await roundTrip(records, { typesFrom, columns: 'all' })
  t.strictSame(all.duckdb.names, ['a', 'variable:v', 'variable:new'])
  const list = await roundTrip([{ n: '1', a: 'x' }], {
    typesFrom: [{ name: 'n', type: 'int64', chosen: 'declared' }],
    columns: ['n'],
  })
  t.strictSame([list.duckdb.names, list.duckdb.rows], [['n'], [[1n]]])
})

t.test('a map of variables is also a map in the later file', async (t) => {
  const typesFrom = await schemaOf(first, { variables: 'map' })
  const { duckdb } = await roundTrip([{ processInstanceId: 'b', variables: { x: '1' } }], { typesFrom })
  t.equal(duckdb.types[duckdb.names.indexOf('variables')], 'MAP(VARCHAR, VARCHAR)')
})

t.test('the map of picked variables stays in later files, also without records', async (t) => {
  const amount = { key: 'amount', value: '3' }
  const selections = [
    [{ pick: ['processInstanceId', 'variable:amount'] }, ['b', [amount]]],
    [{ pick: ['variable:amount', 'variable:ok'] }, [[{ key: 'ok', value: 'false' }, amount]]],
    [{ pick: ['variables', 'processInstanceId'], omit: ['variable:ok'] }, ['b', [amount]]],
  ] as const
  const next = [{ processInstanceId: 'b', duration: 1, variables: { ok: 'false', amount: '3' } }]
  for (const [selection, row] of selections)
    for (const lateColumns of ['error', 'drop', 'overflow'] as const) {
      const options = { ...selection, variables: 'map', lateColumns } as const
      const typesFrom = await schemaOf(first, options)
      const later = await sameSchema(t, next, typesFrom, options)
      t.strictSame(later, [lateColumns === 'overflow' ? [...row, null] : row])
      t.strictSame(await sameSchema(t, [], typesFrom, options), [])
    }
  const empty = await roundTrip([], { variables: 'map', pick: ['processInstanceId', 'variable:b', 'variable:a'] })
  t.strictSame(empty.duckdb.names, ['processInstanceId', 'variables'])
  t.strictSame(empty.duckdb.types, ['VARCHAR', 'MAP(VARCHAR, VARCHAR)'])
})

t.test('anything that is not a receipt is refused at the call, with the position of the error', (t) => {
  const refused = (typesFrom: unknown, message: string, options: ParquetOptions = {}) =>
    t.throws(() => toParquet({ ...options, typesFrom } as ParquetOptions), {
      code: 'ERR_OPTION',
      message: `toParquet: ${message}`,
    })
  const expected = 'typesFrom: expected a receipt with a schema, or a schema: an array of { name, type, chosen }, got'
  refused({ rows: 5 }, `${expected} an object`)
  refused([], `${expected} an array`)
  refused('a.parquet.json', `${expected} "a.parquet.json"`)
  const good = { name: 'a', type: 'string', chosen: 'known' }
  for (const bad of [
    { name: 'a' },
    { ...good, name: 5 },
    { ...good, source: 5 },
    { ...good, type: 'text' },
    { ...good, type: { list: 'text' } },
    { ...good, type: { map: 'int64' } },
    { ...good, type: { struct: [] } },
    { ...good, type: { list: { struct: [{ name: 'x' }] } } },
    {
      ...good,
      type: {
        struct: [
          { name: 'x', type: 'string' },
          { name: 'x', type: 'string' },
        ],
      },
    },
    { ...good, chosen: 'guessed' },
  ])
    refused(
      [good, bad],
      `typesFrom[1]: expected { name, type, chosen }, got ${JSON.stringify(JSON.stringify(bad).slice(0, 60)).replace(/"$/, JSON.stringify(bad).length > 60 ? '…"' : '"')}`,
    )
  refused([good, 5], 'typesFrom[1]: expected { name, type, chosen }, got 5')
  refused([good, { ...good, name: 'b', source: 'a' }], 'typesFrom[1]: expected each column once, got "a" again')
  refused(
    { schema: [{ ...good, type: { list: 'string' } }] },
    'typesFrom: expected columns without lists, structs and maps with parquetjs-lite, got "a"',
    { engine: 'parquetjs-lite' },
  )
  t.doesNotThrow(() => toParquet({ typesFrom: [{ name: 'a', type: 'string' }] as unknown as ColumnSchema[] }))
  t.end()
})
