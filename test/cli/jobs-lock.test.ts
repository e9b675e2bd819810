// Two runs of one jobs file: the second one ends at once, and the lock of a killed run is taken over.
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostname } from 'node:os'
import t from 'tap'
import { disk } from '../../lib/files/local/disk.js'
import { createOwner } from '../../lib/files/local/owner.js'
import { timesMs } from '../../lib/files/local/part-folder.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { runChild } from '../support/children/run-child.js'
import { makeDiskReadOnly } from '../support/machine/read-only-disk.js'
import { startWatched } from '../support/servers/watched-server.js'

t.setTimeout(120_000)

const FILE = `version: 1
defaults: { retry-min-delay: 1, retry-max-delay: 5 }
jobs:
  - { name: a, report: r1, out: DIR/a.csv }
  - { name: b, report: r2, out: DIR/b.csv }
`
const options = { records: 30, collections: { c: ['r1', 'r2'] } }
const ISO = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`

t.test('a second run says which process has the state, runs nothing, and ends with 6', async (t) => {
  const server = await startWatched(t, { ...options, isHeld: ({ kind }) => kind === 'export' })
  const jobs = createJobsFolder(t, server)
  jobs.write(FILE)
  const first = jobs.start(['--jobs', '1'])
  await server.received(1)
  const holder = new RegExp(
    `another run uses it \\(process ${process.pid} on ${hostname()}, since ${ISO}\\); nothing was run`,
  )
  const second = await jobs.runJson()
  t.equal(second.code, 6)
  t.match(second.stderr, holder)
  const help = 'optimize-export help ERR_STATE_IN_USE'
  t.ok(second.stderr.endsWith(`lock.part (ERR_STATE_IN_USE)\n  more: ${help}\n`))
  t.match(second.document, { complete: false, error: { code: 'ERR_STATE_IN_USE', message: holder, help } })
  const third = await jobs.run('--only', 'b', '--log-format', 'json')
  t.equal(third.code, 6)
  t.match(JSON.parse(third.stderr), { level: 'error', event: 'error', code: 'ERR_STATE_IN_USE', message: holder })
  t.equal((await jobs.run('--check')).code, 0, 'a check needs no lock')
  t.equal(server.requests.length, 1)
  const other = jobs.start(['--only', 'b', '--state', jobs.path('other.json')])
  await server.received(2)
  server.release()
  t.strictSame(await Promise.all([first.code, other.code]), [0, 0], 'another state is another lock')
  t.strictSame(Object.keys(jobs.state().jobs).sort(), ['a', 'b'])
  t.strictSame(readdirSync(jobs.path('.optimize-export')), ['state.json'], 'the lock is gone')
  t.equal((await jobs.run('--resume')).code, 0)
})

t.test('the lock of a killed run is taken over at once', async (t) => {
  const server = await startWatched(t, { ...options, isHeld: ({ kind }) => kind === 'export' })
  const jobs = createJobsFolder(t, server)
  jobs.write(FILE)
  const child = runChild('signalled-child.ts', ['run', jobs.file, '--jobs', '1'], jobs.env)
  await server.received(1)
  const busy = await jobs.run()
  t.equal(busy.code, 6)
  t.match(busy.stderr, `process ${child.process.pid} on ${hostname()}`)
  child.process.kill('SIGKILL')
  await child.ended
  t.ok(jobs.has('.optimize-export/state.json.lock.part'), 'the lock of the killed run')
  server.release()
  const { code, document, stderr } = await jobs.runJson('--resume')
  t.equal(code, 0, stderr)
  t.match(
    document.jobs.map(({ result }) => result),
    ['complete', 'complete'],
  )
  t.strictSame(readdirSync(jobs.path('.optimize-export')), ['state.json'])
})

t.test('a signal ends the wait for a lock of another machine', async (t) => {
  const server = await startWatched(t, options)
  const jobs = createJobsFolder(t, server)
  jobs.write(FILE)
  const lock = jobs.path('.optimize-export/state.json.lock.part')
  mkdirSync(lock, { recursive: true })
  writeFileSync(
    join(lock, 'owner'),
    JSON.stringify({ ...(await createOwner()), machine: 'other', host: 'other', pid: 7 }),
  )
  const { lstat } = disk
  t.intercept(disk, 'lstat', {
    value: async (path: string) => {
      if (path === join(lock, 'owner')) running.signal('SIGTERM')
      return lstat(path)
    },
  })
  const running = jobs.start([])
  t.equal(await running.code, 143)
  t.equal(running.stderr.text, 'optimize-export: interrupted\n')
  t.equal(server.requests.length, 0)
})

t.test('the message about a lock whose owner is not written yet says that the process is unknown', async (t) => {
  for (const [name, value] of Object.entries({ ownerless: 100, takeover: 100, poll: 20 }))
    t.intercept(timesMs, name as keyof typeof timesMs, { value })
  const jobs = createJobsFolder(t)
  jobs.write(`url: http://127.0.0.1:9\ntoken: x\n${FILE}`)
  const lock = jobs.path('.optimize-export/state.json.lock.part')
  mkdirSync(lock, { recursive: true })
  const { lstat } = disk
  let looks = 0
  t.intercept(disk, 'lstat', {
    value: async (path: string) => {
      const found = await lstat(path)
      if (path === lock) utimesSync(lock, 1_000_000 + ++looks, 1_000_000 + looks)
      return found
    },
  })
  const { code, stderr } = await jobs.run()
  t.equal(code, 6)
  t.match(
    stderr,
    /another run uses it \(unknown\); nothing was run\. If there is no such process, remove .*lock\.part \(ERR_STATE_IN_USE\)$/m,
  )
})

t.test('a state folder or a lock that cannot be created is a failure', async (t) => {
  const jobs = createJobsFolder(t)
  jobs.write(`url: http://127.0.0.1:9\ntoken: x\n${FILE}`)
  writeFileSync(jobs.path('file'), '')
  const under = await jobs.run('--state', jobs.path('file/state.json'))
  t.equal(under.code, 1)
  t.match(
    under.stderr,
    /state .*: cannot be written: the folder .*file could not be created: .*\((ENOTDIR|EEXIST)\); give --state/,
  )
  makeDiskReadOnly(t)
  t.match(
    (await jobs.run('--state', jobs.path('new/deep/state.json'))).stderr,
    /could not be created: the file system is read-only \(EROFS\)/,
  )
  mkdirSync(jobs.path('s.json.lock'))
  const folder = await jobs.run('--state', jobs.path('s.json'))
  t.equal(folder.code, 1)
  t.match(folder.stderr, /s\.json\.lock: it is a folder/)
  rmSync(jobs.path('s.json.lock'), { recursive: true })
})
