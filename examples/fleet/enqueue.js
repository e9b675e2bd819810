// Puts the jobs of the jobs file into the queue, each once a night: node enqueue.js [NIGHT]. The default is the date in UTC.
import { execFileSync } from 'node:child_process'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'

const {
  REDIS_URL = 'redis://127.0.0.1:6379',
  JOBS_FILE = 'jobs.yaml',
  OPTIMIZE_EXPORT = 'optimize-export',
} = process.env
const [night = new Date().toISOString().slice(0, 10)] = process.argv.slice(2)

const { jobs } = JSON.parse(
  execFileSync(OPTIMIZE_EXPORT, ['run', JOBS_FILE, '--check', '--json'], { encoding: 'utf8' }),
)
const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null })
const queue = new Queue('reports', { connection })
for (const { name } of jobs)
  await queue.add(
    name,
    {},
    {
      // a second call in the same night adds nothing
      jobId: `${night}-${name}`,
      attempts: 10,
      backoff: { type: 'exponential', delay: 1000 },
      removeOnComplete: { age: 7 * 24 * 3600 },
    },
  )
console.log(`${jobs.length} jobs of the night ${night}`)
await queue.close()
connection.disconnect()
