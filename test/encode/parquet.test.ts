import t, { type Test } from 'tap'
import type { ParquetOptions } from '../../lib/encode/parquet/to-parquet.js'
import { bothEngines, roundTrip } from '../support/encode/encode-parquet.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

/** Checks that both readers return these rows. */
async function assertRows(t: Test, records: unknown[], options: ParquetOptions, rows: unknown[][]) {
  const read = await roundTrip(records, options)
  t.strictSame(read.duckdb.rows, rows, `${options.engine}, DuckDB`)
  t.strictSame(read.hyparquet.rows, rows, `${options.engine}, hyparquet`)
  return read
}

const process = {
  processDefinitionKey: 'aProcess',
  processDefinitionId: 'aProcess:1:1801',
  processInstanceId: '1809',
  counts: { incidents: 0, openIncidents: 0, userTasks: 1 },
  flowNodeDurations: { startEvent: { name: 'Start', value: 7 } },
  businessKey: 'aBusinessKey',
  startDate: '2021-12-02T17:21:49.330+0200',
  endDate: null,
  duration: 123456,
  engineName: 'camunda-bpm',
  tenantId: null,
  variables: { amount: '12', approved: 'true', comment: '' },
  flowNodeInstances: [
    { id: '1810', name: 'Start', startDate: '2021-12-02T17:21:49.330+0200', endDate: '2021-12-02T17:21:50.000+0200' },
    { id: '1811', name: 'Task', startDate: '2021-12-02T17:21:50.000+0200', endDate: null },
  ],
}
const startDate = new Date('2021-12-02T15:21:49.330Z')
const processRow = [
  'aProcess',
  'aProcess:1:1801',
  '1809',
  'aBusinessKey',
  startDate,
  null,
  123456n,
  'camunda-bpm',
  null,
]

t.test(
  'a process instance has typed known fields, variables as text and its flow nodes as a list of structs',
  async (t) => {
    const nodes = [
      { id: '1810', name: 'Start', startDate, endDate: new Date('2021-12-02T15:21:50Z') },
      { id: '1811', name: 'Task', startDate: new Date('2021-12-02T15:21:50Z'), endDate: null },
    ]
    const options = { engine: 'hyparquet-writer' } as const
    const { duckdb } = await assertRows(t, [process], options, [
      [...processRow, 0n, 0n, 1n, 7n, '12', 'true', '', nodes],
    ])
    const described = await readBytesWithDuckdb((await roundTrip([process])).bytes, 'DESCRIBE SELECT * FROM file')
    t.strictSame(
      described.rows.map(([name, type]) => `${String(name)} ${String(type)}`),
      [
        'processDefinitionKey VARCHAR',
        'processDefinitionId VARCHAR',
        'processInstanceId VARCHAR',
        'businessKey VARCHAR',
        'startDate TIMESTAMP WITH TIME ZONE',
        'endDate TIMESTAMP WITH TIME ZONE',
        'duration BIGINT',
        'engineName VARCHAR',
        'tenantId VARCHAR',
        'count:incidents BIGINT',
        'count:openIncidents BIGINT',
        'count:userTasks BIGINT',
        'dur:startEvent BIGINT',
        'variable:amount VARCHAR',
        'variable:approved VARCHAR',
        'variable:comment VARCHAR',
        'flowNodeInstances STRUCT(id VARCHAR, "name" VARCHAR, startDate TIMESTAMP WITH TIME ZONE, endDate TIMESTAMP WITH TIME ZONE)[]',
      ],
    )
    t.equal(duckdb.names.length, 17)
  },
)

t.test('with parquetjs-lite the flow nodes are JSON, everything else has the same values', async (t) => {
  const { duckdb, hyparquet } = await roundTrip([process], { engine: 'parquetjs-lite' })
  const row = [...processRow, 0n, 0n, 1n, 7n, '12', 'true', '']
  t.strictSame(duckdb.rows, [[...row, JSON.stringify(process.flowNodeInstances)]])
  t.strictSame(hyparquet.rows, [[...row, process.flowNodeInstances]])
  t.strictSame(duckdb.types.slice(4, 7), ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMP WITH TIME ZONE', 'BIGINT'])
})

t.test('analysts can count days and join flow nodes without casting', async (t) => {
  const { bytes } = await roundTrip([process])
  const days = await readBytesWithDuckdb(
    bytes,
    `SELECT date_diff('day', startDate, TIMESTAMPTZ '2021-12-05 15:21:50Z'), duration / 1000 FROM file`,
  )
  t.strictSame(days.rows, [[3n, 123.456]])
  const nodes = await readBytesWithDuckdb(
    bytes,
    `SELECT n.name, n.endDate IS NULL FROM (SELECT unnest(flowNodeInstances) AS n FROM file)`,
  )
  t.strictSame(nodes.rows, [
    ['Start', false],
    ['Task', true],
  ])
})

t.test('a decision instance has its inputs and outputs as text', async (t) => {
  const record = {
    decisionInstanceId: 'd1',
    processInstanceId: 'p1',
    evaluationDateTime: '2021-12-02T17:21:49.330+0200',
    inputVariables: { c1: { id: 'c1', name: 'Amount', type: 'Double', value: '300.0' } },
    outputVariables: { c3: { values: ['a', 'b'] }, c4: { values: ['x'] }, c5: { values: [] } },
  }
  for (const engine of bothEngines)
    await assertRows(t, [record], { engine }, [['d1', 'p1', startDate, '300.0', '["a","b"]', 'x', null]])
})

t.test('map, hyper-map and number reports have doubles as values', async (t) => {
  for (const engine of bothEngines) {
    await assertRows(
      t,
      [
        { key: 'a', value: 2, label: 'A' },
        { key: 'b', value: null, label: 'B' },
      ],
      { engine },
      [
        ['a', 'A', 2],
        ['b', 'B', null],
      ],
    )
    const group = { key: 'g', label: 'G', value: [{ key: 'd', value: 3.5, label: 'D' }] }
    await assertRows(t, [group], { engine }, [['g', 'G', 'd', 'D', 3.5]])
    await assertRows(t, [{ value: 1 }], { engine }, [[1]])
  }
})

t.test("variables: 'map' writes all variables of a record into one MAP column, and no variable is late", async (t) => {
  const records = [
    { processInstanceId: '1', variables: { a: 'x', '': '', ['__proto__']: 'p', obj: ['{"a":1}'], none: null } },
    { processInstanceId: '2', variables: {} },
    { processInstanceId: '3', variables: null },
    { processInstanceId: '4', variables: { neu: 'late' } },
  ]
  const { duckdb, hyparquet } = await roundTrip(records, { variables: 'map', sampleSize: 1 })
  t.strictSame(duckdb.types, ['VARCHAR', 'MAP(VARCHAR, VARCHAR)'])
  t.strictSame(
    duckdb.rows.map(([, map]) => map),
    [
      [
        { key: 'a', value: 'x' },
        { key: '', value: '' },
        { key: '__proto__', value: 'p' },
        { key: 'obj', value: '["{\\"a\\":1}"]' },
        { key: 'none', value: null },
      ],
      [],
      null,
      [{ key: 'neu', value: 'late' }],
    ],
  )
  t.strictSame(hyparquet.rows.slice(1), [
    ['2', {}],
    ['3', null],
    ['4', { neu: 'late' }],
  ])
})

t.test('declared types accept texts and values, and an empty text is null except in a column of text', async (t) => {
  const types = { s: 'string', i: 'int64', d: 'double', b: 'boolean', t: 'timestamp' } as const
  const records = [
    { s: 'x', i: '-42', d: '1.50', b: 'true', t: '2020-01-01T00:00:00Z' },
    { s: 5, i: 7, d: 2, b: false, t: new Date(5) },
    { s: true, i: 2n ** 62n, d: 2n ** 60n, b: true, t: -1 },
    { s: { a: [1, 2n ** 60n] }, i: '9223372036854775807', d: '1.0E10', b: 'false', t: '1900-01-01T00:00:00.000+0100' },
    { s: '', i: '', d: '', b: '', t: '' },
    { s: null, i: null, d: null, b: null, t: null },
    {},
    { s: new Date(0), i: -(2n ** 63n), d: '-.5e-1', b: null, t: -8.64e15 },
  ]
  const none = [null, null, null, null, null]
  for (const engine of bothEngines)
    await assertRows(t, records, { engine, types }, [
      ['x', -42n, 1.5, true, new Date('2020-01-01T00:00:00Z')],
      ['5', 7n, 2, false, new Date(5)],
      ['true', 2n ** 62n, 2 ** 60, true, new Date(-1)],
      ['{"a":[1,1152921504606846976]}', 2n ** 63n - 1n, 1e10, false, new Date('1899-12-31T23:00:00Z')],
      ['', ...none.slice(1)],
      none,
      none,
      ['1970-01-01T00:00:00.000Z', -(2n ** 63n), -0.05, null, new Date(-8.64e15)],
    ])
})

t.test('int64 keeps every digit, up to its smallest and its largest value', async (t) => {
  const values = [2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n, 1234567890123456789n, 0n, -1n]
  for (const engine of bothEngines)
    for (const cells of [values, values.map(String)])
      await assertRows(
        t,
        cells.map((i) => ({ i })),
        { engine, types: { i: 'int64' } },
        values.map((value) => [value]),
      )
})

t.test('doubles keep infinities, NaN and the sign of zero, also where values repeat', async (t) => {
  const values = [-0, 0, 0, -0, 0, 0, 1.5, Infinity, -Infinity, NaN, 5e-324, Number.MAX_VALUE, 0, 0, 0]
  for (const engine of bothEngines) {
    const { duckdb, hyparquet } = await roundTrip(
      values.map((d) => ({ d })),
      { engine },
    )
    for (const { rows } of [duckdb, hyparquet])
      t.ok(
        rows.every(([value], at) => Object.is(value, values[at])),
        engine,
      )
  }
  const lists = await roundTrip(values.map((d) => ({ l: [d, d] })))
  t.ok(lists.duckdb.rows.every(([list], at) => Object.is((list as number[])[1], values[at])))
})

t.test('json columns contain declared JSON text unchanged, and the JSON of values', async (t) => {
  const records = [
    { j: '{"a": 9007199254740993}' },
    { j: { a: 2n ** 60n } },
    { j: [1, 'x'] },
    { j: '' },
    { j: null },
    { j: 5 },
    { j: true },
    { j: new Date(0) },
  ]
  for (const engine of bothEngines) {
    const { duckdb, hyparquet } = await roundTrip(records, { engine, types: { j: 'json' } })
    t.strictSame(duckdb.rows.flat(), [
      '{"a": 9007199254740993}',
      '{"a":1152921504606846976}',
      '[1,"x"]',
      null,
      null,
      '5',
      'true',
      '"1970-01-01T00:00:00.000Z"',
    ])
    t.strictSame(hyparquet.rows[2], [[1, 'x']])
  }
})

t.test(
  'objects and arrays with different keys or types become JSON, where a later text becomes a JSON string',
  async (t) => {
    const records = [{ j: { a: 1 } }, { j: [1, { b: [] }] }, { j: '5' }, { j: 5 }, { j: '' }]
    for (const engine of bothEngines) {
      const { duckdb } = await roundTrip(records, { engine, sampleSize: 2 })
      t.strictSame(duckdb.rows.flat(), ['{"a":1}', '[1,{"b":[]}]', '"5"', '5', null])
    }
  },
)

t.test('objects and arrays with the same keys and types become structs and lists', async (t) => {
  const records = [
    { l: ['a', null, ''], s: { n: 1.5, b: true }, ls: [{ k: 'x' }, null], i: [2n ** 60n] },
    { l: [], s: null, ls: [], i: null },
    { l: null, s: { b: null, n: null }, ls: null, i: [null] },
    { l: '', s: '', ls: '', i: '' },
  ]
  const { duckdb } = await assertRows(t, records, { engine: 'hyparquet-writer', sampleSize: 3 }, [
    [['a', null, ''], { n: 1.5, b: true }, [{ k: 'x' }, null], [2n ** 60n]],
    [[], null, [], null],
    [null, { n: null, b: null }, null, [null]],
    [null, null, null, null],
  ])
  t.strictSame(duckdb.types, ['VARCHAR[]', 'STRUCT("n" DOUBLE, "b" BOOLEAN)', 'STRUCT("k" VARCHAR)[]', 'BIGINT[]'])
  const json = await roundTrip(records, { engine: 'parquetjs-lite', sampleSize: 3 })
  t.strictSame(json.duckdb.rows[0], [
    '["a",null,""]',
    '{"n":1.5,"b":true}',
    '[{"k":"x"},null]',
    '[1152921504606846976]',
  ])
})

t.test(
  'further keys of flow nodes have the types of fields of other lists, and are null where an element lacks them',
  async (t) => {
    const nodes: (object | null)[] = [
      { id: '1', ['__proto__']: 'x', assignee: 'kim', n: 5, d: 1.5, b: true, mixed: 1, deep: { a: [1] }, none: null },
      null,
      { id: '2', startDate: '', n: 2n ** 60n, d: 2, mixed: 'x', constructor: 7 },
    ]
    const records = [{ flowNodeInstances: [] }, { flowNodeInstances: nodes }]
    const { duckdb, bytes } = await roundTrip(records)
    t.strictSame(duckdb.types, [
      'STRUCT("id" VARCHAR, "name" VARCHAR, "startDate" TIMESTAMP WITH TIME ZONE, "endDate" TIMESTAMP WITH TIME ZONE, "__proto__" VARCHAR, "assignee" VARCHAR, "n" BIGINT, "d" DOUBLE, "b" BOOLEAN, "mixed" VARCHAR, "deep" VARCHAR, "none" VARCHAR, "constructor" BIGINT)[]',
    ])
    const flat = `SELECT f.id, f."__proto__", f.assignee, f.n, f.d, f.b, f.mixed, f.deep, f.none, f.constructor, f.startDate FROM (SELECT unnest(flowNodeInstances) AS f FROM file)`
    t.strictSame((await readBytesWithDuckdb(bytes, flat)).rows, [
      ['1', 'x', 'kim', 5n, 1.5, true, '1', '{"a":[1]}', null, null, null],
      Array(11).fill(null),
      ['2', null, null, 2n ** 60n, 2, null, 'x', null, null, 7n, null],
    ])
  },
)

t.test('flow nodes that are text, as in a flat row, stay text', async (t) => {
  for (const engine of bothEngines)
    await assertRows(t, [{ flowNodeInstances: '[{"id":"1"}]' }], { engine }, [['[{"id":"1"}]']])
})

t.test('inferTypes gives variables the type that fits all their texts', async (t) => {
  const records = [
    {
      variables: {
        i: '1',
        d: '-1.5',
        b: 'true',
        t: '2021-12-02T17:21:49.330+0200',
        z: '007',
        e: '1e5',
        big: '9007199254740993',
        n: '',
      },
    },
    { variables: { i: '', d: '2', b: 'false', t: '', z: '1', e: '2', big: '1', n: null } },
  ]
  for (const engine of bothEngines) {
    await assertRows(t, records, { engine, inferTypes: true }, [
      [1n, -1.5, true, startDate, '007', '1e5', '9007199254740993', ''],
      [null, 2, false, null, '1', '2', '1', null],
    ])
    await assertRows(t, records.slice(1), { engine }, [['', '2', 'false', '', '1', '2', '1', null]])
  }
})

t.test(
  'types are decided by the first sampleSize rows, with and without a list of columns, for both engines',
  async (t) => {
    const records = [
      { a: null, b: 1 },
      { a: 1.5, b: 2 },
    ]
    for (const engine of bothEngines)
      await assertRows(t, records, { engine, columns: ['a', 'b'], sampleSize: 2 }, [
        [null, 1],
        [1.5, 2],
      ])
    for (const engine of bothEngines)
      await assertRows(t, records, { engine, sampleSize: 1 }, [
        [null, 1],
        ['1.5', 2],
      ])
  },
)

t.test('columns of any name are in the file, in their order', async (t) => {
  const names = [
    'b',
    '7',
    '',
    '__proto__',
    'constructor',
    'a.b',
    'a,b',
    'a"b',
    "a'b",
    'é',
    '😀',
    'a\nb',
    ' ',
    'root',
    'list',
    'toString',
  ]
  const record = Object.fromEntries(names.map((name) => [`variable:${name}`, name]))
  for (const engine of bothEngines) {
    const { duckdb, hyparquet } = await roundTrip([record], { engine, naming: 'plain', columns: Object.keys(record) })
    t.strictSame(duckdb.names, names.with(2, 'C2'), `${engine}; DuckDB gives a column without a name one of its own`)
    t.strictSame(hyparquet.names, names, engine)
    t.strictSame(duckdb.rows, [names], engine)
    t.strictSame(hyparquet.rows, [names], engine)
  }
})

t.test('a filter on text finds its row, whatever characters are in the row group', async (t) => {
  const texts = ['\u{10000}', '\uE000', '\uFFFD', 'a', '', '\u{1F600}'.repeat(10), '\uFFFF'.repeat(20)]
  for (const engine of bothEngines) {
    const { bytes } = await roundTrip(
      texts.map((s) => ({ s })),
      { engine },
    )
    for (const text of texts) {
      const found = await readBytesWithDuckdb(bytes, `SELECT s FROM file WHERE s = '${text}'`)
      t.strictSame(found.rows, [[text]], `${engine} ${JSON.stringify(text)}`)
    }
  }
})

t.test('filters on numbers and times find their rows in all pages and row groups, also before 1970', async (t) => {
  const records = Array.from({ length: 20_000 }, (_, at) => ({
    i: BigInt(at) - 10_000n,
    d: at / 2,
    t: new Date((at - 10_000) * 1000),
    day: new Date(at < 15_000 ? -86_400_000 : 0),
    b: at === 9,
  }))
  for (const engine of bothEngines) {
    const { bytes, stats } = await roundTrip(records, { engine, rowGroupRows: 18_000, types: { i: 'int64' } })
    t.equal(stats.rowGroups, 2)
    const sql = (condition: string) =>
      readBytesWithDuckdb(bytes, `SELECT i FROM file WHERE ${condition}`).then(({ rows }) => rows)
    t.strictSame(await sql('i = -5000'), [[-5000n]])
    t.strictSame(await sql('d = 9999.5'), [[9999n]])
    t.strictSame(await sql(`epoch_ms(t) = -5000000`), [[-5000n]])
    t.strictSame(await sql('b'), [[-9991n]])
    t.equal((await sql('epoch_ms(day) = 0')).length, 5000)
  }
})
