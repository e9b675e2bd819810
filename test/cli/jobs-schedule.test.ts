// The schedule of jobs and the limit of a server, with a clock of the test.
import t from 'tap'
import { formatMetrics } from '../../lib/cli/jobs/state/metrics.js'
import { LargePageDetector } from '../../lib/cli/jobs/run/large-page-detector.js'
import { scheduleJobs } from '../../lib/cli/jobs/run/schedule-jobs.js'
import { ServerLimiter, systemClock, type Clock } from '../../lib/cli/jobs/run/server-limiter.js'
import { ExportError } from '../../lib/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

function createClock() {
  let now = 0
  const waits: number[] = []
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      waits.push(ms)
      now += ms
    },
  }
  return { clock, waits, advance: (ms: number) => (now += ms) }
}

t.test('a pause doubles with each refusal, lets one job in at a time, and ends with a page', async (t) => {
  const { clock, waits, advance } = createClock()
  const limiter = new ServerLimiter(3, clock)
  const pauseAfter = (delayMs: number) => {
    limiter.recordOverload(delayMs)
    return limiter.pauseMs
  }
  t.equal(limiter.canStartJob, true)
  t.equal(pauseAfter(0), 1000)
  t.equal(limiter.canStartJob, false)
  advance(400)
  t.equal(pauseAfter(0), 2000)
  t.equal(pauseAfter(90_000), 90_000, 'the time that the server wants')
  for (let times = 0; times < 40; times++) limiter.recordOverload(0)
  t.equal(limiter.pauseMs, 90_000)
  advance(90_000)
  t.equal(pauseAfter(0), 60_000, 'the longest pause')
  const getToken = limiter.createWaitingToken('token', 30_000) as (context: object) => Promise<string>
  t.equal(await getToken({ refresh: false, signal: new AbortController().signal }), 'token')
  t.strictSame(waits, [15_000], 'half of the time limit of a request')
  const long = limiter.createWaitingToken(() => 'other', 1e6) as (context: object) => Promise<string>
  t.equal(await long({ signal: new AbortController().signal }), 'other')
  t.strictSame(waits, [15_000, 20_000])
  advance(60_000)
  t.equal(await long({ signal: new AbortController().signal }), 'other')
  t.equal(waits.length, 2)
  limiter.recordStart()
  t.equal(limiter.canStartJob, false, 'one job at a time')
  limiter.recordPage()
  t.equal(limiter.canStartJob, true)
  limiter.restrictJobs(1)
  t.equal(limiter.canStartJob, false)
  limiter.recordEnd()
  t.equal(limiter.canStartJob, true)
})

t.test('a schedule waits for the end of a pause, and starts jobs of another server meanwhile', async (t) => {
  const { clock, waits } = createClock()
  const [slow, fast] = [new ServerLimiter(2, clock), new ServerLimiter(2, clock)]
  slow.recordOverload(5000)
  const order: string[] = []
  const job = (name: string, limiter: ServerLimiter, lastSuccessSeconds?: number) => ({
    name,
    limiter,
    lastSuccessSeconds,
  })
  await scheduleJobs([job('a', slow), job('b', fast, 1), job('c', fast, 2), job('d', slow, 3)], {
    maxJobs: 2,
    clock,
    signal: new AbortController().signal,
    skip: () => false,
    run: async ({ name }) => {
      order.push(name)
      await drainEventLoopTurns(1)
    },
  })
  t.strictSame(order, ['c', 'b', 'a', 'd'])
  t.ok(waits.every((ms) => ms <= 5000) && waits.length > 0)
})

t.test('an aborted schedule waits for the running jobs, and for no pause', async (t) => {
  const stop = new AbortController()
  const limiter = new ServerLimiter(1)
  const clock: Clock = {
    now: () => 0,
    sleep: (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  }
  const closed = new ServerLimiter(1, clock)
  closed.recordOverload(1000)
  const skipped: string[] = []
  const done = scheduleJobs(
    [
      { name: 'a', limiter: closed, lastSuccessSeconds: 1 },
      { name: 'b', limiter, lastSuccessSeconds: 2 },
    ],
    {
      maxJobs: 2,
      clock,
      signal: stop.signal,
      skip: ({ name }) => stop.signal.aborted && skipped.push(name) > 0,
      run: async () => drainEventLoopTurns(3),
    },
  )
  await drainEventLoopTurns(10)
  stop.abort()
  await done
  t.strictSame(skipped, ['a'])
})

t.test('some failures show that a first page is too large, and others do not', async (t) => {
  const retry = (more: object) => ({ event: 'retry', page: 1, ...more }) as const
  t.ok(new LargePageDetector().recordEvent(retry({ code: 'ERR_TIMEOUT' })))
  t.notOk(new LargePageDetector().recordEvent(retry({ code: 'ERR_TIMEOUT', message: 'could not connect within 5 ms' })))
  t.notOk(new LargePageDetector().recordEvent({ event: 'retry', page: 2, code: 'ERR_TIMEOUT' }))
  const detector = new LargePageDetector()
  t.notOk(detector.recordEvent(retry({ code: 'ERR_HTTP', status: 503 })))
  t.notOk(detector.recordEvent(retry({ code: 'ERR_HTTP' })))
  t.notOk(detector.recordEvent(retry({ code: 'ERR_HTTP', status: 502 })))
  t.ok(detector.recordError(new ExportError('ERR_NETWORK', 'cut', { page: 1 })))
  t.notOk(detector.recordError(new ExportError('ERR_NETWORK', 'cut', { page: 2 })))
  t.notOk(detector.recordError(new Error('cut')))
  detector.recordEvent({ event: 'page' })
  t.notOk(detector.recordEvent(retry({ code: 'ERR_TIMEOUT' })), 'the first page of a restart')
})

t.test('labels of metrics are escaped', async (t) => {
  const history = {
    result: 'failed',
    finishedAt: '2026-01-01T00:00:00Z',
    seconds: 1,
    retries: 0,
    restarts: 0,
    totals: {},
  }
  const summary = { finishedAt: new Date(0), exitCode: 0 }
  const text = formatMetrics(['a"\\\n'], summary, { get: () => history } as never)
  t.match(text, 'optimize_export_job_last_run_success{job="a\\"\\\\\\n"} 0')
})

t.test('a signal ends the sleep of the system clock', async (t) => {
  t.ok(systemClock.now() > 0)
  await t.rejects(systemClock.sleep(60_000, AbortSignal.abort()), { name: 'AbortError' })
})
