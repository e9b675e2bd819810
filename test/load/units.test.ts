// Parts of loads that need no server: names, types, texts, errors, and sessions with a fake connection that gives rare answers.
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { compareReceipts } from '../../lib/load/changes/compare-receipts.js'
import { duckdbDialect } from '../../lib/destinations/duckdb/duckdb-dialect.js'
import { KeyedMutex } from '../../lib/destinations/duckdb/keyed-mutex.js'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { toDuckdbError } from '../../lib/destinations/duckdb/duckdb-session.js'
import { CopyBuffer } from '../../lib/destinations/postgres/copy-buffer.js'
import { postgres } from '../../lib/destinations/postgres/index.js'
import { postgresDialect } from '../../lib/destinations/postgres/postgres-dialect.js'
import { isConnectionLost, toPostgresError } from '../../lib/destinations/postgres/postgres-errors.js'
import { PostgresSession } from '../../lib/destinations/postgres/postgres-session.js'
import { isStorableJson, replaceInJson } from '../../lib/destinations/postgres/postgres-text.js'
import { durationRule } from '../../lib/shared/units.js'
import { createFileNaming } from '../../lib/load/columns/column-naming.js'
import { createFullExtraction } from '../../lib/load/extract/extraction.js'
import { createExtractionListeners, type LoadEvent } from '../../lib/load/load-events.js'
import { LoadDatabase } from '../../lib/load/load-database.js'
import { isRepeatable, markRepeatable } from '../../lib/load/load-destination.js'
import { describeColumnType } from '../../lib/load/columns/reconcile-columns.js'
import { formatTable, tableNameRule } from '../../lib/load/table-name.js'
import { widenType } from '../../lib/load/columns/widen-type.js'
import type { ColumnType } from '../../lib/schema/types/column-type.js'
import { drainEventLoopTurns } from '../support/event-loop-turns.js'

const path = { where: 'test', option: 'x' }

t.test('names of tables', async (t) => {
  t.strictSame(tableNameRule.parse('orders', path), { name: 'orders' })
  t.strictSame(tableNameRule.parse(' sales.orders ', path), { schema: 'sales', name: 'orders' })
  t.strictSame(tableNameRule.parse('"a.b"."c""d"', path), { schema: 'a.b', name: 'c"d' })
  for (const wrong of ['', 'a.b.c', 'a"b', '_optimize_loads', '_Optimize_Loads', 'a\0', 7])
    t.equal(tableNameRule.parse(wrong, path), undefined)
  t.equal(formatTable({ name: 'a' }), 'a')
})

t.test('durations', async (t) => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0', 0],
    ['60000', 60_000],
    [' 1.5 h ', 5_400_000],
    ['1.005s', 1005],
    [5, 5],
  ] as const)
    t.equal(durationRule.parse(text, path), ms)
  for (const wrong of ['', '5w', 'x', '-1', '0.5ms', '1e3', '99999999999d', -1, 1.5, null])
    t.equal(durationRule.parse(wrong, path), undefined)
})

t.test('a warning of an export is a warning of the load', async (t) => {
  const events: LoadEvent[] = []
  createExtractionListeners((event) => events.push(event)).warning({ code: 'x', message: 'slow' } as never)
  t.strictSame(events, [{ type: 'warning', message: 'slow' }])
})

t.test('types only become wider', async (t) => {
  const list: ColumnType = { list: 'string' }
  t.equal(widenType('int64', 'double'), 'double')
  t.equal(widenType('double', 'int64'), 'double')
  t.equal(widenType('timestamp', 'int64'), 'string')
  t.equal(widenType(list, 'json'), 'json')
  t.equal(widenType(list, 'string'), 'string')
  t.strictSame(widenType(list, { list: 'string' }), list)
  t.equal(widenType('decimal(10,2)', 'decimal(8,4)'), 'decimal(12,4)')
  t.equal(widenType('int64', 'decimal(8,4)'), 'decimal(23,4)')
  t.equal(widenType('decimal(38,0)', 'decimal(8,4)'), 'string')
  t.equal(widenType('double', 'decimal(8,4)'), 'string')
  t.equal(widenType('timestamp', 'date'), 'string')
  t.equal(describeColumnType('int64'), 'int64')
  t.equal(describeColumnType({ sql: 'numeric' }), 'numeric')
  t.equal(describeColumnType(list), 'nested')
})

t.test('the type names and the casts of DuckDB', async (t) => {
  const struct = {
    struct: [
      { name: 'a b', type: 'string' as const },
      { name: 'c"', type: 'timestamp' as const },
    ],
  }
  for (const type of [
    'string',
    'json',
    { list: 'int64' as const },
    { list: struct },
    struct,
    { map: 'string' as const },
  ] as ColumnType[])
    t.strictSame(duckdbDialect.parseTypeName(duckdbDialect.getTypeName(type)), type)
  t.strictSame(duckdbDialect.parseTypeName('STRUCT(a VARCHAR)[]'), {
    list: { struct: [{ name: 'a', type: 'string' }] },
  })
  for (const exact of ['date', 'decimal(18,3)'] as const)
    t.equal(duckdbDialect.parseTypeName(duckdbDialect.getTypeName(exact)), exact)
  for (const other of ['HUGEINT', 'STRUCT(a DATE)', 'DATE[]', 'INTEGER[][]', 'BIGINT[][]'])
    t.equal(duckdbDialect.parseTypeName(other), undefined)
  t.equal(duckdbDialect.cast('x', 'string', 'JSON'), 'to_json(x)')
  t.equal(duckdbDialect.cast('x', 'int64', 'JSON'), 'CAST(to_json(x) AS JSON)')
  t.equal(duckdbDialect.cast('x', { list: 'int64' }, 'VARCHAR'), 'CAST(to_json(x) AS VARCHAR)')
  t.equal(duckdbDialect.cast('x', 'double', 'DECIMAL(9,2)'), 'CAST(CAST(x AS VARCHAR) AS DECIMAL(9,2))')
  t.equal(duckdbDialect.cast('x', 'string', 'DECIMAL(9,2)'), "CAST(NULLIF(x, '') AS DECIMAL(9,2))")
  t.equal(duckdbDialect.cast('x', { list: 'int64' }, 'DATE[]'), 'CAST(x AS DATE[])')
  t.equal(duckdbDialect.cast('x', 'date', 'TIMESTAMP'), 'CAST(x AS TIMESTAMP)')
  t.equal(
    duckdbDialect.cast('x', 'string', 'DATE'),
    "CAST(CAST(NULLIF(x, '') AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE 'UTC' AS DATE)",
  )
  t.equal(duckdbDialect.cast('x', 'date', 'VARCHAR'), 'CAST(x AS VARCHAR)')
})

t.test('the type names and the casts of PostgreSQL', async (t) => {
  t.equal(postgresDialect.getTypeName({ list: 'int64' }), 'jsonb')
  t.equal(postgresDialect.parseTypeName('character varying'), 'string')
  t.equal(postgresDialect.parseTypeName('numeric(9,2)'), 'decimal(9,2)')
  t.equal(postgresDialect.parseTypeName('numeric'), undefined)
  for (const exact of ['date', 'decimal(18,3)'] as const)
    t.equal(postgresDialect.parseTypeName(postgresDialect.getTypeName(exact)), exact)
  t.equal(postgresDialect.cast('x', 'date', 'date'), 'CAST(x AS date)')
  t.equal(postgresDialect.cast('x', 'json', 'text'), 'CAST(x AS text)')
  t.equal(postgresDialect.cast('x', 'string', 'jsonb'), 'to_jsonb(x)')
  t.equal(postgresDialect.cast('x', 'string', 'numeric(9,2)'), "CAST(NULLIF(x, '') AS numeric)")
  t.equal(postgresDialect.cast('x', 'double', 'character varying(5)'), 'CAST(CAST(x AS text) AS character varying)')
})

t.test('texts that jsonb refuses', async (t) => {
  for (const good of ['{}', '"\\\\u0000"', '"\\ud83d\\ude00"']) t.ok(isStorableJson(good), good)
  for (const bad of ['"\\u0000"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\0"']) t.notOk(isStorableJson(bad), bad)
  t.equal(replaceInJson('"\\u0000\\\\u0000\\ud83d\\ude00\\ud83d"'), '"\ufffd\\\\u0000\\ud83d\\ude00\ufffd"')
})

t.test('a large text grows the buffer', async (t) => {
  const buffer = new CopyBuffer()
  const text = 'é'.repeat(600_000)
  buffer.writeTextField(text)
  const bytes = buffer.take()
  t.equal(bytes.readInt32BE(0), 1_200_000)
  t.equal(bytes.subarray(4).toString(), text)
  t.equal(buffer.length, 0)
})

t.test('names in a load file are distinct for readers that ignore case', async (t) => {
  const name = createFileNaming()
  t.strictSame(['a', 'A', 'a', 'Á'].map(name), ['a', 'A (2)', 'a', 'Á'])
})

t.test('a key is held by one task at a time', async (t) => {
  const mutex = new KeyedMutex<string>()
  const order: number[] = []
  const work = async (number: number) => {
    const release = await mutex.acquire('x')
    order.push(number)
    await Promise.resolve()
    order.push(number)
    release()
  }
  await Promise.all([work(1), work(2), work(3)])
  t.strictSame(order, [1, 1, 2, 2, 3, 3])
})

t.test('the address of a database has no password', async (t) => {
  const keep = { ...process.env }
  t.teardown(() => (process.env = keep))
  const { PGHOST, PGUSER, PGDATABASE, PGPASSWORD, ...others } = keep
  t.ok([PGHOST, PGUSER, PGDATABASE, PGPASSWORD].length)
  process.env = others
  const label = (connection: Parameters<typeof postgres>[0]) => postgres(connection).label
  t.equal(label('postgresql://a:b@h:1/d?sslmode=require'), 'postgresql://a@h:1/d')
  t.equal(label('postgres://h'), 'postgresql://h/')
  t.equal(label('postgresql:///d?host=/run/x'), 'postgresql:///run/x/d')
  t.equal(label('postgresql://u:p@/d'), 'postgresql://u@localhost/d')
  t.equal(label({ host: 'h', user: 'u', password: 'p', database: 'd' }), 'postgresql://u@h/d')
  process.env['PGHOST'] = 'from-env'
  process.env['PGUSER'] = 'me'
  process.env['PGDATABASE'] = 'mine'
  t.equal(label({}), 'postgresql://me@from-env/mine')
  for (const wrong of ['mysql://x', 'postgresql://[', 7, null] as never[])
    t.throws(() => postgres(wrong), { code: 'ERR_OPTION' })
  t.throws(() => postgres('postgresql://x:hunter2@[bad'), { message: /^(?!.*hunter2)/s })
  t.throws(() => postgres('postgresql://x', { lockTimeout: 'x' }), { code: 'ERR_OPTION' })
  t.throws(() => duckdb(''), { code: 'ERR_OPTION' })
})

t.test('an error of PostgreSQL has a code and a message, and may be repeatable', async (t) => {
  const map = (error: unknown) => toPostgresError('db', error, (text) => text.replaceAll('hunter2', '…'))
  const create = (code: string, more: object = {}) =>
    Object.assign(new Error('no hunter2\nsecond line'), { code, ...more })
  t.match(map(create('55P03')), { code: 'ERR_DESTINATION_BUSY' })
  t.match(map(create('54011')), { code: 'ERR_SCHEMA_CHANGE', message: /json/ })
  t.match(map(create('23502', { column: 'a', table: 't' })), {
    code: 'ERR_DESTINATION',
    message: 'db: no … (column a of t) [23502]',
    detail: '23502: no …',
  })
  t.match(map(create('23502', { column: 'a' })), { message: /\(column a\)/ })
  t.ok(isRepeatable(map(create('40001'))))
  t.ok(isRepeatable(map(new Error('Connection terminated unexpectedly'))))
  for (const code of [
    'ENOENT',
    'ECONNREFUSED',
    'ECONNRESET',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    '57P03',
  ])
    t.ok(isRepeatable(map(create(code))), code)
  for (const code of ['42501', '28P01', '3D000', 'ENOTFOUND']) t.notOk(isRepeatable(map(create(code))), code)
  t.match(map(new AggregateError([new Error('one'), new Error('two')])), { message: 'db: one; two' })
  t.match(map(new Error('')), { message: 'db: Error' })
  for (const other of ['x', Object.assign(new Error('x'), { name: 'AbortError' })]) t.equal(map(other), other)
  t.ok(isConnectionLost(create('57P01')))
  t.notOk(isConnectionLost(create('23505')))
  t.notOk(isConnectionLost({}))
  t.notOk(isRepeatable('x'))
})

t.test('after a lost connection the work is repeated up to three times, after longer pauses each time', async (t) => {
  const pauses: number[] = []
  const reasons: string[] = []
  const controller = new AbortController()
  const database = new LoadDatabase(
    {
      signal: controller.signal,
      onEvent: (event: LoadEvent) => event.type === 'wait' && reasons.push(event.reason),
    } as never,
    'loadReport',
    (ms) => {
      pauses.push(ms!)
      return Promise.resolve(undefined as never)
    },
  )
  const lost = markRepeatable(new Error('lost'))
  const failures: Error[] = [lost, lost, lost]
  const work = () => {
    const failure = failures.pop()
    return failure ? Promise.reject(failure) : Promise.resolve('done')
  }
  t.equal(await database.repeat(work, 'again'), 'done')
  t.strictSame(pauses, [1000, 2000, 3000])
  t.strictSame(reasons, ['lost; again', 'lost; again', 'lost; again'])
  failures.push(lost, lost, lost, lost)
  await t.rejects(database.repeat(work, 'again'), lost)
  t.strictSame(failures, [])
  failures.push(lost, new Error('wrong password'))
  await t.rejects(database.repeat(work, 'again'), { message: 'wrong password' })
  t.equal(failures.length, 1, 'other errors are not repeated')
  t.equal(pauses.length, 6)
  controller.abort(new Error('stopped'))
  await t.rejects(database.repeat(work, 'again'), { name: 'AbortError' })
})

t.test('an error of DuckDB has a code and a message with the remedy', async (t) => {
  const map = (text: string) => toDuckdbError('db', new Error(text))
  t.match(map('IO Error: Could not set lock on file "x": something'), {
    code: 'ERR_DESTINATION_BUSY',
    message: /another process/,
  })
  t.match(map('IO Error: Trying to read a database file with version number 99'), { message: /newer @duckdb/ })
  t.match(map('Out of Memory Error: x'), { message: /memoryLimit/ })
  t.equal(toDuckdbError('db', 'x'), 'x')
})

/** A connection whose queries have these answers; an answer that is an error is thrown. */
function createFakeClient(answers: Readonly<Record<string, unknown>>) {
  const query = (sql: string) => {
    const key = Object.keys(answers).find((part) => sql.includes(part))
    const answer = key === undefined ? {} : answers[key]
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ rows: [answer], rowCount: null })
  }
  return { client: { query } as never, release: () => Promise.reject(new Error('x')), cut: () => undefined }
}

const settings = {
  label: 'db',
  connect: () => Promise.reject(new Error('down')),
  lockTimeout: 1,
  statementTimeout: 0,
  unlogged: false,
  redact: (text: string) => text,
  lookUpTimeout: 1,
}
const version = { server_version_num: { number: '150000', name: '15' } }
const { signal } = new AbortController()

t.test('an old server is refused', async (t) => {
  const old = createFakeClient({ server_version_num: { number: '120007', name: '12.7' } })
  await t.rejects(PostgresSession.open(settings, old, signal), {
    code: 'ERR_DESTINATION',
    message: /13 or later, got 12.7/,
  })
})

t.test('a commit whose reply is lost is looked up until the server knows its status', async (t) => {
  const lost = new Error('Connection terminated unexpectedly')
  const open = (connect: typeof settings.connect | (() => Promise<never>), lookUpTimeout: number) =>
    PostgresSession.open(
      { ...settings, connect: connect, lookUpTimeout },
      createFakeClient({ ...version, txid_current: { id: '7' }, COMMIT: lost }),
      signal,
    )
  await t.rejects((await open(settings.connect, 1)).commit(), { message: /cannot be asked.*_optimize_loads/ })
  const endings: string[] = []
  let connectLate!: (client: never) => void
  const late = (await open(() => new Promise<never>((resolve) => (connectLate = resolve)), 1)).commit()
  await t.rejects(late, { message: /cannot be asked/ }, 'a pool that has no free connection')
  await new Promise<void>((release) => {
    connectLate({
      ...createFakeClient({ txid_status: new Error('cut') }),
      cut: () => endings.push('cut'),
      release: async () => {
        endings.push('release')
        release()
      },
    } as never)
  })
  t.strictSame(endings.sort(), ['cut', 'release'], 'a connection that comes too late is given back')
  let asked = 0
  const answer = (status: string) => () => {
    const later = asked++ === 0 ? 'in progress' : status
    return Promise.resolve({
      ...createFakeClient({ txid_status: { status: later } }),
      release: () => Promise.resolve(),
    } as never)
  }
  await (await open(answer('committed'), 10_000)).commit()
  t.equal(asked, 2)
  asked = 0
  const aborted = await (await open(answer('aborted'), 10_000)).commit().catch((error: unknown) => error)
  t.match(aborted, { code: 'ERR_DESTINATION', message: /nothing was changed/ })
  t.ok(isRepeatable(aborted))
  const refused = createFakeClient({
    ...version,
    txid_current: { id: '7' },
    COMMIT: Object.assign(new Error('deferred'), { code: '23503' }),
  })
  await t.rejects((await PostgresSession.open(settings, refused, signal)).commit(), { message: /23503/ })
})

t.test('a database without a search path uses the schema public', async (t) => {
  const session = await PostgresSession.open(
    settings,
    createFakeClient({ ...version, current_schema: { name: null } }),
    signal,
  )
  t.equal(await session.getDefaultSchema(), 'public')
  t.equal(await session.run('SELECT 1'), 0)
  const aborted = await PostgresSession.open(settings, createFakeClient(version), AbortSignal.abort()).catch(
    (error: unknown) => error,
  )
  t.match(aborted, { name: 'AbortError' })
})

t.test('what is not a receipt with a schema and a kind has no differences', async (t) => {
  const receipt = { kind: 'process', schema: [] }
  for (const other of [
    undefined,
    5,
    { kind: 'process' },
    { kind: 'process', schema: 5 },
    { kind: 'process', schema: [5] },
    { kind: 'empty', schema: [] },
  ]) {
    t.strictSame(compareReceipts(other, receipt), [])
    t.strictSame(compareReceipts(receipt, other), [])
  }
})

t.test('an abort before the records are read is the failure of their pipeline, and no unhandled error', async (t) => {
  const source = { baseUrl: 'http://127.0.0.1:9', reportId: 'a', accessToken: 'a', signal: AbortSignal.abort() }
  const { records } = createFullExtraction(
    source,
    createExtractionListeners(() => undefined),
  )
  await drainEventLoopTurns()
  const read = async (rows: AsyncIterable<unknown>) => {
    for await (const row of rows) t.fail('expected no record', { row })
  }
  await t.rejects(pipeline(records, read), { name: 'AbortError' })
})
