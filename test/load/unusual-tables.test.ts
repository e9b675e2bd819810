// Loads into unusual tables and from unusual reports: types and names of the user, rows that were marked as deleted,
// dates that leave a gap, a pool of one connection, a program that changed how `pg` reads values.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { postgres as createPostgres } from '../../lib/destinations/postgres/index.js'
import type { LoadOptions } from '../../lib/index.js'
import { nameColumns } from '../../lib/load/columns/column-naming.js'
import { postgresDialect } from '../../lib/destinations/postgres/postgres-dialect.js'
import { createInstance, createInstances } from '../support/loads/instances.js'
import {
  createDuckdbTarget,
  createPostgresTarget,
  loadFromFake,
  loadRecords,
  preparePostgres,
} from '../support/loads/load-targets.js'
import { startPostgresProxy } from '../support/servers/postgres-proxy.js'

const { postgres, skip, testBoth } = await preparePostgres()
t.setTimeout(400_000)

const node = { id: 'n', name: 'n', startDate: '2024-05-31T06:11:26.123+0000', endDate: null }

testBoth('the events of an instance without events are deleted, even if no instance has events', async (t, target) => {
  const options: Partial<LoadOptions> = { mode: 'merge', events: 'order_events' }
  const withEvents = ['a', 'b'].map((id) => createInstance(id, { flowNodeInstances: [node] }))
  t.match(await loadRecords(target, withEvents, options), { events: 2 })
  t.match(await loadRecords(target, [createInstance('a', { flowNodeInstances: [] })], options), { events: 0, total: 2 })
  const ids = () => target.query('SELECT process_instance_id AS id FROM order_events')
  t.strictSame(await ids(), [{ id: 'b' }])
  await target.query('ALTER TABLE order_events RENAME COLUMN process_instance_id TO instance')
  t.match(await loadRecords(target, [createInstance('b', { flowNodeInstances: [] })], options), { events: 0 })
  t.strictSame(await target.query('SELECT instance FROM order_events'), [{ instance: 'b' }], 'a column of the user')
})

testBoth('a time without a zone and a day are those in UTC, in every load', async (t, target) => {
  await target.query('CREATE TABLE orders (process_instance_id text, start_date timestamp, end_date date)')
  const dates = { startDate: '2024-05-31T23:11:26.123+0200', endDate: '2024-06-01T01:00:00.000+0200' }
  for (const counts of [{ inserted: 1 }, { inserted: 0, updated: 0 }]) {
    t.match(await loadRecords(target, [createInstance('a', dates)], { mode: 'merge' }), counts)
    t.strictSame(
      await target.query('SELECT CAST(start_date AS varchar) AS s, CAST(end_date AS varchar) AS e FROM orders'),
      [{ s: '2024-05-31 21:11:26.123', e: '2024-05-31' }],
    )
  }
})

testBoth(
  'columns of a fixed length keep their text, and an empty text is null in a column of numbers',
  async (t, target) => {
    await target.query(
      'CREATE TABLE orders (process_instance_id char(8), business_key char(6), variable_n decimal(9, 2))',
    )
    const data = [
      createInstance('abcdef', { businessKey: 'hello', variables: { n: '1.50' } }),
      createInstance('abcxyz', { variables: { n: '' } }),
    ]
    for (const counts of [{ inserted: 2 }, { inserted: 0, updated: 0 }])
      t.match(await loadRecords(target, data, { mode: 'merge' }), counts)
    t.strictSame(
      await target.query(
        'SELECT rtrim(process_instance_id) AS id, rtrim(business_key) AS k, CAST(variable_n AS varchar) AS n FROM orders ORDER BY 1',
      ),
      [
        { id: 'abcdef', k: 'hello', n: '1.50' },
        { id: 'abcxyz', k: null, n: null },
      ],
    )
  },
)

testBoth('a merge writes a text that the column treats as equal to the earlier one', async (t, target) => {
  const collate = 'COLLATE ignoring_case'
  if (target.name === 'postgres')
    await target.query(`CREATE EXTENSION citext;
      CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE DOMAIN of_text AS text ${collate}; CREATE DOMAIN of_citext AS citext`)
  const types = {
    duckdb: ['varchar COLLATE NOCASE', 'varchar COLLATE NOCASE.NOACCENT', 'varchar', 'json'],
    postgres: [
      ...['citext', `text ${collate}`, `varchar(9) ${collate}`, `char(9) ${collate}`],
      ...['of_text', 'of_citext', 'name', 'text', 'jsonb'],
    ],
  }
  for (const [at, type] of types[target.name].entries()) {
    const table = `orders_${at}`
    await target.query(`CREATE TABLE ${table} (process_instance_id varchar, variable_note ${type})`)
    const counts: number[] = []
    for (const note of ['abc', 'ABC', 'ABC']) {
      const { updated } = await loadRecords(target, [createInstance('a', { variables: { note } })], {
        table,
        mode: 'merge',
      })
      const [row] = await target.query(`SELECT CAST(variable_note AS varchar) AS note FROM ${table}`)
      t.equal(String(row!['note']).replace(/[" ]/g, ''), note, type)
      counts.push(updated)
    }
    t.strictSame(counts, [0, 1, 0], `the updated rows: ${type}`)
  }
})

t.test('a text that is longer than its column is an error', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  await target.query('CREATE TABLE orders (process_instance_id text, business_key char(4), tenant_id bit(3))')
  await t.rejects(loadRecords(target, [createInstance('a', { businessKey: 'hello' })]), { message: /\[22001\]/ })
  await loadRecords(target, [createInstance('a', { businessKey: 'hell', tenantId: '101' })])
  t.strictSame(await target.query('SELECT business_key AS k, tenant_id AS t FROM orders'), [{ k: 'hell', t: '101' }])
})

t.test('a column of DuckDB whose type cannot become wider is an error that says what to do', async (t) => {
  for (const columns of [
    'variable_n bigint, tenant_id varchar',
    'variable_n bigint CHECK (variable_n > 0), tenant_id varchar',
    'variable_n bigint, tenant_id varchar, twice bigint GENERATED ALWAYS AS (variable_n * 2)',
  ]) {
    const target = createDuckdbTarget()
    await target.query(`CREATE TABLE orders (process_instance_id varchar, ${columns})`)
    await target.query('CREATE INDEX tenants ON orders (tenant_id)')
    await loadRecords(target, [createInstance('a', { variables: { n: '1' } })])
    const rows = await target.query('SELECT process_instance_id, variable_n FROM orders')
    await t.rejects(loadRecords(target, [createInstance('a', { variables: { n: 'x' } })]), {
      code: 'ERR_SCHEMA_CHANGE',
      message: /; drop the index or the constraint before the load, or change the type yourself$/,
    })
    t.strictSame(await target.query('SELECT process_instance_id, variable_n FROM orders'), rows)
  }
})

testBoth('rows that are marked as deleted do not count as rows that the report may lose', async (t, target) => {
  const merge = (count: number, deleteMissing: 'soft' | 'hard') =>
    loadRecords(target, createInstances(count, 1), { mode: 'merge', deleteMissing })
  await merge(10, 'soft')
  t.match(await merge(5, 'soft'), { deleted: 5, total: 10 })
  await t.rejects(merge(0, 'soft'), { code: 'ERR_SUSPICIOUS_LOAD', message: /no longer has 5 of the 5 rows/ })
  await t.rejects(merge(2, 'hard'), { code: 'ERR_SUSPICIOUS_LOAD', message: /no longer has 3 of the 5 rows/ })
  t.match(await merge(4, 'hard'), { deleted: 6, total: 4 }, 'five of them were lost earlier')
})

testBoth('the error names the smallest number of rows that passes', async (t, target) => {
  await loadRecords(target, createInstances(10, 1))
  await t.rejects(loadRecords(target, createInstances(2, 1), { maxLostShare: 0.7 }), {
    message: /expected 3 or more rows/,
  })
  await t.rejects(loadRecords(target, createInstances(4, 1), { maxLostShare: 0.55 }), {
    message: /expected 5 or more rows/,
  })
  await t.rejects(loadRecords(target, [], { maxLostShare: 0.99 }), { message: /expected 1 or more rows/ })
  await loadRecords(target, createInstances(3, 1), { maxLostShare: 0.7 })
})

testBoth('tables whose names differ in the case of an umlaut are two tables', async (t, target) => {
  await loadRecords(target, createInstances(2, 1), { table: 'Ä' })
  t.match(await loadRecords(target, createInstances(3, 1), { table: 'ä' }), { deleted: 0, total: 3 })
  await target.query('CREATE VIEW "Ö" AS SELECT 1 AS a')
  t.match(await loadRecords(target, createInstances(3, 1), { table: 'ö' }), { total: 3 })
  t.strictSame(await target.query('SELECT count(*) AS n FROM "Ä"'), [{ n: 2 }])
})

t.test('duckdb: a schema may have the name of the file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'duckdb-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const into = duckdb(join(folder, 'sales.duckdb'))
  const table = 'sales.orders'
  for (const deleted of [0, 3])
    t.match(await loadFromFake(into, { data: createInstances(3, 1) }, { table, events: 'events' }), {
      table,
      deleted,
      total: 3,
    })
})

t.test('duckdb: the names of columns may have another case in the table', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await target.query('CREATE TABLE orders (process_instance_id text, "_OPTIMIZE_LOAD_ID" text)')
  const both = [createInstance('a', { variables: { x: '1' } }), createInstance('b', { variables: {} })]
  const options = { mode: 'merge', deleteMissing: 'soft', maxLostShare: 1 } as const
  await loadRecords(target, both, options)
  await target.query('ALTER TABLE orders RENAME COLUMN _optimize_deleted_at TO "_Optimize_Deleted_At"')
  await target.query('ALTER TABLE orders RENAME COLUMN variable_x TO "Variable_X"')
  const select = 'SELECT process_instance_id AS id, variable_x AS x, _optimize_deleted_at IS NULL AS kept FROM orders'
  const rows = () => target.query(`${select} ORDER BY 1`)
  t.match(await loadRecords(target, both.slice(0, 1), options), { deleted: 1 })
  t.strictSame(await rows(), [
    { id: 'a', x: 1, kept: true },
    { id: 'b', x: null, kept: false },
  ])
  const withoutX = ['a', 'b'].map((id) => createInstance(id, { variables: {} }))
  await loadRecords(target, withoutX, { mode: 'merge' })
  t.strictSame(await rows(), [
    { id: 'a', x: null, kept: true },
    { id: 'b', x: null, kept: true },
  ])
})

testBoth('a table name that is too long is refused', async (t, target) => {
  const long = 'x'.repeat(1001)
  for (const options of [{ table: long }, { table: `${long}.orders` }, { events: long }])
    await t.rejects(loadRecords(target, [], options), {
      code: 'ERR_OPTION',
      message: /expected names of at most \d+ bytes/,
    })
})

t.test('names that no column can have get a hash', async (t) => {
  const getNames = (...sources: string[]) => [
    ...nameColumns(sources, {
      getName: (source) => source.replace('variable:', ''),
      dialect: postgresDialect,
      recorded: new Map(),
      reserved: [],
    }).values(),
  ]
  t.match(getNames('variable:', 'variable:xmin', 'variable:x'), [/^_[\da-f]{6}$/, /^xmin_[\da-f]{6}$/, 'x'])
})

const createDay = (day: number) =>
  createInstance(`day-${day}`, { startDate: `2024-06-${String(day).padStart(2, '0')}T06:00:00.000+0000` })
const createDays = (last: number) => Array.from({ length: last }, (_, at) => createDay(last - at))

testBoth('the watermark does not pass records that were not read', async (t, target) => {
  const merge = (last: number, options: Partial<LoadOptions> = {}, source: Partial<LoadOptions['source']> = {}) =>
    loadRecords(target, createDays(last), {
      mode: 'merge',
      sortedBy: 'startDate',
      ...options,
      source: { limit: 2, ...source },
    })
  t.match(await merge(10, {}, { maxRecords: 4 }), { complete: false, total: 4, watermark: undefined })
  t.match(await merge(10, { since: 'last' }), { complete: true, total: 10 }, 'the rest is read')
  const day10 = new Date('2024-06-10T06:00:00Z')
  t.strictSame((await merge(20, { since: '2099-01-01' })).watermark, day10, 'nothing is loaded')
  t.strictSame((await merge(20, { since: '2024-06-18' })).watermark, day10, 'days 11 to 17 were not read')
  t.strictSame((await merge(20, { since: 'last' }, { maxRecords: 4 })).watermark, day10)
  t.match(await merge(21, { since: 'last' }), { total: 21, watermark: new Date('2024-06-21T06:00:00Z') })
  t.strictSame(
    (await merge(20, { since: '2099-01-01', table: 'other' })).watermark,
    undefined,
    'without an earlier load',
  )
  t.strictSame(
    (await merge(20, { since: '2024-06-18', table: 'other' })).watermark,
    new Date('2024-06-20T06:00:00Z'),
    'the first load begins at a date',
  )
})

t.test('a load through a pool of one connection looks up a COMMIT whose reply is lost', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  for (const [commit, rows] of [
    ['reply', 3],
    ['lost', 4],
  ] as const) {
    const proxy = await startPostgresProxy(target.postgres, [{ commit }])
    const pool = new pg.Pool({ ...target.config, host: '127.0.0.1', port: proxy.port, max: 1 })
    pool.on('error', () => undefined)
    t.match(await loadFromFake(createPostgres(pool), { data: createInstances(rows, 1) }), { total: rows }, commit)
    await pool.end()
    proxy.close()
  }
  t.strictSame(await target.query('SELECT count(*) AS n FROM _optimize_loads'), [{ n: 2 }])
})

t.test('a program that changed how pg reads values can load', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  const { BOOL, TIMESTAMPTZ, INT8 } = pg.types.builtins
  for (const type of [BOOL, TIMESTAMPTZ, INT8]) {
    const parser = pg.types.getTypeParser(type) as (value: string) => unknown
    pg.types.setTypeParser(type, (value) => `text ${value}`.slice(5))
    t.teardown(() => pg.types.setTypeParser(type, parser))
  }
  for (const since of [undefined, 'last', 'last'] as const)
    t.match(await loadRecords(target, createDays(3), { mode: 'merge', sortedBy: 'startDate', since }), { total: 3 })
  t.strictSame(await target.query("SELECT count(*) AS n FROM pg_indexes WHERE tablename = 'orders'"), [{ n: 1 }])
})
