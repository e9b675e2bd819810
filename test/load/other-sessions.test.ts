// Loads beside other sessions, into tables with policies, foreign keys and domains, with a history of an older version, and with
// settings that `pg` does not read.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { postgres as createPostgres } from '../../lib/destinations/postgres/index.js'
import { toPostgresError } from '../../lib/destinations/postgres/postgres-errors.js'
import { findLastLoad, type LoadEvent } from '../../lib/index.js'
import { createInstance, createInstances } from '../support/loads/instances.js'
import { createPostgresTarget, loadFromFake, loadRecords, preparePostgres } from '../support/loads/load-targets.js'
import { startPostgresProxy } from '../support/servers/postgres-proxy.js'

const { postgres: server, skip, testBoth } = await preparePostgres()
t.setTimeout(400_000)

testBoth('a history of an older version gets the columns that it lacks', async (t, target) => {
  const { id } = await loadRecords(target, createInstances(3, 1))
  for (const name of ['watermark', 'version']) await target.query(`ALTER TABLE _optimize_loads DROP COLUMN ${name}`)
  t.match(await findLastLoad({ into: target.into(), table: 'orders' }), { id, rowsInTable: 3 }, 'it can be read')
  const [orders] = await Promise.all([
    loadRecords(target, createInstances(4, 1), { mode: 'merge', sortedBy: 'startDate' }),
    loadRecords(target, createInstances(1, 1), { table: 'others' }),
  ])
  t.match(orders, { inserted: 1, total: 4 })
  t.strictSame(
    await target.query(
      'SELECT table_name AS name, count(*) AS n, count(version) AS v, count(watermark) AS w FROM _optimize_loads GROUP BY 1 ORDER BY 1',
    ),
    [
      { name: 'orders', n: 2, v: 1, w: 1 },
      { name: 'others', n: 1, v: 1, w: 0 },
    ],
  )
})

testBoth('a load without events keeps the names of event columns', async (t, target) => {
  const node = { id: 'n', name: 'n', startDate: '2024-05-31T06:11:26.123+0000', endDate: null }
  const data = [createInstance('a', { variables: { 'a b': 'first', a_b: 'second' }, flowNodeInstances: [node] })]
  const loadEvents = (fields: string[]) => loadRecords(target, data, { events: { table: 'steps', fields } })
  await loadEvents(['variable:a b'])
  await loadRecords(target, data)
  const { changes } = await loadEvents(['variable:a_b', 'variable:a b'])
  t.match(
    changes.filter(({ kind }) => kind === 'column-appeared'),
    [{ subject: 'variable:a_b' }],
  )
  t.strictSame(await target.query('SELECT variable_a_b AS v FROM steps'), [{ v: 'first' }])
})

t.test('rows that a policy may hide are not replaced and not merged', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  const { database } = target.config
  await loadRecords(target, createInstances(3, 1))
  const user = `tenant_${database}`
  await target.query(`CREATE ROLE ${user} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${user};
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON orders USING (process_instance_id <> 'id-0') WITH CHECK (true)`)
  const into = createPostgres({ ...target.config, user })
  for (const mode of ['replace', 'merge'] as const)
    await t.rejects(loadFromFake(into, { data: createInstances(3, 2) }, { mode }), {
      code: 'ERR_DESTINATION',
      message: /public\.orders: row level security.*BYPASSRLS/,
    })
  t.strictSame(await target.query('SELECT count(*) AS n, max(duration) AS d FROM orders'), [{ n: 3, d: 1 }])
  const more = [createInstance('id-3'), createInstance('id-4')]
  t.match(await loadFromFake(into, { data: more }, { mode: 'append' }), { inserted: 2 })
  t.match(await loadRecords(target, createInstances(3, 2)), { deleted: 5, total: 3 }, 'the owner sees all rows')
})

t.test('a replace does not delete rows of other tables', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  await target.query(`CREATE TABLE orders (process_instance_id text PRIMARY KEY); INSERT INTO orders VALUES ('id-0');
    CREATE TABLE notes (id text CONSTRAINT of_order REFERENCES orders ON DELETE CASCADE); INSERT INTO notes VALUES ('id-0')`)
  await t.rejects(loadRecords(target, createInstances(3, 1)), {
    code: 'ERR_DESTINATION',
    message: /rows of notes through its foreign key of_order; use mode 'merge'/,
  })
  t.match(await loadRecords(target, createInstances(3, 1), { mode: 'merge' }), { inserted: 2, updated: 1, total: 3 })
  await target.query(`ALTER TABLE notes DROP CONSTRAINT of_order,
    ADD CONSTRAINT of_order FOREIGN KEY (id) REFERENCES orders DEFERRABLE INITIALLY DEFERRED`)
  t.match(await loadRecords(target, createInstances(4, 1)), { deleted: 3, total: 4 })
  const others = [1, 2, 3].map((at) => createInstance(`id-${at}`))
  await t.rejects(loadRecords(target, others), { code: 'ERR_DESTINATION', message: /of_order.*23503/ }, 'at the commit')
  t.strictSame(await target.query('SELECT count(*) AS n, (SELECT count(*) FROM notes) AS notes FROM orders'), [
    { n: 4, notes: 1 },
  ])
  t.strictSame(await target.query('SELECT count(*) AS n FROM _optimize_loads'), [{ n: 2 }])
})

t.test('a replace does not delete rows of a table that inherits, but those of a partition', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  await target.query(`CREATE TABLE orders (process_instance_id text); CREATE TABLE archive () INHERITS (orders);
    INSERT INTO archive VALUES ('old')`)
  await t.rejects(loadRecords(target, createInstances(3, 1)), {
    code: 'ERR_DESTINATION',
    message: /rows of archive, which inherits from this table; use another table/,
  })
  t.strictSame(await target.query('SELECT * FROM orders'), [{ process_instance_id: 'old' }])
  await target.query(`DROP TABLE archive, orders; CREATE TABLE orders (process_instance_id text) PARTITION BY LIST (process_instance_id);
    CREATE TABLE rest PARTITION OF orders DEFAULT; INSERT INTO orders VALUES ('old')`)
  t.match(await loadRecords(target, createInstances(3, 1)), { deleted: 1, total: 3 })
})

t.test('a domain is treated as the type below it', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  await target.query(`CREATE DOMAIN moment AS timestamp; CREATE DOMAIN number AS bigint; CREATE DOMAIN code AS varchar(4);
    CREATE DOMAIN document AS json;
    CREATE TABLE orders (process_instance_id text, start_date moment, duration number, business_key code, variables document)`)
  const create = (businessKey: string) => [
    createInstance('a', { startDate: '2024-05-31T23:11:26.123+0200', businessKey, variables: { n: 1 } }),
  ]
  for (const counts of [{ inserted: 1 }, { inserted: 0, updated: 0 }]) {
    t.match(await loadRecords(target, create('hell'), { mode: 'merge', variables: 'json' }), counts)
    t.strictSame(
      await target.query(
        "SELECT CAST(start_date AS text) AS s, duration AS d, business_key AS k, variables ->> 'n' AS n FROM orders",
      ),
      [{ s: '2024-05-31 21:11:26.123', d: 5, k: 'hell', n: '1' }],
    )
  }
  await t.rejects(loadRecords(target, create('hello'), { variables: 'json' }), { message: /22001/ }, 'nothing is cut')
})

t.test('loads create their tables once, even with serializable transactions', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  const config = { ...target.config, options: '-c default_transaction_isolation=serializable' }
  const loads = ['orders', 'orders', 'others'].map((table) =>
    loadFromFake(createPostgres(config), { data: createInstances(3, 1) }, { table, mode: 'merge' }),
  )
  t.match(await Promise.all(loads), [{ total: 3 }, { total: 3 }, { total: 3 }])
  t.strictSame(await target.query('SELECT count(*) AS n FROM _optimize_loads'), [{ n: 3 }])
})

t.test('values keep their digits on a server that shortens floating-point numbers in text', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  await target.query('CREATE TABLE orders (process_instance_id text, variable_n numeric)')
  const into = createPostgres({ ...target.config, options: '-c extra_float_digits=0' })
  const data = [createInstance('a', { variables: { n: '0.30000000000000004' } })]
  await loadFromFake(into, { data }, { types: { 'variable:n': 'double' } })
  t.strictSame(await target.query('SELECT CAST(variable_n AS text) AS n FROM orders'), [{ n: '0.30000000000000004' }])
})

t.test('the time limit for locks holds for what is read before an export', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  const { id } = await loadRecords(target, createInstances(3, 1))
  const holder = new pg.Client(target.config)
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE _optimize_loads')
  const into = createPostgres(target.config, { lockTimeout: 1 })
  await t.rejects(findLastLoad({ into, table: 'orders' }), { code: 'ERR_DESTINATION_BUSY' })
  await holder.end()
  t.match(await findLastLoad({ into, table: 'orders' }), { id })
})

t.test('a load that is stopped while it waits for a lock leaves no lock', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  await loadRecords(target, createInstances(3, 1))
  const [holder, next] = [new pg.Client(target.config), new pg.Client(target.config)]
  for (const client of [holder, next]) await client.connect()
  await holder.query('BEGIN; LOCK TABLE orders IN ROW EXCLUSIVE MODE')
  const abort = new AbortController()
  const onEvent = (event: LoadEvent) => {
    if (event.type === 'step' && event.step === 'write') setImmediate(() => abort.abort())
  }
  await t.rejects(loadRecords(target, createInstances(3, 2), { signal: abort.signal, onEvent }), { name: 'AbortError' })
  await next.query("SET lock_timeout = '10s'")
  // the lock of a load on the name of its table
  await next.query("SELECT pg_advisory_lock(hashtextextended('optimize-export public.orders', 0))")
  t.strictSame(
    (await holder.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'optimize-export'")).rows,
    [],
  )
  for (const client of [holder, next]) await client.end()
  t.match(await loadRecords(target, createInstances(3, 2)), { deleted: 3, total: 3 })
})

testBoth('an append of an id that the table has is an error whose message names the mode merge', async (t, target) => {
  await target.query('CREATE TABLE orders (process_instance_id varchar PRIMARY KEY)')
  await loadRecords(target, createInstances(3, 1))
  await t.rejects(loadRecords(target, createInstances(2, 2), { mode: 'append' }), {
    code: 'ERR_DESTINATION',
    message: /[Dd]uplicate key.*; mode 'merge' updates/,
  })
  t.strictSame(await target.query('SELECT count(*) AS n, max(duration) AS d FROM orders'), [{ n: 3, d: 1 }])
  t.match(await loadRecords(target, createInstances(2, 2), { mode: 'merge' }), { updated: 2, total: 3 })
})

t.test(
  'a server that restarts while the report is exported does not end a program with a pool',
  { skip },
  async (t) => {
    const target = await createPostgresTarget(server)
    const pool = new pg.Pool(target.config)
    for (const rows of [3, 4]) {
      let restarts = 0
      const onEvent = (event: LoadEvent) => {
        if (event.type !== 'extract' || restarts++ > 0) return
        t.equal(pool.idleCount, 1)
        server.restartNow()
      }
      t.match(await loadFromFake(createPostgres(pool), { data: createInstances(rows, 1) }, { onEvent }), {
        total: rows,
      })
      t.equal(restarts, 1)
    }
    t.equal(pool.listenerCount('error'), 1)
    await pool.end()
  },
)

t.test('the error of a connection that needs a password or has no TLS says what to do', { skip }, async (t) => {
  const target = await createPostgresTarget(server)
  const { database } = target.config
  const hba = join(server.data, 'pg_hba.conf')
  const before = readFileSync(hba, 'utf8')
  t.teardown(() => writeFileSync(hba, before))
  await target.query(`CREATE ROLE locked_${database} LOGIN PASSWORD 'right'`)
  writeFileSync(hba, `local all locked_${database} scram-sha-256\n${before}`)
  await server.reload()
  const proxy = await startPostgresProxy(server, [])
  t.teardown(() => proxy.close())
  const connect = (config: object) =>
    findLastLoad({ into: createPostgres({ ...target.config, ...config }), table: 'orders' })
  await t.rejects(connect({ user: `locked_${database}` }), {
    code: 'ERR_DESTINATION',
    message: /asks for a password: use PGPASSWORD/,
  })
  await t.rejects(connect({ host: '127.0.0.1', port: proxy.port, ssl: true }), {
    code: 'ERR_DESTINATION',
    message: /does not support SSL.*sslmode=disable/,
  })
  const unknown = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  t.match(toPostgresError('db', unknown, String), { message: /DEPTH_ZERO.*explains TLS/ })
})

t.test('a service is refused, because pg would connect to localhost instead', (t) => {
  const refused = { name: 'OptionError', message: /service files/ }
  for (const url of ['postgresql:///?service=sales', 'postgresql://db/w?service=sales'])
    t.throws(() => createPostgres(url), refused)
  const before = process.env
  t.teardown(() => (process.env = before))
  process.env = { ...before }
  delete process.env['PGHOST']
  process.env['PGSERVICE'] = 'sales'
  t.throws(() => createPostgres('postgresql:///w'), refused)
  for (const connection of ['postgresql://db/w', 'postgresql:///w?host=/run', { host: 'db' }])
    createPostgres(connection)
  process.env['PGHOST'] = 'db'
  createPostgres('postgresql:///w')
  t.end()
})
