// Web streams, compose(), iterators that are left, listeners that throw: there are no events after the end, no unhandled
// rejections, and the running request ends with its reader.
import { once } from 'node:events'
import { Readable, type Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import '../support/readers/read-parquet.js'
import { exportStream, flattenVariables, toCsv, toNdjson, toParquet, type ExportOptions } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

/** Unhandled rejections and uncaught errors. */
const stray: unknown[] = []
process.on('uncaughtException', (error) => stray.push(error))
process.on('unhandledRejection', (error) => stray.push(error))

async function opened(t: Test, more: Partial<ExportOptions> = {}) {
  const server = await startFakeOptimize({ records: 2000, variables: 1, flowNodes: 0 })
  t.teardown(() => server.close())
  const { url, reportId, token } = server
  const source = exportStream({ baseUrl: url, reportId, accessToken: token, limit: 100, ...more })
  t.teardown(() => source.destroy())
  // compose() destroys what it reads with an AbortError
  source.on('error', () => undefined)
  const isClosed = async () => {
    await new Promise<void>((resolve) => (source.closed ? resolve() : source.once('close', resolve)))
    await drainEventLoopTurns()
    const asked = server.requests.length
    await drainEventLoopTurns()
    t.strictSame(stray.splice(0), [])
    t.equal(server.requests.length, asked)
    t.match(source.stats, { complete: false, endedBy: /destroyed|error/ })
  }
  return { server, source, isClosed }
}

for (const highWaterMark of [1, 16])
  t.test(`a web stream that is cancelled early ends the export, with highWaterMark ${highWaterMark}`, async (t) => {
    const { source, isClosed } = await opened(t, { highWaterMark })
    const reader = (Readable.toWeb(source) as ReadableStream).getReader()
    for (let at = 0; at < 5; at++) t.equal((await reader.read()).done, false)
    await reader.cancel()
    await isClosed()
  })

t.test(
  'leaving a loop over a web stream ends the export, and so does cancelling both branches of a tee()',
  async (t) => {
    const left = await opened(t)
    let seen = 0
    for await (const record of Readable.toWeb(left.source) as AsyncIterable<object>)
      if (++seen === 5 && 'processInstanceId' in record) break
    await left.isClosed()
    const both = await opened(t)
    const [one, two] = (Readable.toWeb(both.source) as ReadableStream).tee().map((branch) => branch.getReader())
    await one!.read()
    await Promise.all([one!.cancel(), two!.cancel()])
    await both.isClosed()
  },
)

t.test('both branches of a tee() get every record', async (t) => {
  const { server, source } = await opened(t)
  const idsOf = async (branch: ReadableStream) => {
    const ids: unknown[] = []
    for await (const record of branch as AsyncIterable<Record<string, unknown>>) ids.push(record['processInstanceId'])
    return ids
  }
  const [one, two] = await Promise.all((Readable.toWeb(source) as ReadableStream).tee().map(idsOf))
  t.strictSame(one, server.ids())
  t.strictSame(two, server.ids())
})

async function leave(stream: Readable): Promise<void> {
  for await (const chunk of stream) if (chunk) break
}

const encoders: [string, () => Duplex][] = [
  ['toCsv', () => toCsv()],
  ['toNdjson', () => toNdjson()],
  ['toParquet', () => toParquet({ rowGroupRows: 100 })],
  ['flattenVariables', () => flattenVariables()],
]

for (const [name, make] of encoders)
  t.test(`${name} as a web stream or in compose(), left early, ends the export`, async (t) => {
    const web = await opened(t)
    const piped = web.source.pipe(make())
    piped.on('close', () => web.source.destroy())
    const reader = (Readable.toWeb(piped) as ReadableStream).getReader()
    await reader.read()
    await reader.cancel()
    await web.isClosed()
    const composed = await opened(t)
    // some versions of Node end such a loop with an AbortError
    await leave(composed.source.compose<Duplex>(make())).catch((error: unknown) =>
      t.match(error, { name: 'AbortError' }),
    )
    await composed.isClosed()
  })

t.test('compose() gives the bytes of pipe()', async (t) => {
  const [one, two] = [await opened(t), await opened(t)]
  const [composed, piped] = await Promise.all([
    one.source.compose<Duplex>(toNdjson()).toArray(),
    two.source.pipe(toNdjson()).toArray(),
  ])
  t.strictSame(Buffer.concat(composed as Buffer[]), Buffer.concat(piped as Buffer[]))
})

t.test('setEncoding() on records is an error event', async (t) => {
  const { source } = await opened(t)
  source.setEncoding('utf8')
  source.resume()
  const [error] = (await once(source, 'error')) as [Error]
  t.match(error, { code: 'ERR_INVALID_ARG_TYPE' })
  await drainEventLoopTurns()
  t.strictSame(stray, [])
  t.match(source.stats, { complete: false, endedBy: 'error' })
})

t.test('what a data listener throws is an error event or the exception of the caller', async (t) => {
  for (const throwAt of [1, 2, 150]) {
    const { source } = await opened(t)
    const mine = new Error('mine')
    let seen = 0
    source.on('data', () => {
      if (++seen === throwAt) throw mine
    })
    const errors: unknown[] = []
    source.on('error', (error) => errors.push(error))
    const thrown = new Promise<void>((resolve) => {
      source.once('error', () => resolve())
      process.once('uncaughtException', () => resolve())
    })
    await thrown
    t.strictSame([...errors, ...stray.splice(0)], [mine])
    t.equal(seen, throwAt)
    source.destroy()
  }
})

t.test('nothing comes after destroy()', async (t) => {
  const { source } = await opened(t)
  let late = 0
  source.on('data', () => {
    if (source.destroyed) late++
  })
  await once(source, 'data')
  source.destroy()
  source.resume()
  await once(source, 'close')
  t.equal(source.read(), null)
  t.equal(late, 0)
})
