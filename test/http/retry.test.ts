import t from 'tap'
import { MAX_RETRY_AFTER_MS, parseRetryAfter, computeBackoff, wait } from '../../lib/http/retry.js'

const policy = { attempts: 5, minDelay: 500, maxDelay: 30_000 }
const maxRandom = () => 1
const minRandom = () => 0

t.test('the longest delay doubles with every attempt up to maxDelay', async (t) => {
  t.strictSame(
    [1, 2, 3, 4, 5, 6, 7, 8, 100].map((attempt) => computeBackoff(attempt, policy, 0, maxRandom)),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  )
})

t.test('the delay is a random time from 0 to the longest delay', async (t) => {
  t.equal(computeBackoff(3, policy, 0, minRandom), 0)
  t.equal(
    computeBackoff(3, policy, 0, () => 0.25),
    500,
  )
  for (let i = 0; i < 1000; i++) {
    const delay = computeBackoff(2, policy)
    if (!Number.isInteger(delay) || delay < 0 || delay > 1000) t.fail(`got ${delay}`)
  }
})

t.test('the wait is at least as long as Retry-After, also beyond maxDelay', async (t) => {
  t.equal(computeBackoff(1, policy, 120_000, maxRandom), 120_000)
  t.equal(computeBackoff(1, policy, 100, maxRandom), 500)
  t.equal(computeBackoff(1, policy, 100, minRandom), 100)
})

t.test('a minDelay of 0 stays 0 after many attempts', async (t) => {
  t.equal(computeBackoff(5000, { attempts: 10_000, minDelay: 0, maxDelay: 0 }, 0, maxRandom), 0)
  t.equal(computeBackoff(5000, { attempts: 10_000, minDelay: 0, maxDelay: 9 }, 0, maxRandom), 0)
})

t.test('maxDelay below minDelay is the limit', async (t) => {
  t.equal(computeBackoff(1, { attempts: 5, minDelay: 500, maxDelay: 20 }, 0, maxRandom), 20)
})

t.test('Retry-After is a number of seconds or a date; any other text is not a wait', async (t) => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  for (const [header, ms] of [
    [null, 0],
    ['', 0],
    ['0', 0],
    ['7', 7000],
    [' 120 ', 120_000],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90_000],
    ['Wed, 31 Dec 2025 23:59:59 GMT', 0],
    ['soon', 0],
    ['-5', 0],
  ] as const)
    t.equal(parseRetryAfter(header, now), ms, String(header))
  t.equal(parseRetryAfter(new Date(0).toUTCString()), 0)
})

t.test('the server may ask for a wait of up to five minutes', async (t) => t.equal(MAX_RETRY_AFTER_MS, 300_000))

t.test('a wait ends at once when it is aborted', async (t) => {
  const abort = new AbortController()
  const waiting = wait(1e9, abort.signal)
  abort.abort()
  await t.rejects(waiting, { name: 'AbortError' })
  await t.resolves(wait(0, new AbortController().signal))
})
