import t from 'tap'
import { bothEngines, encodeParquet, roundTrip } from '../support/encode/encode-parquet.js'
import { readBytesWithDuckdb, readFooter } from '../support/readers/read-parquet.js'

const processFields = [
  'processDefinitionKey',
  'processDefinitionId',
  'processInstanceId',
  'businessKey',
  'startDate',
  'endDate',
  'duration',
  'engineName',
  'tenantId',
]

t.test('a file without records has the nine documented process fields with their types', async (t) => {
  for (const engine of bothEngines) {
    const { duckdb, hyparquet, stats } = await roundTrip([], { engine })
    t.strictSame(duckdb.names, processFields)
    t.strictSame(hyparquet.names, processFields)
    t.strictSame([duckdb.rows, hyparquet.rows], [[], []])
    t.match(duckdb.types[4], /^TIMESTAMP/)
    t.equal(duckdb.types[6], 'BIGINT')
    t.match(stats, { rows: 0, columns: 9, rowGroups: 0 })
  }
})

t.test('a file without records has the listed or picked columns, if an option gives some', async (t) => {
  const columns = ['processInstanceId', 'variable:amount', 'flowNodeInstances', 'variables']
  const types = { 'variable:amount': 'double' } as const
  const nested = await roundTrip([], { columns, types, variables: 'map' })
  t.strictSame(nested.duckdb.names, columns)
  t.strictSame(nested.hyparquet.names, columns)
  t.strictSame(nested.duckdb.types.slice(0, 2), ['VARCHAR', 'DOUBLE'])
  t.strictSame(nested.duckdb.types.slice(2), [
    'STRUCT("id" VARCHAR, "name" VARCHAR, "startDate" TIMESTAMP WITH TIME ZONE, "endDate" TIMESTAMP WITH TIME ZONE)[]',
    'MAP(VARCHAR, VARCHAR)',
  ])
  for (const engine of bothEngines) {
    t.strictSame((await roundTrip([], { engine, columns, types })).duckdb.names, columns)
    t.strictSame((await roundTrip([], { engine, pick: ['variable:x', 'duration'], naming: 'plain' })).duckdb.names, [
      'x',
      'duration',
    ])
    t.strictSame(
      (await roundTrip([], { engine, omit: processFields.slice(1) })).duckdb.names,
      processFields.slice(0, 1),
    )
    const overflow = await roundTrip([], { engine, lateColumns: 'overflow' })
    t.strictSame(overflow.duckdb.names, [...processFields, 'overflow'])
  }
})

t.test(
  'a file without records has one row group without rows, as readers built on Arrow for Rust need it',
  async (t) => {
    const { bytes } = await encodeParquet([], {
      columns: ['s', 'flowNodeInstances', 'variables', 'st'],
      variables: 'map',
    })
    const [group, ...others] = readFooter(bytes).row_groups
    t.strictSame([group!.num_rows, others], [0n, []])
    t.strictSame(
      group!.columns.map(({ meta_data }) => meta_data!.path_in_schema.join('/')),
      [
        's',
        ...['id', 'name', 'startDate', 'endDate'].map((leaf) => `flowNodeInstances/list/element/${leaf}`),
        'variables/key_value/key',
        'variables/key_value/value',
        'st',
      ],
    )
  },
)

t.test('a file with all cells null has its rows', async (t) => {
  for (const engine of bothEngines) {
    const { duckdb, hyparquet } = await roundTrip([{ a: null, n: null }, {}], { engine, types: { n: 'timestamp' } })
    for (const { rows } of [duckdb, hyparquet])
      t.strictSame(rows, [
        [null, null],
        [null, null],
      ])
  }
})

t.test('records without columns, and a selection without columns, are refused', async (t) => {
  const message = 'toParquet: expected records with at least one column, got none'
  await t.rejects(encodeParquet([{}, {}]), { code: 'ERR_ENCODE', message })
  await t.rejects(encodeParquet([{}, {}], { columns: 'all' }), { code: 'ERR_ENCODE', message })
  await t.rejects(encodeParquet([{ a: 1 }], { omit: ['a'] }), {
    code: 'ERR_UNMATCHED_NAME',
    message: 'toParquet: the selection leaves no column of the report',
  })
  await t.rejects(encodeParquet([], { pick: [] }), { code: 'ERR_OPTION', option: 'pick' })
})

t.test('late columns are an error, or JSON in the overflow column, or dropped and counted', async (t) => {
  const records = [
    { variables: { a: '1' } },
    { variables: { a: '2', b: 'x' } },
    { variables: { a: '3' }, c: 2n ** 60n },
  ]
  await t.rejects(encodeParquet(records, { sampleSize: 1 }), { code: 'ERR_LATE_COLUMN' })
  for (const engine of bothEngines) {
    const overflow = await roundTrip(records, { engine, sampleSize: 1, lateColumns: 'overflow' })
    t.strictSame(overflow.duckdb.names, ['variable:a', 'overflow'])
    t.strictSame(overflow.duckdb.rows, [
      ['1', null],
      ['2', '{"variable:b":"x"}'],
      ['3', '{"c":1152921504606846976}'],
    ])
    t.strictSame(overflow.hyparquet.rows[1], ['2', { 'variable:b': 'x' }])
    const dropped = await roundTrip(records, { engine, sampleSize: 1, lateColumns: 'drop' })
    t.strictSame(dropped.duckdb.rows, [['1'], ['2'], ['3']])
    t.equal(dropped.stats.droppedCells, 2)
  }
})

t.test(
  "with columns: 'all', a late column is like the others, and a file without records has the nine documented fields",
  async (t) => {
    const late = { variables: { a: '2', b: 'x' }, n: 1.5, flowNodeInstances: [{ id: '1' }] }
    const { duckdb, stats } = await roundTrip([{ variables: { a: '1' } }, late], { columns: 'all', sampleSize: 1 })
    t.strictSame(duckdb.names, ['variable:a', 'n', 'flowNodeInstances', 'variable:b'])
    t.strictSame(duckdb.rows[0], ['1', null, null, null])
    t.strictSame(
      [0, 1, 3].map((at) => duckdb.rows[1]![at]),
      ['2', 1.5, 'x'],
    )
    t.match(stats, { rows: 2, columns: 4, lateColumns: 3 })
    t.strictSame((await roundTrip([], { columns: 'all' })).duckdb.names, processFields)
  },
)

t.test('wide tables keep the order of all columns', async (t) => {
  const record = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`c${at}`, `v${at}`]))
  for (const engine of bothEngines) {
    const { bytes } = await encodeParquet([record, record], { engine })
    const { rows, names } = await readBytesWithDuckdb(bytes)
    t.strictSame([names, rows[1]], [Object.keys(record), Object.values(record)])
  }
})
