// Connections to databases without a server: addresses, the lock of a file, and a fake connection that gives rare answers.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { KeyedMutex } from '../../lib/destinations/duckdb/keyed-mutex.js'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { postgres } from '../../lib/destinations/postgres/index.js'
import { PostgresSession } from '../../lib/destinations/postgres/postgres-session.js'
import { isRepeatable } from '../../lib/load/load-destination.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

const { signal } = new AbortController()

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
  const tooLong = { code: 'ERR_OPTION', message: /Timeout: expected .* at most 2147483647 \(24 days\), got/ }
  for (const time of ['30d', 2 ** 31]) {
    t.throws(() => postgres('postgresql://x', { lockTimeout: time }), tooLong)
    t.throws(() => postgres('postgresql://x', { statementTimeout: time }), tooLong)
  }
  t.ok(postgres('postgresql://x', { lockTimeout: 2 ** 31 - 1, statementTimeout: '24d' }))
  t.throws(() => duckdb(''), { code: 'ERR_OPTION' })
})

t.test('the error of a connection has no password, however it is encoded and however short it is', async (t) => {
  const keep = { ...process.env }
  t.teardown(() => (process.env = keep))
  process.env['PGPASSWORD'] = '#~'
  const reject = async (options: object, text: string) => {
    const pool = { connect: () => Promise.reject(new Error(text)), end: async () => {}, on: () => pool, totalCount: 0 }
    const into = postgres({ ...pool, options })
    return into.connect({ signal, commitsNothing: true }).then(
      () => '',
      (error: unknown) => (error as Error).message.slice(into.label.length),
    )
  }
  const connectionString = 'postgresql://u:p%40ss%2Fw@h/d'
  t.equal(await reject({ connectionString }, 'no p@ss/w, p%40ss%2Fw, #~'), ': no …, …, …')
  t.equal(await reject({ connectionString: 'postgresql://u@h/d?password=p%40ss' }, 'no p@ss'), ': no …')
  t.equal(await reject({ host: 'h', password: '!' }, 'no !'), ': no …')
})

t.test('an abort ends the wait for a connection', async (t) => {
  const server = createServer()
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const abortController = new AbortController()
  const isAccepted = once(server, 'connection') as Promise<[Socket]>
  const silent = postgres({ host: '127.0.0.1', port, user: 'u', connectionTimeoutMillis: 0 })
  const connecting = silent.connect({ signal: abortController.signal, commitsNothing: true })
  const [socket] = await isAccepted
  const isClosed = once(socket.resume(), 'close')
  abortController.abort()
  await t.rejects(connecting, { name: 'AbortError' }, 'a server that does not answer')
  await isClosed
  const { signal: aborted } = abortController
  await t.rejects(silent.connect({ signal: aborted, commitsNothing: true }), { name: 'AbortError' }, 'before the call')
})

t.test(
  'an abort ends the wait for a pool without a free client; a client that comes later is given back',
  async (t) => {
    let giveClient!: (client: object) => void
    const client = new Promise<object>((resolve) => (giveClient = resolve))
    const pool = { connect: () => client, end: async () => {}, on: () => pool, totalCount: 0, options: {} }
    const abortController = new AbortController()
    const connecting = postgres(pool).connect({ signal: abortController.signal, commitsNothing: true })
    await drainEventLoopTurns()
    abortController.abort()
    await t.rejects(connecting, { name: 'AbortError' })
    const isCut = await new Promise((release) => giveClient({ on: () => undefined, off: () => undefined, release }))
    t.equal(isCut, false)
  },
)

t.test('a key is held by one task at a time', async (t) => {
  const mutex = new KeyedMutex<string>()
  const { signal } = new AbortController()
  const order: number[] = []
  const work = async (number: number) => {
    const release = await mutex.acquire('x', signal)
    order.push(number)
    await Promise.resolve()
    order.push(number)
    release()
  }
  await Promise.all([work(1), work(2), work(3)])
  t.strictSame(order, [1, 1, 2, 2, 3, 3])
})

t.test('a task that is aborted while it waits for a key passes its turn on', async (t) => {
  const mutex = new KeyedMutex<string>()
  const { signal } = new AbortController()
  const abortController = new AbortController()
  const release = await mutex.acquire('x', signal)
  const aborted = mutex.acquire('x', abortController.signal)
  const last = mutex.acquire('x', signal)
  abortController.abort()
  await t.rejects(aborted, { name: 'AbortError' })
  await t.rejects(mutex.acquire('x', abortController.signal), { name: 'AbortError' }, 'aborted before')
  release()
  const releaseLast = await last
  releaseLast()
  await mutex.acquire('x', signal)
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

t.test('a change of a table waits for locks without a limit if lockTimeout is 0', async (t) => {
  const locked = Object.assign(new Error('lock timeout'), { code: '55P03' })
  const statements: string[] = []
  const query = (sql: string) => {
    const isFirst = sql.startsWith('ALTER') && !statements.includes(sql)
    statements.push(sql)
    return isFirst ? Promise.reject(locked) : Promise.resolve({ rows: [version.server_version_num], rowCount: 0 })
  }
  const client = { client: { query } as never, release: () => Promise.resolve(), cut: () => undefined }
  const session = await PostgresSession.open({ ...settings, lockTimeout: 0 }, client, signal)
  await session.alter(['ALTER TABLE t'])
  t.strictSame(
    statements.filter((sql) => sql.startsWith('SET')),
    ['SET LOCAL lock_timeout = 1000', 'SET LOCAL lock_timeout = 1000', 'SET LOCAL lock_timeout = 0'],
  )
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
