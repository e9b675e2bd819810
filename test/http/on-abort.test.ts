import { getEventListeners } from 'node:events'
import t from 'tap'
import { onAbort } from '../../lib/http/on-abort.js'
import { exportPages, exportStream } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { drainEventLoopTurns } from '../support/event-loop-turns.js'

t.test('many callbacks of a signal share one listener, and each can be removed', async (t) => {
  const stop = new AbortController()
  let calls = 0
  const forgets = Array.from({ length: 20 }, () => onAbort(stop.signal, () => calls++))
  t.equal(getEventListeners(stop.signal, 'abort').length, 1)
  forgets.slice(5).forEach((forget) => forget())
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
