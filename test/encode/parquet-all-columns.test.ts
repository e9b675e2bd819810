import t from 'tap'
import { toParquet } from '../../lib/encode/parquet/to-parquet.js'
import { bothEngines, roundTrip } from '../support/encode/encode-parquet.js'

const numbered = (count: number, cell: (at: number) => unknown) =>
  Array.from({ length: count }, (_, at) => ({ processInstanceId: String(at), variables: { v: cell(at) } }))

t.test('a type is inferred from every row, not from the sample', async (t) => {
  for (const engine of bothEngines) {
    const cases: [string, (at: number) => unknown, string][] = [
      ['integers', (at) => String(at), 'BIGINT'],
      ['integers, and one decimal at the end', (at) => (at === 999 ? '1.5' : String(at)), 'DOUBLE'],
      ['integers, and one text at the end', (at) => (at === 999 ? '007' : String(at)), 'VARCHAR'],
      ['empty, and one integer at the end', (at) => (at === 999 ? '7' : ''), 'BIGINT'],
      ['true, and one false at the end', (at) => String(at !== 999), 'BOOLEAN'],
    ]
    for (const [name, cell, type] of cases) {
      const { duckdb } = await roundTrip(numbered(1000, cell), {
        columns: 'all',
        inferTypes: true,
        sampleSize: 10,
        engine,
      })
      t.equal(duckdb.types[1], type, `${name}, ${engine}`)
      t.equal(duckdb.rows.length, 1000)
      t.strictSame(
        duckdb.rows.map(([id]) => id),
        Array.from({ length: 1000 }, (_, at) => String(at)),
      )
    }
  }
})

t.test('without columns: all, a cell that does not fit the type of the sample is an error', async (t) => {
  const records = numbered(1000, (at) => (at === 999 ? '1.5' : String(at)))
  await t.rejects(roundTrip(records, { inferTypes: true, sampleSize: 10 }), {
    code: 'ERR_CELL_TYPE',
    message: /row 1000: column "variable:v": expected int64, got "1.5"/,
  })
})

t.test('the type of an unknown field also fits every row', async (t) => {
  const records = Array.from({ length: 50 }, (_, at) => ({ id: String(at), extra: at < 49 ? at : 'many' }))
  const { duckdb } = await roundTrip(records, { columns: 'all', sampleSize: 5 })
  t.strictSame(duckdb.types, ['VARCHAR', 'VARCHAR'])
  t.strictSame(
    [duckdb.rows[3], duckdb.rows[49]],
    [
      ['3', '3'],
      ['49', 'many'],
    ],
  )
})

t.test('a key that only a later flow-node instance has is a field of the struct', async (t) => {
  const record = (instance: object) => ({
    processInstanceId: '1',
    variables: {},
    flowNodeInstances: [{ id: 'a', ...instance }],
  })
  const records = [...Array.from({ length: 20 }, () => record({})), record({ canceled: 'yes' })]
  const { duckdb } = await roundTrip(records, { columns: 'all', sampleSize: 5 })
  t.match(duckdb.types[1], /^STRUCT\(.*"canceled" VARCHAR\)\[\]$/)
  await t.rejects(roundTrip(records, { sampleSize: 5 }), {
    code: 'ERR_CELL_TYPE',
    message: /row 21: column "flowNodeInstances"/,
  })
})

t.test('a late column may appear in any row, and every cell is in its column', async (t) => {
  for (const engine of bothEngines) {
    const records = Array.from({ length: 40 }, (_, at) => ({
      processInstanceId: String(at),
      variables: { [`v${at}`]: `x${at}` },
    }))
    const { duckdb } = await roundTrip(records, { columns: 'all', sampleSize: 3, rowGroupRows: 7, engine })
    t.strictSame(duckdb.names, ['processInstanceId', ...records.map((_, at) => `variable:v${at}`)])
    t.strictSame(
      duckdb.rows,
      records.map((_, row) => [String(row), ...records.map((_, at) => (at === row ? `x${at}` : null))]),
    )
  }
})

t.test('late columns are counted', async (t) => {
  const { stats } = await roundTrip(
    numbered(3, () => 'x').concat([{ processInstanceId: '9', variables: { w: 1 } as never }]),
    { columns: 'all', sampleSize: 2 },
  )
  t.match(stats, { rows: 4, columns: 3, lateColumns: 1, droppedCells: 0 })
})

t.test('destroying an encoder that spools closes its file', async (t) => {
  const encoder = toParquet({ columns: 'all', sampleSize: 1 })
  for (const record of numbered(1000, String)) encoder.write(record)
  await new Promise((resolve) => setImmediate(resolve))
  encoder.destroy()
  await new Promise((resolve) => encoder.once('close', resolve))
  t.ok(encoder.destroyed)
})

t.test('unknown objects and lists are nested types inferred from every row', async (t) => {
  const records = Array.from({ length: 30 }, (_, at) => ({
    startDate: '2021-12-02T17:21:49.330+0200',
    place: { city: at === 20 ? null : `c${at}`, floor: at },
    tags: at === 25 ? null : [at, null],
    odd: at < 29 ? { a: 1 } : { b: 2 },
  }))
  const { duckdb } = await roundTrip(records, { columns: 'all', sampleSize: 3 })
  t.strictSame(duckdb.types, [
    'TIMESTAMP WITH TIME ZONE',
    'STRUCT("city" VARCHAR, "floor" BIGINT)',
    'BIGINT[]',
    'VARCHAR',
  ])
  t.strictSame(duckdb.rows[29]![3], '{"b":2}')
})

t.test('a list of columns of which omit leaves none is an error, with and without records', async (t) => {
  for (const records of [[], [{ a: 1 }]]) {
    await t.rejects(roundTrip(records, { columns: ['a'], omit: ['a'] }), {
      code: 'ERR_OPTION',
      option: 'columns',
      message: 'toParquet: columns: expected a column that pick and omit do not exclude, got none',
    })
  }
})

t.test('objects with the method toJSON have their value, and a function is an error with its column', async (t) => {
  const link = new URL('http://localhost/')
  for (const columns of ['all', ['variable:v']] as const) {
    const { duckdb } = await roundTrip(
      numbered(3, () => ({ link })),
      { columns },
    )
    t.strictSame(duckdb.rows.at(-1)!.at(-1), '{"link":"http://localhost/"}', String(columns))
  }
  const functions = numbered(3, () => () => 1)
  await t.rejects(roundTrip(functions, { columns: 'all' }), {
    code: 'ERR_ENCODE',
    message: 'toParquet: variable:v: expected a value that JSON can hold, got a function',
  })
})
