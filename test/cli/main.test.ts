// The command line of a process; `installed.test.ts` tests a real process.
import { EventEmitter } from 'node:events'
import t from 'tap'
import { runProcess, type CommandProcess } from '../../lib/cli/command-line.js'
import { CapturedStream } from '../support/command/command-line.js'

function createProcess(...argv: string[]) {
  const exits: unknown[] = []
  const streams = { stdout: new CapturedStream(), stderr: new CapturedStream(), env: {} }
  const exit = () => exits.push('now') as never
  const fake = Object.assign(new EventEmitter(), {
    ...streams,
    argv: ['node', 'main.js', ...argv],
    exitCode: undefined,
    exit,
  })
  return { fake: fake as unknown as EventEmitter & CommandProcess, exits, stderr: streams.stderr }
}

t.test('the executable runs its process', async (t) => {
  const ran: unknown[] = []
  const run = { runProcess: (process: unknown) => ran.push(process) }
  await t.mockImport('../../lib/cli/main.js', { '../../lib/cli/command-line.js': run })
  t.strictSame(ran, [process])
})

t.test('the process runs its arguments and gets their exit code when all output is written', async (t) => {
  const { fake, exits } = createProcess('export')
  await runProcess(fake)
  t.equal(fake.exitCode, 2)
  t.strictSame(exits, [])
})

t.test('a signal ends the process at once, and no listener is left', async (t) => {
  const { fake, exits, stderr } = createProcess('demo', '--out', t.testdir())
  const ended = runProcess(fake)
  await stderr.waitForText('runs at')
  fake.emit('SIGTERM')
  await ended
  t.equal(fake.exitCode, 143)
  t.strictSame(exits, ['now'])
  t.strictSame(fake.eventNames(), [])
})
