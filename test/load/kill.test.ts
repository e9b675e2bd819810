// Kills a load at 20 moments. Afterwards the table has the old rows or the new ones, and the next load succeeds.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadReport } from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimize } from '../../lib/testing/index.js'
import type { KilledLoad } from '../support/children/loading-child.js'
import { createInstance } from '../support/loads/instances.js'
import {
  createDuckdbTarget,
  createPostgresTarget,
  preparePostgres,
  type TestDatabase,
} from '../support/loads/load-targets.js'
import { root } from '../support/root.js'

const { postgres, skip } = await preparePostgres()
t.setTimeout(600_000)

const ROWS = 800
const PAGES = 8
const createRecords = (duration: number) =>
  Array.from({ length: ROWS }, (_, at) =>
    createInstance(`id-${at}`, {
      duration,
      flowNodeInstances: [{ id: `node-${at}`, name: 'x', startDate: '2024-05-31T06:11:26.123+0000', endDate: null }],
    }),
  )

/** The events of a load: extract, 8 pages, load, stage, check, schema, write, commit. */
const EVENT_COUNT = 1 + PAGES + 6
const moments = [
  ...Array.from({ length: EVENT_COUNT }, (_, killAt) => ({ killAt, turns: 0 })),
  ...[10, 12, 13, 13, 14].map((killAt, at) => ({ killAt, turns: 100 * 3 ** at })),
]

async function runKilled(killedLoad: KilledLoad, folder: string): Promise<NodeJS.Signals | number | null> {
  const script = join(root, 'test/support/children/loading-child.ts')
  const loader = '--import=./test/scripts/typescript/register.js'
  // without NODE_OPTIONS, because a killed process writes no coverage, and tap's own modules double the time of the process
  const env = { ...process.env, NODE_OPTIONS: '', TMPDIR: folder }
  const argv = [loader, script, JSON.stringify(killedLoad)]
  const child = spawn(process.execPath, argv, { cwd: root, env, stdio: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? code
}

async function testKills(
  t: Test,
  target: TestDatabase,
  into: KilledLoad['into'],
  leftovers: () => Promise<unknown>,
): Promise<void> {
  const servers: FakeOptimize[] = []
  for (const duration of [1, 2]) servers.push(await startFakeOptimize({ data: createRecords(duration) }))
  t.teardown(() => Promise.all(servers.map((server) => server.close())))
  const sourceOf = ({ url, reportId, token }: FakeOptimize) => ({
    baseUrl: url,
    reportId,
    accessToken: token,
    limit: ROWS / PAGES,
  })
  const folder = mkdtempSync(join(tmpdir(), 'kills-'))
  const load = (server: FakeOptimize) =>
    loadReport({ source: sourceOf(server), into: target.into(), table: 'orders', events: 'steps' })
  await load(servers[0]!)
  let current = 0
  for (const { killAt, turns } of moments) {
    const name = `event ${killAt}, ${turns} turns after it`
    const next = servers[1 - current]!
    const ending = await runKilled({ source: sourceOf(next), into, killAt, turns }, folder)
    t.ok(ending === 'SIGKILL' || (ending === 0 && turns > 0), name)
    const [row] = await target.query(
      'SELECT count(*) AS n, min(duration) AS low, max(duration) AS high, count(DISTINCT _optimize_load_id) AS loads FROM orders',
    )
    const duration = row!['low'] as number
    t.strictSame(row, { n: ROWS, low: duration, high: duration, loads: 1 }, `${name}: the rows of one load`)
    t.ok(turns > 0 || duration === current + 1, `${name}: the old rows`)
    t.strictSame(
      await target.query(`SELECT count(*) AS n, count(DISTINCT l.load_id) AS loads FROM steps AS s JOIN orders AS o ON o._optimize_load_id = s._optimize_load_id
        AND o.process_instance_id = s.process_instance_id JOIN _optimize_loads AS l ON l.load_id = o._optimize_load_id AND l.rows_in_table = ${ROWS}`),
      [{ n: ROWS, loads: 1 }],
      `${name}: the events and the history agree`,
    )
    current = duration - 1
  }
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    t.match(await load(servers[1 - current]!), { rows: ROWS, events: ROWS, total: ROWS, complete: true })
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
  t.strictSame(readdirSync(folder), [], 'no file is left')
  t.strictSame(await leftovers(), [])
}

t.test('duckdb: a killed load', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const folder = join(target.path, '..')
  await testKills(t, target, { duckdb: target.path }, () =>
    Promise.resolve(readdirSync(folder).filter((name) => name !== 'warehouse.duckdb')),
  )
})

t.test('postgres: a killed load', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  const leftovers = () =>
    target.query(`SELECT relname AS name FROM pg_class WHERE relname LIKE '%optimize%stage%'
      UNION ALL SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'optimize-export'`)
  await testKills(t, target, { postgres: target.config }, leftovers)
})
