import t from 'tap'
import { ScrollKeepAlive } from '../../lib/pagination/scroll-keep-alive.js'

const newLease = (options: Partial<ConstructorParameters<typeof ScrollKeepAlive>[0]> = {}) =>
  new ScrollKeepAlive({ paginationTimeout: 100, maxPaginationTimeout: 3600, msPerSecond: 1000, ...options })

t.test('a page that took half the lease or less asks for no more', async (t) => {
  const lease = newLease()
  lease.noteDrained(50_000)
  t.equal(lease.seconds, 100)
})

t.test('a page that took more than half asks for four drain times, in whole seconds', async (t) => {
  const lease = newLease()
  lease.noteDrained(50_001)
  t.equal(lease.seconds, 201)
})

t.test('a lease never shrinks and never grows beyond the most', async (t) => {
  const lease = newLease({ maxPaginationTimeout: 500 })
  lease.noteDrained(100_000)
  t.equal(lease.seconds, 400)
  lease.noteDrained(1)
  t.equal(lease.seconds, 400)
  lease.noteEarlyFetch()
  t.equal(lease.seconds, 500)
})

t.test('a lease that nearly ran out asks for ten times as much', async (t) => {
  const lease = newLease()
  lease.noteEarlyFetch()
  t.equal(lease.seconds, 1000)
})

t.test('the last call is at four fifths of the lease, and never in the past', async (t) => {
  const lease = newLease()
  lease.noteRequest(1_000_000)
  t.equal(lease.getMsUntilEarlyFetch(1_000_000), 80_000)
  t.equal(lease.getMsUntilEarlyFetch(1_080_001), 0)
})

t.test('the last call counts the seconds that the server granted, not those to be asked for next', async (t) => {
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
