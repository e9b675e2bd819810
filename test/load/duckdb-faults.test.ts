// Faults of a DuckDB file: another process holds it, its disk is full, another version wrote it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { loadReport, type LoadEvent, type LoadOptions } from '../../lib/index.js'
import { checkVersion } from '../../lib/destinations/duckdb/duckdb-client.js'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { importPeer } from '../../lib/shared/import-peer.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { mountSmallDisk } from '../support/machine/small-disk.js'
import { createInstance, createInstances } from '../support/loads/instances.js'
import { createDuckdbTarget, type TestDatabase } from '../support/loads/load-targets.js'
import { root } from '../support/root.js'

t.setTimeout(400_000)

async function load(
  target: Pick<TestDatabase, 'into'>,
  data: FakeOptimizeOptions['data'],
  options: Partial<LoadOptions> = {},
  faults: FakeOptimizeOptions['faults'] = [],
) {
  const fake = await startFakeOptimize({ data, faults })
  const retry = { attempts: 2, minDelay: 1, maxDelay: 2 }
  try {
    const source = {
      baseUrl: fake.url,
      reportId: fake.reportId,
      accessToken: fake.token,
      retry,
      limit: 1000,
      maxRestarts: 1,
    }
    return await loadReport({ source, into: target.into(), table: 'orders', ...options })
  } finally {
    await fake.close()
  }
}

const countRows = (target: TestDatabase) => target.query('SELECT count(*) AS n, max(duration) AS duration FROM orders')
const countLoads = (target: TestDatabase) => target.query('SELECT count(*) AS n FROM _optimize_loads')

const HOLDER = `
import { DuckDBInstance } from '@duckdb/node-api'
const instance = await DuckDBInstance.create(process.argv[1])
await instance.connect()
process.stdout.write('open')
process.stdin.on('data', () => process.exit())
`

t.test('a file that another process holds is ERR_DESTINATION_BUSY with its PID, or a wait', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await load(target, createInstances(10, 1))
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, target.path], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const busy = { code: 'ERR_DESTINATION_BUSY', message: new RegExp(`PID ${holder.pid!}`) }
  await t.rejects(load(target, createInstances(20, 2)), busy)
  await t.rejects(load(target, createInstances(20, 2), { wait: '600ms' }), busy)
  const reasons: string[] = []
  const onEvent = (event: LoadEvent) => {
    if (event.type !== 'wait') return
    reasons.push(event.reason)
    holder.stdin.write('end')
  }
  await load(target, createInstances(20, 2), { wait: '60s', onEvent })
  t.match(reasons, [/the file is open in .*PID/])
  t.strictSame(await countRows(target), [{ n: 20, duration: 2 }])
})

t.test(
  'two loads of one table in one process run one after the other; a reader sees the rows of one load',
  async (t) => {
    const target = createDuckdbTarget()
    t.teardown(() => target.close())
    await load(target, createInstances(10, 1))
    const instance = await DuckDBInstance.fromCache(target.path)
    const reader = await instance.connect()
    const reads: Promise<string>[] = []
    const onEvent = (event: LoadEvent) => {
      if (event.type === 'step')
        reads.push(
          reader
            .runAndReadAll('SELECT count(*) AS n, count(DISTINCT duration) AS d FROM orders')
            .then((result) => result.getRows().join()),
        )
    }
    await Promise.all([
      load(target, createInstances(20, 2), { onEvent }),
      load(target, createInstances(20, 3), { onEvent }),
    ])
    // a connection that is closed during a read may never answer, and then the process does not end
    const seen = await Promise.all(reads)
    reader.closeSync()
    instance.closeSync()
    t.ok(seen.length > 0)
    t.ok(
      seen.every((text) => text === '10,1' || text === '20,1'),
      seen.join(),
    )
    t.strictSame(await countLoads(target), [{ n: 3 }])
  },
)

t.test('one session at a time has a file open, whichever of its names is used', async (t) => {
  const signal = new AbortController().signal
  const connect = (path: string) => duckdb(path).connect({ signal, commitsNothing: false })
  const links = { linkSync, symlinkSync } as const
  for (const [name, link] of Object.entries(links)) {
    const target = createDuckdbTarget()
    t.teardown(() => target.close())
    const folder = dirname(target.path)
    const other = join(folder, 'other.duckdb')
    if (link === linkSync) await connect(target.path).then((session) => session.close())
    link(target.path, other)
    const order: string[] = []
    const use = async (path: string, table: string) => {
      const session = await connect(path)
      order.push(`${table} opens`)
      await session.run(`CREATE TABLE ${table} (id INTEGER)`)
      for (let at = 0; at < 20; at++) await session.run(`INSERT INTO ${table} VALUES (${at})`)
      order.push(`${table} closes`)
      await session.close()
    }
    await Promise.all([use(target.path, 'a'), use(other, 'b'), use(join(folder, '.', 'other.duckdb'), 'c')])
    t.strictSame(order.map((step) => step.slice(2)).join(), Array(3).fill('opens,closes').join(), name)
    t.match(await target.query('SELECT table_name AS name, estimated_size AS n FROM duckdb_tables() ORDER BY 1'), [
      { name: 'a', n: 20 },
      { name: 'b', n: 20 },
      { name: 'c', n: 20 },
    ])
  }
})

t.test('a wait for another session of a file can be aborted', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const connect = (signal: AbortSignal) => target.into().connect({ signal, commitsNothing: false })
  const first = await connect(new AbortController().signal)
  await t.rejects(connect(AbortSignal.abort()), { name: 'AbortError' })
  await first.close()
})

t.test('an export that fails, and an abort, change nothing', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const faults = [{ kind: 'drop' as const, page: 2, times: Infinity }]
  await t.rejects(load(target, createInstances(2000, 2), {}, faults), { code: 'ERR_INCOMPLETE' })
  t.notOk(existsSync(target.path), 'the file is not created before the report has been read')
  await load(target, createInstances(10, 1))
  for (const step of ['stage', 'write', 'commit']) {
    const abort = new AbortController()
    const onEvent = (event: LoadEvent) => event.type === 'step' && event.step === step && abort.abort()
    await t.rejects(
      load(target, createInstances(20, 2), { signal: abort.signal, onEvent }),
      { name: 'AbortError' },
      step,
    )
  }
  await t.rejects(load(target, createInstances(20, 2), { signal: AbortSignal.abort() }), { name: 'AbortError' })
  t.strictSame(await countRows(target), [{ n: 10, duration: 1 }])
})

t.test('a full disk leaves the table as it was', async (t) => {
  const small = mountSmallDisk(t, '3m')
  if (small === undefined) {
    t.comment('no file system of our own can be mounted')
    return
  }
  const path = join(small, 'a.duckdb')
  const target = { into: () => duckdb(path) }
  await load(target, createInstances(10, 1))
  const big = Array.from({ length: 300 }, (_, at) => createInstance(`id-${at}`, { businessKey: randomText(20_000) }))
  await t.rejects(load(target, big), { code: 'ERR_DESTINATION', message: /No space left/ })
  await load(target, createInstances(12, 2))
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  t.strictSame((await connection.runAndReadAll('SELECT count(*), max(duration) FROM orders')).getRows(), [[12n, 2n]])
  connection.closeSync()
  instance.closeSync()
})

let state = 1
/** Returns a text that hardly compresses. */
function randomText(length: number): string {
  let text = ''
  while (text.length < length) text += ((state = (state * 48_271) % 2_147_483_647) % 4096).toString(16)
  return text
}

t.test('a file of another version, and one that is not a database, are errors', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await load(target, createInstances(1, 1))
  const bytes = readFileSync(target.path)
  // the version of the storage; source: MainHeader of DuckDB, after the checksum and the four magic bytes
  bytes.writeBigUInt64LE(999n, 12)
  writeFileSync(target.path, bytes)
  await t.rejects(load(target, createInstances(1, 1)), { code: 'ERR_DESTINATION' })
  writeFileSync(target.path, 'this is text '.repeat(1000))
  await t.rejects(load(target, createInstances(1, 1)), { code: 'ERR_DESTINATION', message: /not a valid DuckDB/ })
  t.throws(() => checkVersion('v1.0.9'), { code: 'ERR_DESTINATION', message: /1.1 or later, got v1.0.9/ })
  t.throws(() => checkVersion('v0.10.0'), { code: 'ERR_DESTINATION' })
  t.doesNotThrow(() => checkVersion('v2.0.0'))
})

t.test('a package that is missing is an OptionError with the command that installs it', async (t) => {
  const missing = () => Promise.reject(Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' }))
  await t.rejects(importPeer('duckdb', '@duckdb/node-api', missing, { option: 'into' }), {
    code: 'ERR_OPTION',
    message: /npm install @duckdb\/node-api$/,
  })
  await t.rejects(
    importPeer('postgres', 'pg', missing, { option: 'into', installTogether: ['pg', 'pg-copy-streams'] }),
    {
      message: /the package pg is not installed; run: npm install pg pg-copy-streams$/,
    },
  )
  await t.rejects(
    importPeer('duckdb', 'x', () => Promise.reject(new Error('other')), { option: 'into' }),
    { message: 'other' },
  )
})

t.test('a load with memoryLimit, threads and schema; a view and a wrong memoryLimit are refused', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await load(
    { into: () => target.into({ memoryLimit: '200MB', threads: 1, schema: 'sales' }) },
    createInstances(5000, 1),
  )
  t.strictSame(await target.query('SELECT count(*) AS n FROM sales.orders'), [{ n: 5000 }])
  await target.query('CREATE VIEW seen AS SELECT 1 AS x')
  await t.rejects(load(target, createInstances(1, 1), { table: 'seen' }), {
    code: 'ERR_DESTINATION',
    message: /is a view/,
  })
  t.throws(() => duckdb('x', { memoryLimit: 'much' }), { code: 'ERR_OPTION' })
})

t.test('1,700 columns are loaded', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const variables = Object.fromEntries(Array.from({ length: 1700 }, (_, at) => [`v${at}`, String(at)]))
  t.equal((await load(target, [createInstance('a', { variables })])).schema.length, 1709)
  t.strictSame(await target.query('SELECT variable_v0 AS a, variable_v1699 AS b FROM orders'), [{ a: 0, b: 1699 }])
})
