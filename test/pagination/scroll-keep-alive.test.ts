import t from 'tap'
import { ScrollKeepAlive } from '../../lib/pagination/scroll-keep-alive.js'

const newLease = (options: Partial<ConstructorParameters<typeof ScrollKeepAlive>[0]> = {}) =>
  new ScrollKeepAlive({ paginationTimeout: 100, maxPaginationTimeout: 3600, msPerSecond: 1000, ...options })

t.test('a page that drains within half of the keep-alive does not extend it', async (t) => {
  const lease = newLease()
  lease.noteDrained(50_000)
  t.equal(lease.seconds, 100)
})

t.test('a page that needs more than half extends the keep-alive to four drain times, in whole seconds', async (t) => {
  const lease = newLease()
  lease.noteDrained(50_001)
  t.equal(lease.seconds, 201)
})

t.test('the keep-alive never shrinks and never exceeds its maximum', async (t) => {
  const lease = newLease({ maxPaginationTimeout: 500 })
  lease.noteDrained(100_000)
  t.equal(lease.seconds, 400)
  lease.noteDrained(1)
  t.equal(lease.seconds, 400)
  lease.noteEarlyFetch()
  t.equal(lease.seconds, 500)
})

t.test('a keep-alive that nearly expired is extended to ten times as much', async (t) => {
  const lease = newLease()
  lease.noteEarlyFetch()
  t.equal(lease.seconds, 1000)
})

t.test('the early fetch is at four fifths of the keep-alive, and never in the past', async (t) => {
  const lease = newLease()
  lease.noteRequest(1_000_000)
  t.equal(lease.getMsUntilEarlyFetch(1_000_000), 80_000)
  t.equal(lease.getMsUntilEarlyFetch(1_080_001), 0)
})

t.test('the early fetch depends on the keep-alive of the last request, not of the next one', async (t) => {
  const lease = newLease()
  lease.noteRequest(0)
  lease.noteDrained(100_000)
  t.equal(lease.seconds, 400)
  t.equal(lease.getMsUntilEarlyFetch(0), 80_000)
  lease.noteRequest(0)
  t.equal(lease.getMsUntilEarlyFetch(0), 320_000)
})

t.test('no timer is longer than setTimeout can wait', async (t) => {
  const lease = newLease({ paginationTimeout: 1e9, maxPaginationTimeout: 1e9 })
  lease.noteRequest(0)
  t.equal(lease.getMsUntilEarlyFetch(0), 2 ** 31 - 1)
})
