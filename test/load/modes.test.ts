// replace, merge and append, with events and the history of loads, in DuckDB and in PostgreSQL.
import t from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import type { FakeOptimizeOptions } from '../../lib/testing/index.js'
import { createInstance, createInstances } from '../support/loads/instances.js'
import { preparePostgres, loadFromFake, type TestDatabase } from '../support/loads/load-targets.js'

const { testBoth } = await preparePostgres()
t.setTimeout(400_000)

const node = (id: string) => ({ id, name: `node ${id}`, startDate: '2024-05-31T06:11:26.123+0000', endDate: null })

const load = (target: TestDatabase, server: FakeOptimizeOptions, options: Partial<LoadOptions> = {}) =>
  loadFromFake(target.into(), server, { ...options, source: { limit: 100 } })

testBoth('replace: the table holds exactly the report, and each row has the id of its load', async (t, target) => {
  const first = await load(target, { records: 250 })
  t.match(first, { mode: 'replace', rows: 250, inserted: 250, updated: 0, deleted: 0, total: 250, complete: true })
  t.equal(first.table, target.name === 'duckdb' ? 'main.orders' : 'public.orders')
  t.strictSame(
    await target.query(
      `SELECT count(*) AS n, count(DISTINCT process_instance_id) AS ids FROM orders WHERE _optimize_load_id = '${first.id}'`,
    ),
    [{ n: 250, ids: 250 }],
  )
  const second = await load(target, {
    data: [createInstance('a', { duration: 7 }), ...Array.from({ length: 149 }, (_, at) => createInstance(`b${at}`))],
  })
  t.match(second, { inserted: 150, deleted: 250, total: 150 })
  t.strictSame(
    await target.query(
      `SELECT duration, start_date, _optimize_load_id AS id FROM orders WHERE process_instance_id = 'a'`,
    ),
    [{ duration: 7, start_date: new Date('2024-05-31T06:11:26.123Z'), id: second.id }],
  )
  t.strictSame(
    await target.query(
      'SELECT load_id, mode, rows_received, rows_promised, rows_in_table, complete FROM _optimize_loads ORDER BY finished_at',
    ),
    [
      {
        load_id: first.id,
        mode: 'replace',
        rows_received: 250,
        rows_promised: 250,
        rows_in_table: 250,
        complete: true,
      },
      {
        load_id: second.id,
        mode: 'replace',
        rows_received: 150,
        rows_promised: 150,
        rows_in_table: 150,
        complete: true,
      },
    ],
  )
  t.ok(second.changes.some(({ kind, subject }) => kind === 'column-vanished' && subject.startsWith('variable:')))
})

testBoth('merge: new rows are inserted, changed ones updated, and the others stay', async (t, target) => {
  const rows = (sql: string) => target.query(sql)
  const first = await load(
    target,
    { data: [createInstance('a'), createInstance('b'), createInstance('c', { businessKey: 'k' })] },
    { mode: 'merge' },
  )
  t.match(first, { inserted: 3, updated: 0, deleted: 0, total: 3 })
  const second = await load(
    target,
    {
      data: [
        createInstance('a'),
        createInstance('b', { duration: 6, variables: { amount: '12' } }),
        createInstance('d'),
      ],
    },
    { mode: 'merge' },
  )
  t.match(second, { inserted: 1, updated: 1, deleted: 0, total: 4 })
  t.strictSame(
    await rows('SELECT process_instance_id AS id, duration, variable_amount AS amount FROM orders ORDER BY 1'),
    [
      { id: 'a', duration: 5, amount: null },
      { id: 'b', duration: 6, amount: 12 },
      { id: 'c', duration: 5, amount: null },
      { id: 'd', duration: 5, amount: null },
    ],
  )
  t.strictSame(
    await rows(`SELECT process_instance_id AS id FROM orders WHERE _optimize_load_id = '${first.id}' ORDER BY 1`),
    [{ id: 'a' }, { id: 'c' }],
    'unchanged rows keep their load',
  )
  const soft = await load(
    target,
    { data: [createInstance('a'), createInstance('b'), createInstance('d')] },
    { mode: 'merge', deleteMissing: 'soft' },
  )
  t.match(soft, { inserted: 0, updated: 1, deleted: 1, total: 4 })
  t.strictSame(await rows('SELECT process_instance_id AS id FROM orders WHERE _optimize_deleted_at IS NOT NULL'), [
    { id: 'c' },
  ])
  t.strictSame(
    await rows("SELECT variable_amount AS amount FROM orders WHERE process_instance_id = 'b'"),
    [{ amount: null }],
    'a vanished column is null in the rows of the report',
  )
  t.match(
    await load(target, { data: [createInstance('c', { businessKey: 'k' })] }, { mode: 'merge' }),
    { updated: 1 },
    'a row that the report has again is no longer marked as deleted',
  )
  t.strictSame(await rows('SELECT count(*) AS n FROM orders WHERE _optimize_deleted_at IS NOT NULL'), [{ n: 0 }])
  const hard = await load(
    target,
    { data: [createInstance('a'), createInstance('c', { businessKey: 'k' })] },
    { mode: 'merge', deleteMissing: 'hard' },
  )
  t.match(hard, { inserted: 0, updated: 0, deleted: 2, total: 2 })
  await t.rejects(load(target, { data: [createInstance('z')] }, { mode: 'merge', deleteMissing: 'hard' }), {
    code: 'ERR_SUSPICIOUS_LOAD',
  })
  await t.rejects(load(target, { data: [] }, { mode: 'merge', deleteMissing: 'hard' }), { code: 'ERR_SUSPICIOUS_LOAD' })
  t.match(await load(target, { data: [] }, { mode: 'merge' }), { inserted: 0, total: 2 })
  t.match(await load(target, { data: [] }, { mode: 'merge', deleteMissing: 'hard', maxLostShare: 1 }), {
    deleted: 2,
    total: 0,
  })
})

testBoth('merge: a vanished column is null in the rows of the report, also if columns lists it', async (t, target) => {
  const options = { mode: 'merge', columns: ['processInstanceId', 'variable:amount'] } as const
  await load(target, { data: [createInstance('a', { variables: { amount: '12' } })] }, options)
  t.match(await load(target, { data: [createInstance('a')] }, options), { inserted: 0, updated: 1 })
  t.strictSame(await target.query('SELECT variable_amount AS amount FROM orders'), [{ amount: null }])
})

testBoth('append adds rows, and a merge into a table in which an id occurs twice is refused', async (t, target) => {
  await load(target, { data: [createInstance('a')] }, { mode: 'append' })
  t.match(await load(target, { data: [createInstance('a')] }, { mode: 'append' }), { inserted: 1, total: 2 })
  await t.rejects(load(target, { data: [createInstance('a')] }, { mode: 'merge' }), {
    code: 'ERR_DESTINATION',
    message: /expected each processInstanceId once/,
  })
  t.strictSame(await target.query('SELECT count(*) AS n FROM orders'), [{ n: 2 }])
})

testBoth('events are a second table in the same transaction', async (t, target) => {
  const data = (more: string[] = []) => [
    createInstance('a', { businessKey: 'k1', flowNodeInstances: [node('1'), node('2'), ...more.map(node)] }),
    createInstance('b', { businessKey: 'k2', flowNodeInstances: [node('3')] }),
  ]
  const events = { table: 'steps', fields: ['businessKey'] }
  const first = await load(target, { data: data() }, { events })
  t.match(first, { rows: 2, events: 3 })
  const select =
    'SELECT process_instance_id AS id, flow_node_instance_id AS node, flow_node_name AS name, business_key AS key FROM steps ORDER BY 2'
  t.strictSame(await target.query(select), [
    { id: 'a', node: '1', name: 'node 1', key: 'k1' },
    { id: 'a', node: '2', name: 'node 2', key: 'k1' },
    { id: 'b', node: '3', name: 'node 3', key: 'k2' },
  ])
  t.notOk(
    first.schema.some(({ source }) => source === 'flowNodeInstances'),
    'the record table has no events',
  )
  await load(target, { data: [data(['4'])[0]!] }, { events, mode: 'merge' })
  t.strictSame(
    (await target.query(select)).map(({ node }) => node),
    ['1', '2', '3', '4'],
  )
  await load(target, { data: [createInstance('c', { flowNodeInstances: [node('5')] })] }, { events, mode: 'append' })
  t.equal((await target.query(select)).length, 5)
  await load(target, { data: data() }, { events })
  t.equal((await target.query(select)).length, 3)
  await load(target, { data: [data()[0]!] }, { events, mode: 'merge', deleteMissing: 'hard' })
  t.strictSame(
    (await target.query(select)).map(({ node }) => node),
    ['1', '2'],
  )
  await load(target, { data: [] }, { events, mode: 'merge' })
  t.equal((await target.query(select)).length, 2)
})

testBoth('variables as one column of JSON', async (t, target) => {
  await load(
    target,
    { data: [createInstance('a', { variables: { x: '1', y: 'z' } }), createInstance('b')] },
    { variables: 'json' },
  )
  t.strictSame(await target.query("SELECT variables ->> 'y' AS y FROM orders ORDER BY process_instance_id"), [
    { y: 'z' },
    { y: null },
  ])
})

testBoth('types only become wider, and columns are added', async (t, target) => {
  const types: string[] = []
  for (const amount of ['1', '1.5', 'x', '2']) {
    const { schema, changes } = await load(target, { data: [createInstance('a', { variables: { amount } })] })
    types.push(schema.find(({ source }) => source === 'variable:amount')!.type as string)
    t.equal(
      changes.some(({ kind }) => kind === 'type-changed'),
      amount === '1.5' || amount === 'x',
      amount,
    )
  }
  t.strictSame(types, ['int64', 'double', 'string', 'string'])
  t.strictSame(await target.query('SELECT variable_amount AS amount FROM orders'), [{ amount: '2' }])
  await load(target, { data: [createInstance('a', { variables: { amount: '1', other: 'true' } })] })
  t.strictSame(await target.query('SELECT variable_other AS other FROM orders'), [{ other: true }])
  const frozen = load(
    target,
    { data: [createInstance('a', { variables: { third: '1' } })] },
    { schemaChanges: 'freeze' },
  )
  await t.rejects(frozen, { code: 'ERR_SCHEMA_CHANGE', message: /variable_third/ })
})

testBoth('a load that lost too many rows commits nothing', async (t, target) => {
  const data = Array.from({ length: 10 }, (_, at) => createInstance(String(at)))
  await load(target, { data })
  await t.rejects(load(target, { data: data.slice(0, 4) }), {
    code: 'ERR_SUSPICIOUS_LOAD',
    message: /5 or more rows.*got 4/,
  })
  await t.rejects(load(target, { data: [] }), { code: 'ERR_SUSPICIOUS_LOAD' })
  await t.rejects(load(target, { report: 'map', records: 20 }), {
    code: 'ERR_SUSPICIOUS_LOAD',
    message: /kind process/,
  })
  t.strictSame(await target.query('SELECT count(*) AS n FROM orders'), [{ n: 10 }])
  t.match(await load(target, { data: [] }, { maxLostShare: 1 }), { rows: 0, total: 0 })
  t.strictSame(await target.query('SELECT count(*) AS n FROM _optimize_loads'), [{ n: 2 }])
})

testBoth('reports without ids are replaced and appended, but not merged', async (t, target) => {
  await load(target, { report: 'map', records: 3 }, { table: 'groups' })
  t.match(await load(target, { report: 'map', records: 3 }, { table: 'groups', mode: 'append' }), { total: 6 })
  await load(target, { report: 'number' }, { table: 'figure' })
  await t.rejects(load(target, { report: 'map', records: 3 }, { table: 'groups', mode: 'merge' }), {
    code: 'ERR_OPTION',
    message:
      "loadReport: mode: expected 'replace' or 'append' for a report of the kind map, whose rows have no id, got 'merge'",
  })
})

testBoth('0 records make a table with the documented columns', async (t, target) => {
  const { schema, total } = await load(target, { data: [] })
  t.equal(total, 0)
  t.equal(schema.length, 9)
  t.match(await load(target, { data: [createInstance('a')] }), { total: 1, changes: [] })
})

testBoth('a dry run returns the changes and leaves everything as it was', async (t, target) => {
  t.match(await load(target, { data: [createInstance('a')] }, { dryRun: true }), { inserted: 1, dryRun: true })
  await load(target, { data: [createInstance('a')] })
  const dry = await load(target, { data: [createInstance('b', { variables: { x: '1' } })] }, { dryRun: true })
  t.strictSame(
    dry.changes.map(({ kind, subject }) => [kind, subject]),
    [['column-appeared', 'variable:x']],
  )
  t.strictSame(await target.query('SELECT process_instance_id AS id FROM orders'), [{ id: 'a' }])
  t.strictSame(await target.query('SELECT count(*) AS n FROM _optimize_loads'), [{ n: 1 }])
})

testBoth('a schema is created, and quotes in names are kept', async (t, target) => {
  await load(
    target,
    { data: [createInstance('a', { variables: { 'a"b': '1' } })] },
    { table: '"my sales"."all ""orders"""', naming: 'prefixed' },
  )
  t.strictSame(await target.query('SELECT "variable:a""b" AS x FROM "my sales"."all ""orders"""'), [{ x: 1 }])
})

testBoth('a merge of a report with fewer records is a change, and an error if a limit is given', async (t, target) => {
  const merge = (records: number, options: Partial<LoadOptions> = {}) =>
    load(target, { data: createInstances(records, 1) }, { mode: 'merge', ...options })
  const query = () => target.query('SELECT count(*) AS n FROM orders')
  t.match(await merge(200), { changes: [] })
  const half = await merge(80)
  t.match(half, {
    total: 200,
    changes: [
      {
        kind: 'fewer-rows',
        subject: '80',
        message: 'the report has 80 records, and had 200 in the last complete load',
      },
    ],
  })
  t.strictSame(
    await target.query(
      `SELECT CAST(changes AS varchar) LIKE '%fewer-rows%' AS yes FROM _optimize_loads WHERE load_id = '${half.id}'`,
    ),
    [{ yes: true }],
    'the history has the change too',
  )
  await t.rejects(merge(60, { maxLostShare: 0.2 }), {
    code: 'ERR_SUSPICIOUS_LOAD',
    message: /expected a report of 64 or more records, because it had 80 in the last complete load, got 60/,
  })
  await t.rejects(merge(0, { maxLostShare: 0.99 }), {
    code: 'ERR_SUSPICIOUS_LOAD',
    message: /1 or more records.*got 0/,
  })
  await t.rejects(merge(0, { maxLostShare: 0.5, mode: 'append' }), { code: 'ERR_SUSPICIOUS_LOAD' })
  t.match(await merge(64, { maxLostShare: 0.2 }), { changes: [{ kind: 'fewer-rows' }] })
  t.match(await merge(0, { maxLostShare: 1 }), { changes: [{ kind: 'fewer-rows' }], total: 200 })
  t.match(await merge(0, { maxLostShare: 0.2 }), { changes: [] }, 'the report had no records before')
  t.strictSame(await query(), [{ n: 200 }])
})

testBoth('each of two reports in one table is compared with its own last load', async (t, target) => {
  const merge = (reportId: string, records: number) =>
    loadFromFake(target.into(), { data: createInstances(records, 1), reportId }, { mode: 'merge', maxLostShare: 0.1 })
  await merge('large', 100)
  t.match(await merge('small', 10), { changes: [] })
  t.match(await merge('large', 100), { changes: [] })
  await t.rejects(merge('large', 10), { code: 'ERR_SUSPICIOUS_LOAD', message: /it had 100/ })
})

testBoth('the history has the fields that docs/loading.md lists', async (t, target) => {
  const data = [createInstance('a', { businessKey: '', flowNodeInstances: [node('n')] }), createInstance('b')]
  await load(target, { data }, { events: 'steps' })
  await load(target, { data: [{ ...createInstance('a'), businessKey: undefined }] }, { maxLostShare: 1 })
  const history = await target.query('SELECT CAST("schema" AS varchar) AS s FROM _optimize_loads ORDER BY finished_at')
  const [first, second] = history.map(({ s }) => JSON.parse(s as string) as RecordedFields)
  t.strictSame(Object.keys(first!).sort(), ['columns', 'definitions', 'events', 'kind'])
  t.strictSame(Object.keys(first!.events).sort(), ['columns', 'loadId', 'rows', 'table'])
  const find = ({ columns }: RecordedFields, name: string) => columns.find((column) => column['name'] === name)
  const id = { name: 'process_instance_id', source: 'processInstanceId', type: 'string', filledRows: 2 }
  t.strictSame(find(first!, 'process_instance_id'), id)
  t.match(find(second!, 'business_key'), { hasVanished: true })
  t.strictSame(second!.events, first!.events, 'a load without events keeps the recorded events of the load before')
})

interface RecordedFields {
  readonly columns: readonly Readonly<Record<string, unknown>>[]
  readonly events: object
}
