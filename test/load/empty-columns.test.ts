// Columns that have no value in one load: they keep their type in the table.
import { compareReport, type LoadOptions } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { createInstance } from '../support/loads/instances.js'
import { loadRecords, preparePostgres, type TestDatabase } from '../support/loads/load-targets.js'

const { testBoth } = await preparePostgres()

const DATE = '2024-05-31T06:11:26.123+0000'

/** One value of each type that loads infer for variables, and of a text. */
const values = { n: '1', d: '1.5', b: 'true', t: DATE, s: 'x' }
type Name = keyof typeof values
const names = Object.keys(values) as Name[]
/** An instance whose variables all have this value. */
const createEmpty = (id: string, value: '' | null) =>
  createInstance(id, { variables: Object.fromEntries(names.map((name) => [name, value])) })

async function listTypes(target: TestDatabase, table: string): Promise<Map<unknown, unknown>> {
  const rows = await target.query(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = '${table}'`,
  )
  return new Map(rows.map(({ name, type }) => [name, type]))
}

testBoth('a column that has no value in a load keeps its type', async (t, target) => {
  for (const table of ['replace', 'merge', 'append'] as const) {
    const schemaChanges = table === 'merge' ? 'freeze' : 'evolve'
    const options = { table: `${table}s`, mode: table, schemaChanges } as const
    await loadRecords(target, [createInstance('a', { variables: values })], options)
    const before = await listTypes(target, `${table}s`)
    await target.query(`CREATE VIEW view_${table} AS SELECT * FROM ${table}s`)
    for (const value of [null, ''] as const) {
      const { changes, schema } = await loadRecords(target, [createEmpty(`id${value}`, value)], options)
      t.strictSame(
        changes.map(({ kind, subject }) => [kind, subject]),
        value === '' ? [] : names.map((name) => ['column-emptied', `variable:${name}`]),
      )
      t.strictSame(
        schema.flatMap(({ source, type, filledRows }) => (source.startsWith('variable:') ? [type, filledRows] : [])),
        ['int64', 0, 'double', 0, 'boolean', 0, 'timestamp', 0, 'string', 0],
      )
      t.strictSame(await listTypes(target, `${table}s`), before)
      t.strictSame(
        await target.query(
          `SELECT variable_n AS n, variable_d AS d, variable_b AS b, variable_t AS t, variable_s AS s
           FROM view_${table} WHERE process_instance_id = 'id${value}'`,
        ),
        [{ n: null, d: null, b: null, t: null, s: value }],
      )
    }
  }
})

testBoth('a column without a value is not widened by a declared type, nor if it is nested', async (t, target) => {
  const load = (n: string | null, flowNodeInstances: unknown, options: Partial<LoadOptions> = {}) =>
    loadRecords(target, [createInstance('a', { variables: { n }, flowNodeInstances })], { mode: 'merge', ...options })
  await load('1', [{ id: 'f', name: 'A', startDate: DATE, endDate: null }])
  const before = await listTypes(target, 'orders')
  const { changes } = await load(null, null, { types: { 'variable:n': 'decimal(9,2)' } })
  t.strictSame(
    changes.map(({ kind }) => kind),
    ['column-emptied', 'column-emptied'],
  )
  t.strictSame(await listTypes(target, 'orders'), before)
  await load('2', '')
  t.strictSame(await listTypes(target, 'orders'), before)
  t.strictSame(await target.query('SELECT variable_n AS n, flow_node_instances AS steps FROM orders'), [
    { n: 2, steps: null },
  ])
})

testBoth('a column of the events that has no value in a load keeps its type', async (t, target) => {
  const load = (amount: string | null) => {
    const flowNodeInstances = [{ id: 'f', name: 'A', startDate: DATE, endDate: null }]
    const data = [createInstance('a', { variables: { amount }, flowNodeInstances })]
    return loadRecords(target, data, { mode: 'merge', events: { table: 'steps', fields: ['variable:amount'] } })
  }
  await load('1')
  const before = await listTypes(target, 'steps')
  t.notOk((await load(null)).changes.some(({ kind }) => kind === 'type-changed'))
  t.strictSame(await listTypes(target, 'steps'), before)
  t.strictSame(await target.query('SELECT variable_amount AS amount FROM steps'), [{ amount: null }])
})

testBoth('a comparison does not report the type of a column without a value', async (t, target) => {
  await loadRecords(target, [createInstance('a', { variables: values })])
  const fake = await startFakeOptimize({ data: [createEmpty('b', ''), createEmpty('c', null)] })
  t.teardown(() => fake.close())
  const source = { baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token }
  const compared = await compareReport({ source, into: target.into(), table: 'orders', schemaChanges: 'freeze' })
  t.match(compared, { changes: [], problem: undefined })
})

testBoth('a new column that has never had a value is text, and later numbers are text in it', async (t, target) => {
  const load = (value: string | null) => loadRecords(target, [createInstance('a', { variables: { v: value } })])
  t.match((await load(null)).changes, [])
  await load('')
  t.strictSame(await target.query('SELECT variable_v AS v FROM orders'), [{ v: '' }])
  t.match((await load('1.50')).changes, [])
  t.strictSame(await target.query('SELECT variable_v AS v FROM orders'), [{ v: '1.50' }])
})
