// A run of the built command that is killed at a random moment, followed by --resume: every target has all records.
// The environment variable KILLS is the number of kills: 30 for a thorough test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { Random } from '../../lib/testing/random.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { createDuckdbTarget } from '../support/loads/load-targets.js'
import { seed } from '../support/random/property.js'
import { readWithDuckdb } from '../support/readers/read-parquet.js'
import { root } from '../support/root.js'
import { startWatched } from '../support/servers/watched-server.js'

const KILLS = Number(process.env['KILLS'] ?? 2)
t.setTimeout(60_000 + KILLS * 20_000)

const main = join(root, 'dist/cli/main.js')

t.test(`after ${KILLS} kills, --resume completes every target`, { timeout: 60_000 + KILLS * 20_000 }, async (t) => {
  t.ok(existsSync(main), 'npm run build makes the command')
  const server = await startWatched(t, { records: 400, cachePages: true, collections: { c: ['r1', 'r2', 'r3'] } })
  const expectedIds = server.ids().sort()
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const jobs = createJobsFolder(t, server)
  jobs.write(`version: 1
defaults: { limit: 50, retry-min-delay: 1, retry-max-delay: 5 }
jobs:
  - { name: csv, report: r1, out: DIR/a.csv, events: true }
  - { name: table, report: r2, table: orders, into: 'duckdb:${target.path}', mode: merge }
  - { name: all, collection: c, out: DIR/all/, format: parquet }
`)
  const { PATH, HOME, TMPDIR } = process.env
  const start = (...flags: string[]) => {
    const argv = [main, 'run', jobs.file, '--jobs', '2', '--json', ...flags]
    const env = { PATH, HOME, TMPDIR, ...jobs.env }
    const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => (texts[name] += chunk.toString()))
    const ended = once(child, 'close').then(([code, signal]) => ({
      code: (code ?? signal) as number | string,
      ...texts,
    }))
    return { child, ended }
  }
  const listIds = async () => {
    const rows = parse<{ processInstanceId: string }>(readFileSync(jobs.path('a.csv')), { columns: true })
    const table = await target.query('SELECT process_instance_id AS id FROM orders')
    const files = await Promise.all(
      ['r1', 'r2', 'r3'].map((id) =>
        readWithDuckdb(jobs.path(`all/${id}.parquet`), 'SELECT processInstanceId FROM file'),
      ),
    )
    return [
      rows.map((row) => row.processInstanceId),
      table.map(({ id }) => id),
      ...files.map((file) => file.rows.flat()),
    ]
  }
  const random = new Random()
  const before = server.requests.length
  t.equal((await start().ended).code, 0)
  const requests = server.requests.length - before
  const seen = { killed: 0, finished: 0, done: 0, complete: 0 }
  for (let at = 0; at < KILLS; at++) {
    random.startAt(seed, at)
    // every second time, the files of the jobs are missing at the start
    if (at % 2 === 0)
      for (const name of ['a.csv', 'a.csv.json', 'all']) rmSync(jobs.path(name), { recursive: true, force: true })
    const [request, turns] = [1 + random.below(requests), random.below(2000)]
    const first = server.requests.length
    const { child, ended } = start()
    await Promise.race([server.received(first + request), ended])
    await drainEventLoopTurns(turns)
    child.kill('SIGKILL')
    seen[(await ended).code === 'SIGKILL' ? 'killed' : 'finished']++
    const { code, stdout, stderr } = await start('--resume').ended
    t.equal(code, 0, `kill ${at} at request ${request}, ${turns} turns later: ${stderr}`)
    const { jobs: results } = JSON.parse(stdout) as { jobs: { result: 'done' | 'complete' }[] }
    for (const { result } of results) seen[result]++
    for (const ids of await listIds()) t.strictSame(ids.sort(), expectedIds, `kill ${at}: every id is there`)
    t.strictSame(
      readdirSync(jobs.folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(part|lock)/.test(name)),
      [],
      'no part of a file and no lock remain',
    )
  }
  t.comment(`${KILLS} kills: ${JSON.stringify(seen)}`)
})
