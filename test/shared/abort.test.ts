import { getEventListeners } from 'node:events'
import t from 'tap'
import { onAbort, raceWithAbort } from '../../lib/shared/abort.js'
import { exportPages, exportStream } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

t.test('many callbacks of a signal share one listener, and each can be removed', async (t) => {
  const stop = new AbortController()
  let calls = 0
  const removers = Array.from({ length: 20 }, () => onAbort(stop.signal, () => calls++))
  t.equal(getEventListeners(stop.signal, 'abort').length, 1)
  removers.slice(5).forEach((remove) => remove())
  stop.abort()
  t.equal(calls, 5)
  onAbort(stop.signal, () => calls++)
  t.equal(calls, 6, 'a signal that is aborted already calls back at once')
})

t.test('thirty exports share a signal without a warning, and leave no listener on it', async (t) => {
  const server = await startFakeOptimize({ records: 40, variables: 1, flowNodes: 0 })
  t.teardown(() => server.close())
  const warnings: Error[] = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const { signal } = new AbortController()
  const options = { baseUrl: server.url, reportId: server.reportId, accessToken: server.token, signal, limit: 20 }
  const pages = async () => {
    for await (const { number } of exportPages(options)) if (number === 1) break
  }
  await Promise.all(Array.from({ length: 15 }, () => [exportStream(options).toArray(), pages()]).flat())
  exportStream(options).destroy()
  await drainEventLoopTurns()
  t.strictSame(warnings, [])
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

const never = new Promise<never>(() => undefined)

t.test('without an abort, raceWithAbort settles like the work', async (t) => {
  const { signal } = new AbortController()
  t.equal(await raceWithAbort(Promise.resolve(7), signal), 7)
  await t.rejects(raceWithAbort(Promise.reject(new Error('broken')), signal), { message: 'broken' })
})

t.test('raceWithAbort rejects with the reason of the abort if the work never ends', async (t) => {
  const abort = new AbortController()
  const rejected = t.rejects(raceWithAbort(never, abort.signal), { message: 'enough' })
  abort.abort(new Error('enough'))
  await rejected
  await t.rejects(raceWithAbort(never, abort.signal), { message: 'enough' })
})

t.test('work that fails after the abort causes no unhandled rejection', async (t) => {
  const abort = new AbortController()
  let fail!: (error: Error) => void
  const work = new Promise<never>((_, reject) => (fail = reject))
  const rejected = t.rejects(raceWithAbort(work, abort.signal), { name: 'AbortError' })
  abort.abort()
  await rejected
  fail(new Error('late'))
  await new Promise(setImmediate)
})

t.test('raceWithAbort leaves no listener on the signal', async (t) => {
  const { signal } = new AbortController()
  const listeners = () => getEventListeners(signal, 'abort').length
  await raceWithAbort(Promise.resolve(), signal)
  await raceWithAbort(Promise.reject(new Error('broken')), signal).catch(() => undefined)
  t.equal(listeners(), 0)
})
