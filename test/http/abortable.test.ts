import { getEventListeners } from 'node:events'
import t from 'tap'
import { raceWithAbort } from '../../lib/http/abortable.js'

const never = new Promise<never>(() => undefined)

t.test('settles like the work without an abort', async (t) => {
  const { signal } = new AbortController()
  t.equal(await raceWithAbort(Promise.resolve(7), signal), 7)
  await t.rejects(raceWithAbort(Promise.reject(new Error('broken')), signal), { message: 'broken' })
})

t.test('rejects with the reason of the abort if the work never ends', async (t) => {
  const abort = new AbortController()
  const left = t.rejects(raceWithAbort(never, abort.signal), { message: 'enough' })
  abort.abort(new Error('enough'))
  await left
  await t.rejects(raceWithAbort(never, abort.signal), { message: 'enough' })
})

t.test('work that fails after the abort causes no unhandled rejection', async (t) => {
  const abort = new AbortController()
  let fail!: (error: Error) => void
  const work = new Promise<never>((_, reject) => (fail = reject))
  const left = t.rejects(raceWithAbort(work, abort.signal), { name: 'AbortError' })
  abort.abort()
  await left
  fail(new Error('late'))
  await new Promise(setImmediate)
})

t.test('no listener stays on the signal', async (t) => {
  const { signal } = new AbortController()
  const listeners = () => getEventListeners(signal, 'abort').length
  await raceWithAbort(Promise.resolve(), signal)
  await raceWithAbort(Promise.reject(new Error('broken')), signal).catch(() => undefined)
  t.equal(listeners(), 0)
})
