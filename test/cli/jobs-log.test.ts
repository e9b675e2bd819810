// The output of `run`: bars on a terminal, and with `--log-format json` lines of JSON, also for wrong usage.
import t from 'tap'
import { JsonLog } from '../../lib/cli/jobs/run/job-log.js'
import { CapturedStream, runCommand } from '../support/command/command-line.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { startWatched } from '../support/servers/watched-server.js'

t.setTimeout(120_000)

const HEAD = 'version: 1\ndefaults: { retry-min-delay: 1, retry-max-delay: 5 }\n'

t.test('with --log-format json each message about wrong usage is a line of JSON', async (t) => {
  const jobs = createJobsFolder(t)
  jobs.write(`${HEAD}jobs: [{ name: a, report: r1, oud: DIR/a.csv }]`)
  const message = async (...argv: string[]) => {
    const { code, stderr } = await runCommand(['run', ...argv])
    t.equal(code, 2)
    const lines = stderr.trim().split('\n')
    t.equal(lines.length, 1, stderr)
    const line = JSON.parse(lines[0]!) as Record<string, unknown>
    t.match(line, { time: /^\d{4}-.*Z$/, level: 'error', event: 'error', code: 'ERR_USAGE' })
    return line['message']
  }
  const json = ['--log-format', 'json']
  t.match(await message(jobs.file, ...json), /2 problems, nothing was requested\n.*:3:10: the job has no target/)
  t.match(await message(jobs.file, '--tokn=secret', ...json), /unknown option '--tokn=…'/)
  t.match(await message(jobs.file, '--jobs', '0', '--log-format=json'), /--jobs: expected an integer/)
  t.match(await message(jobs.file, '--jobs', '0', '--log-format', 'json\r\n'), /--jobs: expected an integer/)
  t.match(await message(jobs.path('missing.yaml'), ...json), /missing\.yaml/)
  t.match(await message(...json), /nothing to run/)
  t.match((await runCommand(['run', '--nope', '--json', ...json])).stdout, /"code":\s*"ERR_USAGE"/)
})

t.test('with --quiet, the JSON log has alerts, but no warnings of jobs', (t) => {
  const stderr = new CapturedStream()
  const log = new JsonLog(stderr, true)
  log.progress.note('a word')
  log.warn({ name: 'orders', reportId: 'r1' }, 'a warning of the job')
  log.progress.alert('parts of an upload stay')
  const lines = stderr.text.trim().split('\n')
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0]!), { level: 'warning', event: 'warning', message: 'parts of an upload stay' })
  t.end()
})

t.test('a terminal has a line for each running job, and the finished ones above', async (t) => {
  const stderr = new CapturedStream(true)
  const server = await startWatched(t, {
    records: 90,
    collections: { c: ['r1', 'r2', 'r3'] },
    isHeld: ({ path, query }) => /r[23]/.test(path) && 'searchRequestId' in query,
  })
  const jobs = createJobsFolder(t, server)
  jobs.write(`${HEAD}jobs:
  - { name: quick, report: r1, out: DIR/1.csv, limit: 30 }
  - { name: orders, report: r2, out: DIR/2.csv, limit: 30 }
  - { name: claims, report: r3, table: claims, into: 'duckdb:DIR/x.duckdb', limit: 30 }
`)
  const running = jobs.start(['--jobs', '3'], { stderr })
  await stderr.waitForText(/quick: complete, 90 rows/)
  await stderr.waitForText(/\d+% 30 of 90 records, [\d,]+\/s, [\d.]+ kB, [\d.]+ m?s left {2}orders/)
  await stderr.waitForText(/extract: \d+% 30 of 90 records, [\d,]+\/s, [\d.]+ kB, [\d.]+ m?s left {2}claims/)
  const frame = stderr.text.slice(stderr.text.lastIndexOf('quick: complete'))
  t.ok(/█.*orders/.test(frame) && /█.*claims/.test(frame), 'two bars below the finished job')
  server.release()
  t.equal(await running.code, 0)
  t.match(stderr.text, /orders: complete, 90 rows/)
  t.match(stderr.text, /claims: main\.claims: 90 rows/)
  t.match(stderr.text, /3 jobs: 3 complete/)
})
