import t from 'tap'
import { RequestFailure } from '../../lib/http/failure.js'
import { toKeepAliveFailure } from '../../lib/pagination/keep-alive-refusal.js'
import { SearchKeepAlive } from '../../lib/pagination/search-keep-alive.js'

const createKeepAlive = (options: Partial<ConstructorParameters<typeof SearchKeepAlive>[0]> = {}) =>
  new SearchKeepAlive({ paginationTimeout: 100, maxPaginationTimeout: 3600, secondMs: 1000, ...options })

t.test('a page that drains within half of the keep-alive does not extend it', async (t) => {
  const keepAlive = createKeepAlive()
  keepAlive.noteDrained(50_000)
  t.equal(keepAlive.seconds, 100)
})

t.test('a page that needs more than half of the keep-alive extends it to four drain times, rounded up', async (t) => {
  const keepAlive = createKeepAlive()
  keepAlive.noteDrained(50_001)
  t.equal(keepAlive.seconds, 201)
})

t.test('the keep-alive never shrinks and never exceeds its maximum', async (t) => {
  const keepAlive = createKeepAlive({ maxPaginationTimeout: 500 })
  keepAlive.noteDrained(100_000)
  t.equal(keepAlive.seconds, 400)
  keepAlive.noteDrained(1)
  t.equal(keepAlive.seconds, 400)
  keepAlive.noteEarlyFetch()
  t.equal(keepAlive.seconds, 500)
})

t.test('a keep-alive that nearly expired becomes ten times as long', async (t) => {
  const keepAlive = createKeepAlive()
  keepAlive.noteEarlyFetch()
  t.equal(keepAlive.seconds, 1000)
})

t.test('the early fetch is at four fifths of the keep-alive, and never in the past', async (t) => {
  const keepAlive = createKeepAlive()
  keepAlive.noteRequest(1_000_000)
  t.equal(keepAlive.getMsUntilEarlyFetch(1_000_000), 80_000)
  t.equal(keepAlive.getMsUntilEarlyFetch(1_080_001), 0)
})

t.test('the early fetch depends on the keep-alive of the last request, not of the next one', async (t) => {
  const keepAlive = createKeepAlive()
  keepAlive.noteRequest(0)
  keepAlive.noteDrained(100_000)
  t.equal(keepAlive.seconds, 400)
  t.equal(keepAlive.getMsUntilEarlyFetch(0), 80_000)
  keepAlive.noteRequest(0)
  t.equal(keepAlive.getMsUntilEarlyFetch(0), 320_000)
})

t.test('no timer is longer than setTimeout can wait', async (t) => {
  const keepAlive = createKeepAlive({ paginationTimeout: 1e9, maxPaginationTimeout: 1e9 })
  keepAlive.noteRequest(0)
  t.equal(keepAlive.getMsUntilEarlyFetch(0), 2 ** 31 - 1)
})

t.test('a refusal names the keep-alive of the request that was refused', async (t) => {
  const keepAlive = createKeepAlive()
  keepAlive.noteRequest(0)
  keepAlive.noteDrained(100_000)
  const refused = new RequestFailure('final', 'ERR_HTTP', 'status 400', {
    status: 400,
    detail: 'Keep alive is too large',
  })
  t.match(toKeepAliveFailure(refused, keepAlive), {
    message: 'status 400: a paginationTimeout of 100 s is too long for the server, use a shorter one',
  })
})

t.test('a restart after a refusal waits as long as the server asks', async (t) => {
  const keepAlive = createKeepAlive()
  keepAlive.noteRequest(0)
  keepAlive.noteAccepted()
  keepAlive.noteDrained(100_000)
  keepAlive.noteRequest(0)
  const refused = new RequestFailure('ambiguous', 'ERR_HTTP', 'status 500', { status: 500, retryAfterMs: 7000 })
  t.match(toKeepAliveFailure(refused, keepAlive), { category: 'ambiguous', retryAfterMs: 7000 })
})
