// No test waits for a time to pass, because such a test fails on a machine that stops for a moment, and makes every run longer.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { root } from '../support/root.js'

/** A call of a timer, or an import of one that waits. `t.setTimeout()` is the time limit of a test file. */
const timer =
  /(?<!\bt\.)\bset(?:Timeout|Interval)\(|\bsleep\(|\bAtomics\.wait\b|\bsetTimeout\b[^\n]*\btimers\/promises\b|\blatencyMs:/

/** The lines that may call a timer, each with its file and its reason. */
const allowed: Readonly<Record<string, string>> = {
  'test/cli/jobs-schedule.test.ts': 'systemClock.sleep(60_000, AbortSignal.abort())', // ends at once; the clock itself is tested
  'test/files/readers-that-leave.test.ts': 'LIMIT_MS', // a limit: what hangs fails with the seed of the run
  'test/http/transport.test.ts': 'const drip = setInterval', // a body that never ends is what is tested
  'test/project/fleet-examples.test.ts': 'setInterval(() => 0, 1e6)', // keeps a child alive until a signal ends it
  'test/support/children/writing-child.ts': 'setInterval(() => undefined', // keeps the process alive until it is killed
  'test/testing/wire.test.ts': 'latencyMs: 60', // the option itself is tested
}

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter(
    (file) =>
      file.endsWith('.ts') && !file.startsWith('proofs') && file !== `project/${basename(import.meta.filename)}`,
  )
  .map((file) => `test/${file}`)

const waitsIn = (file: string, text: string) =>
  text.split('\n').flatMap((line, at) => {
    const isComment = /^\s*(?:\/\/|\/?\*)/.test(line)
    return isComment || !timer.test(line) ? [] : [{ file, place: `${file}:${at + 1}: ${line.trim()}`, line }]
  })

t.test('a test waits for an event, for turns of the event loop, or moves a clock', async (t) => {
  const waits = files.flatMap((file) => waitsIn(file, readFileSync(join(root, file), 'utf8')))
  const isAllowed = ({ file, line }: { file: string; line: string }) => line.includes(allowed[file] ?? '\n')
  t.strictSame(
    waits.filter((wait) => !isAllowed(wait)).map(({ place }) => place),
    [],
  )
  const used = waits.filter(isAllowed).map(({ file }) => file)
  t.strictSame(used.toSorted(), Object.keys(allowed).toSorted(), 'each exception is needed, for one line')
  t.ok(files.length > 150, `${files.length} files`)
})

t.test('the rule finds each way to wait', async (t) => {
  for (const line of [
    'await sleep(1)',
    'await new Promise((resolve) => setTimeout(resolve, 5))',
    'setInterval(look, 20)',
    "import { setTimeout as pause } from 'node:timers/promises'",
    'Atomics.wait(array, 0, 0, 10)',
    'startFakeOptimize({ latencyMs: 100 })',
  ])
    t.equal(waitsIn('a.ts', line).length, 1, line)
  for (const line of [
    't.setTimeout(60_000)',
    "import { setImmediate as turn } from 'node:timers/promises'",
    '// sleep(1)',
  ])
    t.equal(waitsIn('a.ts', line).length, 0, line)
})
