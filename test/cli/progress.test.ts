// The progress of a command: bars on a terminal, lines elsewhere, only errors with --quiet.
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createProgress } from '../../lib/cli/progress/progress.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand, CapturedStream } from '../support/command/command-line.js'

async function runSlowExport(t: Test, stderr: CapturedStream, ...flags: string[]) {
  const isQuiet = flags.includes('--quiet')
  const server = await startFakeOptimize({
    ...{ records: 400, faults: [{ kind: 'drop', page: 3 }] },
    // each answer waits until the progress is shown once more
    onRequest: () => (isQuiet ? undefined : once(stderr, 'captured')),
  })
  t.teardown(() => server.close())
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const argv = ['export', '--report', server.reportId, '--limit', '50', '--out', join(t.testdir(), 'a.csv')]
  return runCommand([...argv, ...flags], { env, stderr })
}

t.test('a terminal has a bar: percentage, speed, bytes, time left, restarts', async (t) => {
  const { code, stderr } = await runSlowExport(t, new CapturedStream(true))
  t.equal(code, 0)
  t.match(stderr, /█+░+ \d+% \d+ of 400 records, [\d,]+\/s, [\d.]+ kB, [\d.]+ s left {2}a\.csv/)
  t.match(stderr, /\d+% \d+ of 400 records, .*, 1 restart/)
  t.match(stderr, /a\.csv: page 3 may be lost/)
  t.match(stderr, /a\.csv: 400 rows, \d+ columns, [\d.]+ kB in [\d.]+ s\n/)
  t.notMatch(stderr, '\u001b[?', 'the terminal is as it was also after a kill')
})

t.test('without a terminal there is a plain line at each interval', async (t) => {
  const { stderr } = await runSlowExport(t, new CapturedStream(), '--progress-interval', '0.05')
  const lines = stderr.trim().split('\n')
  t.ok(lines.length > 4)
  t.match(lines[0], /^a\.csv: (waiting for the first page|\d+% \d+ of 400 records, )/)
  t.ok(lines.every((line) => line.startsWith('a.csv: ')))
  t.notMatch(stderr, '\u001b')
})

t.test('with --quiet only errors are printed', async (t) => {
  t.match(await runSlowExport(t, new CapturedStream(true), '--quiet'), { code: 0, stderr: '', stdout: '' })
  const failed = await runSlowExport(t, new CapturedStream(), '--quiet', '--recovery', 'fail')
  const lines = [
    /^a\.csv: .*ERR_NETWORK\)$/,
    /^ {2}optimize-export doctor /,
    /^ {2}more: optimize-export help ERR_NETWORK$/,
    /^$/,
  ]
  t.match(failed.stderr.split('\n'), lines)
})

t.test('several bars end one by one, and notes stay', async (t) => {
  const screen = new CapturedStream(true)
  const progress = await createProgress(screen, { quiet: false, intervalMs: 1, isPlain: false })
  const task = (label: string) => progress.follow({ label, share: () => 0.5, text: () => `half of ${label}` })
  const [one, two] = [task('one'), task('two')]
  await screen.waitForText(/half of one[\s\S]*half of two/)
  progress.note('a word')
  one()
  progress.alert('a failure')
  two()
  progress.stop()
  t.match(screen.text, 'a word\n')
  t.match(screen.text, 'a failure\n')
})
