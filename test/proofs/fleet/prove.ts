// The fleet of examples/fleet on a real Redis: 20 jobs and 3 workers, of which one is killed and one stalls. Each target is complete,
// and each job of the queue is completed once.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { root } from '../../support/root.js'
import { startWatched } from '../../support/servers/watched-server.js'
import { download } from '../support/download.js'
import { finding, Report } from '../support/report.js'
import { exitOnSignals } from '../support/turn.js'

const JOBS = 20
const report = new Report()
const processes: ChildProcess[] = []
const folder = mkdtempSync(join(tmpdir(), 'fleet-'))
exitOnSignals()
process.once('exit', () => {
  for (const child of processes) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

if (spawnSync('redis-server', ['--version']).error) {
  const reason = 'redis-server is not installed; npm run proof:tools installs it'
  process.stdout.write(`${process.env['REQUIRE_REDIS'] ? 'BROKEN' : 'skipped'}: ${reason}\n`)
  process.exit(process.env['REQUIRE_REDIS'] ? 1 : 0)
}

report.heading('a fleet on Redis')
await report.check(`${JOBS} jobs, 3 workers, one killed, one stalled`, prove)
process.exit(report.finish())

interface Running {
  readonly child: ChildProcess
  readonly text: () => string
  waitForText(part: string): Promise<void>
}

function start(program: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(program, argv, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  processes.push(child)
  for (const stream of [child.stdout, child.stderr]) stream.setMaxListeners(0)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = once(child, 'close').then(() => 'closed')
  return {
    child,
    text: () => text,
    waitForText: async (part) => {
      while (!text.includes(part)) {
        const data = [child.stdout, child.stderr].map((stream) => once(stream, 'data').then(() => 'data'))
        if ((await Promise.race([...data, ended])) === 'closed') throw new Error(`${program} ended:\n${text}`)
      }
    },
  }
}

async function prove() {
  cpSync(join(root, 'examples/fleet'), folder, { recursive: true })
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> }
  // the program of this build is used, not a published package
  delete manifest.dependencies['optimize-export']
  writeFileSync(path, JSON.stringify(manifest))
  download(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder })

  const socket = join(folder, 'redis.sock')
  const redis = start('redis-server', [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ])
  await redis.waitForText('eady to accept connections')

  const ids = Array.from({ length: JOBS }, (_, at) => `r${at}`)
  const server = await startWatched(undefined, {
    ...{ records: 200, cachePages: true, collections: { c: ids } },
    // the searches of two reports stay open until one worker is killed and one is stopped
    isHeld: ({ path, carriesCursor }) => carriesCursor && /\/r[01]\//.test(path),
  })
  writeFileSync(
    join(folder, 'jobs.yaml'),
    `version: 1
defaults: { limit: 50, fresh-for: 6h, retry-min-delay: 10, retry-max-delay: 100 }
jobs:
${ids.map((id) => `  - { name: ${id}, report: ${id}, out: '${join(folder, `${id}.csv`)}' }`).join('\n')}
`,
  )
  const env = {
    REDIS_URL: socket,
    OPTIMIZE_EXPORT: join(root, 'dist/cli/main.js'),
    OPTIMIZE_URL: server.url,
    OPTIMIZE_TOKEN: server.token,
    LOCK_MS: '3000',
  }
  const workers = [1, 2, 3].map(() => start(process.execPath, ['worker.js'], env))
  for (const call of ['first', 'second']) {
    const { child, text } = start(process.execPath, ['enqueue.js', 'n1'], env)
    const [code] = (await once(child, 'close')) as [number]
    if (code !== 0) throw new Error(`enqueue.js, ${call} call: ${text()}`)
  }
  const findWorker = (id: string) =>
    Promise.any(
      workers.map(async (worker) => {
        await worker.waitForText(`"event":"page","job":"${id}"`)
        return worker
      }),
    )
  const [killed, stalled] = await Promise.all([findWorker('r0'), findWorker('r1')])
  killed.child.kill('SIGKILL')
  stalled.child.kill('SIGSTOP')
  server.release()
  const counts = await waitForQueue(socket)
  stalled.child.kill('SIGCONT')
  const truth = server.ids().sort().join()
  const wrong = ids.filter((id) => {
    const rows = parse<{ processInstanceId: string }>(readFileSync(join(folder, `${id}.csv`)), { columns: true })
    return (
      rows
        .map((row) => row.processInstanceId)
        .sort()
        .join() !== truth
    )
  })
  const rest = readdirSync(folder).filter((name) => name.endsWith('.part'))
  await server.close()
  const isWhole = wrong.length === 0 && rest.length === 0 && counts.completed === JOBS && counts.failed === 0
  const seen = `${counts.completed} completed, ${counts.failed} failed, ${counts.attempts} attempts; wrong: ${wrong.join() || 'none'}; left: ${rest.join() || 'none'}`
  return finding(isWhole && killed !== stalled, seen)
}

interface Counts {
  readonly completed: number
  readonly failed: number
  readonly attempts: number
}

interface Queue {
  getCompleted(): Promise<{ attemptsStarted: number }[]>
  getFailedCount(): Promise<number>
  close(): Promise<void>
}

/** Resolves when all jobs have ended. */
async function waitForQueue(socket: string): Promise<Counts> {
  const require = createRequire(join(folder, 'package.json'))
  const { Queue: BullQueue, QueueEvents } = require('bullmq') as {
    Queue: new (name: string, options: object) => Queue
    QueueEvents: new (name: string, options: object) => NodeJS.EventEmitter & { waitUntilReady(): Promise<unknown> }
  }
  const { Redis } = require('ioredis') as { Redis: new (path: string, options: object) => object }
  const connect = () => new Redis(socket, { maxRetriesPerRequest: null })
  const queue = new BullQueue('reports', { connection: connect() })
  const events = new QueueEvents('reports', { connection: connect() })
  events.setMaxListeners(0)
  await events.waitUntilReady()
  for (;;) {
    const changed = Promise.race([once(events, 'completed'), once(events, 'failed')])
    const [completed, failed] = await Promise.all([queue.getCompleted(), queue.getFailedCount()])
    if (completed.length + failed >= JOBS) {
      const attempts = completed.reduce((sum, { attemptsStarted }) => sum + attemptsStarted, 0)
      return { completed: completed.length, failed, attempts }
    }
    await changed
  }
}
