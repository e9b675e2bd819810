// A worker of the fleet: takes names of jobs from a queue and runs each with `optimize-export run jobs.yaml --only NAME`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { UnrecoverableError, Worker } from 'bullmq'
import { Redis } from 'ioredis'

const { REDIS_URL = 'redis://127.0.0.1:6379', JOBS_FILE = 'jobs.yaml', STATE_FOLDER = '.optimize-export' } = process.env
const { OPTIMIZE_EXPORT = 'optimize-export', LOCK_MS = '30000' } = process.env

/** The exit codes after which another try fails too: 2 is a wrong setting, 4 a refused token. */
const FINAL_CODES = [2, 4]

const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null })
const worker = new Worker('reports', ({ name }) => runJob(name), {
  connection,
  // a worker that does not renew its lock in this time has stalled, and another one gets its job
  lockDuration: Number(LOCK_MS),
  stalledInterval: Number(LOCK_MS) / 2,
  maxStalledCount: 2,
})
worker.on('error', (error) => console.error(error.message))
worker.on('completed', ({ name }) => console.log(`${name}: complete`))
worker.on('failed', (job, error) => console.error(`${job?.name}: ${error.message}`))

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()

/** Runs one job. Each job has its own state, whose lock keeps a stalled worker and its successor apart. */
async function runJob(name) {
  const state = join(STATE_FOLDER, `${name}.json`)
  const argv = ['run', JOBS_FILE, '--only', name, '--state', state, '--log-format', 'json']
  // the guard ends the command when this process ends, also by SIGKILL, because the stdin of the guard is then closed
  const child = spawn('sh', [join(import.meta.dirname, 'guard.sh'), OPTIMIZE_EXPORT, ...argv], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  children.add(child)
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code))
  })
  children.delete(child)
  if (code === 0) return
  if (FINAL_CODES.includes(code)) throw new UnrecoverableError(`exit code ${code}`)
  throw new Error(`exit code ${code}`)
}

/** After SIGTERM or SIGINT no new job starts; the running ones are stopped and go back to the queue. */
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, async () => {
    for (const child of children) child.stdin.end()
    await worker.close()
    connection.disconnect()
  })
