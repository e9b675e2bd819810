// Damage that no source and no server causes by itself: a stage that differs from its file, a file that changed, a commit that is
// reported as failed. The database is real; one method of its session is replaced.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { postgres as createPostgres } from '../../lib/destinations/postgres/index.js'
import { createOwner } from '../../lib/files/local/owner.js'
import { loadReport, type LoadEvent, type LoadOptions } from '../../lib/index.js'
import { markRepeatable, type Destination, type Session } from '../../lib/load/load-destination.js'
import { ExportError } from '../../lib/shared/errors.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { createInstance, createInstances } from '../support/loads/instances.js'
import {
  createDuckdbTarget,
  createPostgresTarget,
  preparePostgres,
  loadFromFake,
} from '../support/loads/load-targets.js'

const { postgres, skip, testBoth } = await preparePostgres()
t.setTimeout(400_000)

const load = (into: Destination, data: FakeOptimizeOptions['data'], options: Partial<LoadOptions> = {}) =>
  loadFromFake(into, { data }, options)

/** Returns the destination with sessions that are changed before they are used. */
function changeSessions(into: Destination, change: (session: Session) => void): Destination {
  return {
    ...into,
    connect: async (options) => {
      const session = await into.connect(options)
      change(session)
      return session
    },
  }
}

/** Changes the rows of each stage by a statement. A stage that is a view becomes a table first. */
const changeStages = (into: Destination, sql: (stage: string, id: string) => string) =>
  changeSessions(into, (session) => {
    const stage = session.stage.bind(session)
    session.stage = async (name, source) => {
      const staged = await stage(name, source)
      const [copy, unstage] = [`temp."copy"`, session.unstage.bind(session)]
      const isView = staged.startsWith('temp.')
      if (isView) await session.run(`CREATE TEMP TABLE ${copy} AS SELECT * FROM ${staged}`)
      session.unstage = async () => {
        if (isView) await session.run(`DROP TABLE ${copy}`)
        await unstage(staged)
      }
      const id = `c${source.schema.findIndex((column) => column.name === 'processInstanceId')}`
      await session.run(sql(isView ? copy : staged, id))
      return isView ? copy : staged
    }
  })

testBoth('a stage that lost a row or has an id twice is refused before anything is written', async (t, target) => {
  await load(target.into(), createInstances(20, 1))
  const lost = changeStages(target.into(), (stage, id) => `DELETE FROM ${stage} WHERE ${id} = 'id-3'`)
  await t.rejects(load(lost, createInstances(20, 2)), {
    code: 'ERR_DESTINATION',
    message: 'the stage: expected the 20 rows of the file, got 19',
  })
  const twice = changeStages(target.into(), (stage, id) => `UPDATE ${stage} SET ${id} = 'id-4' WHERE ${id} = 'id-3'`)
  for (const mode of ['replace', 'merge', 'append'] as const)
    await t.rejects(load(twice, createInstances(20, 2), { mode }), {
      code: 'ERR_DESTINATION',
      message: 'the stage: expected 20 different values of processInstanceId, got 19, so some occur more than once',
    })
  t.strictSame(await target.query('SELECT count(*) AS n, max(duration) AS d FROM orders'), [{ n: 20, d: 1 }])
  const same = changeStages(target.into(), (stage) => `UPDATE ${stage} SET c0 = c0`)
  t.match(await load(same, createInstances(20, 2)), { total: 20 })
})

testBoth('a file that changed after it was written is refused', async (t, target) => {
  const keepFiles = t.testdir()
  const onEvent = (event: LoadEvent) => {
    if (event.type !== 'load') return
    const path = join(keepFiles, readdirSync(keepFiles)[0]!, 'records')
    const bytes = readFileSync(path)
    // another text of the same length: PostgreSQL accepts the changed file of COPY
    if (target.name === 'postgres') bytes.write('order:9', bytes.indexOf('order:1'))
    writeFileSync(path, target.name === 'postgres' ? bytes : Buffer.concat([bytes, bytes]))
  }
  await t.rejects(load(target.into(), createInstances(3, 1), { keepFiles, onEvent }), {
    code: 'ERR_DESTINATION',
    message: /the file .* changed after it was written/,
  })
  t.equal((await load(target.into(), createInstances(3, 1))).total, 3)
})

testBoth('a load whose commit is reported as failed is not written twice', async (t, target) => {
  let hasFailed = false
  const into = changeSessions(target.into(), (session) => {
    const commit = session.commit.bind(session)
    session.commit = async () => {
      await commit()
      if (hasFailed) return
      hasFailed = true
      throw markRepeatable(new ExportError('ERR_DESTINATION', 'the reply is lost'))
    }
  })
  const reasons: string[] = []
  const onEvent = (event: LoadEvent) => event.type === 'wait' && reasons.push(event.reason)
  t.match(await load(into, createInstances(3, 1), { mode: 'append', onEvent }), { inserted: 3, total: 3 })
  t.match(reasons, [/the reply is lost; retrying the load/])
  t.strictSame(await target.query('SELECT count(*) AS n FROM orders'), [{ n: 3 }])
})

t.test('two loads of two tables create the table of the history once', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  let other: Promise<unknown> | undefined
  const into = changeSessions(target.into(), (session) => {
    const lockName = session.lockName.bind(session)
    session.lockName = async (table) => {
      // the other load is committed after the check whether the table exists, and before the lock
      if (table.name === '_optimize_loads')
        await (other ??= load(target.into(), createInstances(2, 1), { table: 'other' }))
      await lockName(table)
    }
  })
  await load(into, createInstances(3, 1))
  t.strictSame(await target.query('SELECT table_name AS name FROM _optimize_loads ORDER BY 1'), [
    { name: 'orders' },
    { name: 'other' },
  ])
})

t.test('an abort ends a statement that waits', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  await load(target.into(), createInstances(3, 1))
  const holder = new pg.Client(target.config)
  await holder.connect()
  await holder.query(`BEGIN; DELETE FROM orders WHERE process_instance_id = 'id-0'`)
  const abort = new AbortController()
  const running = load(target.into(), createInstances(3, 2), { signal: abort.signal })
  while ((await target.query('SELECT 1 FROM pg_locks WHERE NOT granted')).length === 0);
  abort.abort()
  await t.rejects(running, { name: 'AbortError' })
  await holder.query('ROLLBACK')
  await holder.end()
  t.strictSame(await target.query('SELECT count(*) AS n, max(duration) AS d FROM orders'), [{ n: 3, d: 1 }])
})

t.test('the columns of several loads together may be too many', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  const create = (letter: string, count: number) =>
    createInstance('a', {
      variables: Object.fromEntries(Array.from({ length: count }, (_, at) => [`${letter}${at}`, 'true'])),
    })
  await load(target.into(), [create('a', 1000)])
  await t.rejects(load(target.into(), [create('b', 800)]), {
    code: 'ERR_SCHEMA_CHANGE',
    message: /expected at most 1600 columns, got 181\d; use variables: 'json'/,
  })
  t.equal((await load(target.into(), [create('a', 1000)])).total, 1)
})

testBoth(
  'rows that have only an id, rows without an id, and rows of 1,001 definitions are loaded',
  async (t, target) => {
    const columns = ['processInstanceId']
    await load(target.into(), createInstances(3, 1), { columns, mode: 'merge' })
    t.match(await load(target.into(), createInstances(4, 1), { columns, mode: 'merge' }), { inserted: 1, updated: 0 })
    const withoutId = [{ ...createInstance('a'), processInstanceId: null }]
    t.match(await load(target.into(), withoutId, { maxLostShare: 1 }), { total: 1 })
    const many = createInstances(1001, 1).map((record, at) => ({ ...record, processDefinitionId: `order:${at}` }))
    await load(target.into(), many)
    t.match(await load(target.into(), createInstances(1001, 1)), { changes: [] }, 'they are too many to compare')
  },
)

t.test('the error of a frozen schema names a column that would be widened', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const data = [createInstance('a', { variables: { n: '1', m: '1', k: '1' } })]
  await load(target.into(), data)
  t.match(await load(target.into(), data, { schemaChanges: 'freeze' }), { total: 1 })
  await t.rejects(
    load(target.into(), [createInstance('a', { variables: { n: 'x', m: '1', k: '1' } })], { schemaChanges: 'freeze' }),
    { code: 'ERR_SCHEMA_CHANGE', message: /"variable_n" was int64 and is now string, and schemaChanges/ },
  )
  await t.rejects(
    load(target.into(), [createInstance('a', { variables: { n: 'x', m: 'x', k: '1' } })], { schemaChanges: 'freeze' }),
    { code: 'ERR_SCHEMA_CHANGE', message: /\(and 1 more change\)/ },
  )
  await t.rejects(
    load(target.into(), [createInstance('a', { variables: { n: 'x', m: 'x', k: 'x' } })], { schemaChanges: 'freeze' }),
    { code: 'ERR_SCHEMA_CHANGE', message: /\(and 2 more changes\)/ },
  )
})

t.test('names that differ in case only are one table in DuckDB', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await load(target.into(), [createInstance('a', { variables: { n: '1' } })], { table: 'Sales.Orders' })
  const { changes, table, total } = await load(target.into(), [createInstance('b')], {
    table: 'sales.orders',
    mode: 'merge',
  })
  t.strictSame([table, total], ['Sales.Orders', 2])
  t.strictSame(
    changes.map(({ subject }) => subject),
    ['variable:n'],
    'it is compared with the load of the same table',
  )
  await t.rejects(load(target.into(), [createInstance('b')], { table: 'orders', events: 'ORDERS' }), {
    code: 'ERR_OPTION',
    message: /events: expected another table/,
  })
  await t.rejects(load(target.into(), [createInstance('b')], { table: 'orders', events: 'main.orders' }), {
    code: 'ERR_OPTION',
  })
})

t.test('a table with columns that have no equality is merged', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  await target.query('CREATE TABLE orders (process_instance_id text, variable_doc json, variable_place point)')
  const data = (place: string) => [createInstance('a', { variables: { doc: '{"a":1}', place } })]
  const types = { 'variable:doc': 'string', 'variable:place': 'string' } as const
  t.match(await load(target.into(), data('(1,2)'), { mode: 'merge', types }), { inserted: 1 })
  t.match(await load(target.into(), data('(1,2)'), { mode: 'merge', types }), { updated: 0 })
  t.match(await load(target.into(), data('(1,3)'), { mode: 'merge', types }), { updated: 1 })
  t.strictSame(await target.query('SELECT CAST(variable_place AS text) AS p FROM orders'), [{ p: '(1,3)' }])
})

t.test('a load folder without an owner stays, and one whose process has ended is removed', async (t) => {
  const folder = t.testdir({
    'optimize-export-load-new': {},
    'optimize-export-load-old': { owner: JSON.stringify({ ...(await createOwner()), pid: 2 ** 22 + 1 }) },
  })
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  })
  await load(duckdb(':memory:'), createInstances(3, 1))
  t.strictSame(readdirSync(folder), ['optimize-export-load-new'])
})

t.test('a database in memory is loaded, and a label has no password, even if it cannot be decoded', async (t) => {
  t.match(await load(duckdb(':memory:'), createInstances(3, 1)), { total: 3 })
  t.equal(createPostgres('postgresql://etl:%zz@db/w').label, 'postgresql://etl@db/w')
})

t.test('a message of Optimize is a warning', async (t) => {
  const fake = await startFakeOptimize({ report: 'map', records: 150 })
  t.teardown(() => fake.close())
  const warnings: string[] = []
  const source = { baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token, limit: 100 }
  const onEvent = (event: LoadEvent) => event.type === 'warning' && warnings.push(event.message)
  await loadReport({ source, into: duckdb(':memory:'), table: 'groups', onEvent })
  t.match(warnings, [/^Optimize says: /])
})

t.test('another session may insert rows while a load appends', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  await load(target.into(), createInstances(3, 1))
  const into = changeSessions(target.into(), (session) => {
    const run = session.run.bind(session)
    session.run = async (sql, parameters) => {
      const rows = await run(sql, parameters)
      if (/^INSERT INTO .*"orders"/.test(sql))
        await target.query("INSERT INTO orders (process_instance_id) VALUES ('another')")
      return rows
    }
  })
  const more = [createInstance('id-3'), createInstance('id-4')]
  t.match(await load(into, more, { mode: 'append' }), { inserted: 2, total: 6 })
})

testBoth('a folder whose name looks like a partition does not change a column', async (t, target) => {
  const keepFiles = t.testdir({ 'tenantId=acme': {} })
  await load(target.into(), [createInstance('a', { tenantId: 'own' })], { keepFiles: join(keepFiles, 'tenantId=acme') })
  t.strictSame(await target.query('SELECT tenant_id AS tenant FROM orders'), [{ tenant: 'own' }])
})
