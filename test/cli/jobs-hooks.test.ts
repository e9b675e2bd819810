// Hooks that are killed with the processes that they started. Such a process is connected to the test as long as it runs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { killGroup, runHook } from '../../lib/cli/jobs/run/hooks.js'
import { startFakeClock } from '../support/machine/fake-clock.js'
import { createJobsFolder } from '../support/command/jobs.js'
import { startWatched } from '../support/servers/watched-server.js'

/** Returns a command whose child process connects to the test and never ends, and the connection. */
async function createHook(t: Test) {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const { port } = server.address() as AddressInfo
  const script = `require('node:net').connect(${port}, '127.0.0.1')`
  const connected = once(server, 'connection').then(([socket]) => {
    const ended = once((socket as Socket).on('error', () => undefined).resume(), 'close')
    return { ended }
  })
  return { command: `'${process.execPath}' -e "${script}" & wait`, connected }
}

const summary = { exitCode: 0 } as never

function createContext() {
  const [stop, kill] = [new AbortController(), new AbortController()]
  return { stop, context: { env: process.env, signal: stop.signal, killSignal: kill.signal } }
}

t.test('the time limit ends a hook and its child', async (t) => {
  const { command, connected } = await createHook(t)
  const clock = startFakeClock(t)
  const running = runHook(command, summary, createContext().context)
  const { ended } = await connected
  await clock.pass(60_000, () => Promise.resolve())
  t.equal(await running, 'it was ended by SIGKILL (the limit is 60 s)')
  await ended
})

t.test('after a signal a running hook has 10 seconds', async (t) => {
  const { command, connected } = await createHook(t)
  const clock = startFakeClock(t)
  const { stop, context } = createContext()
  const running = runHook(command, summary, context)
  const { ended } = await connected
  stop.abort()
  await clock.pass(10_000, () => Promise.resolve())
  t.equal(await running, 'it was ended by SIGKILL (the limit is 10 s)')
  await ended
})

t.test('the second signal ends a hook and its child', async (t) => {
  const { command, connected } = await createHook(t)
  const server = await startWatched(t, { records: 20, reportId: 'r', isHeld: () => true })
  const jobs = createJobsFolder(t, server)
  jobs.write(`version: 1
on-failure: ${JSON.stringify(command)}
jobs: [{ name: a, report: r, out: DIR/a.csv }]`)
  const running = jobs.start([])
  await server.received(1)
  running.signal('SIGTERM')
  const { ended } = await connected
  running.signal('SIGINT')
  await ended
  t.equal(await running.code, 143)
  t.match(running.stderr.text, /on-failure: the command failed: it was ended by SIGKILL/)
})

t.test('a hook that kills itself or whose shell cannot start has failed', async (t) => {
  const context = { ...createContext().context, env: { PATH: process.env['PATH'] }, signal: AbortSignal.abort() }
  t.equal(await runHook('kill -9 $$', summary, context), 'it was ended by SIGKILL (the limit is 10 s)')
  t.match(await runHook(`echo ${'x'.repeat(3e6)}`, summary, context), /E2BIG/)
})

t.test('killGroup kills the process if there are no groups, and ignores a group that has ended', async (t) => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const closed = once(child, 'close')
  killGroup(child.pid!, 'win32')
  t.strictSame(await closed, [null, 'SIGKILL'], 'without process groups, the process')
  t.doesNotThrow(() => killGroup(child.pid!), 'a group that has ended')
  t.throws(() => killGroup(NaN), { code: 'ERR_INVALID_ARG_TYPE' })
})
