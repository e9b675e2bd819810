import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { exportStream, type ExportOptions, type ExportRecord, type ExportStream } from '../../lib/index.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { startWatched, type WatchedOptions, type WatchedServer } from '../support/servers/watched-server.js'

async function opened(
  t: { teardown(handler: () => unknown): unknown },
  server: WatchedOptions,
  options: Partial<ExportOptions> = {},
): Promise<{ server: WatchedServer; stream: ExportStream }> {
  const optimize = await startWatched(t, { variables: 1, flowNodes: 0, ...server })
  const stream = exportStream({
    baseUrl: optimize.url,
    reportId: optimize.reportId,
    accessToken: optimize.token,
    retry: { minDelay: 1, maxDelay: 5 },
    ...options,
  })
  return { server: optimize, stream }
}

const idOf = (record: ExportRecord) => record['processInstanceId'] as string

t.test('nothing is requested before the first read', async (t) => {
  const { server, stream } = await opened(t, { records: 10 })
  await drainEventLoopTurns()
  t.equal(server.requests.length, 0)
  stream.destroy()
})

t.test('a sink that stops after 150 records of pages of 100 has made exactly 2 requests', async (t) => {
  const { server, stream } = await opened(t, { records: 1000 }, { limit: 100 })
  const ids: string[] = []
  for await (const record of stream) {
    ids.push(idOf(record))
    if (ids.length === 150) break
  }
  t.same(ids, server.ids().slice(0, 150))
  t.equal(server.requests.length, 2)
  t.match(stream.stats, { records: 150, complete: false, endedBy: 'destroyed', pages: 2, total: 1000 })
})

t.test('with a paused sink only the prefetched pages are requested', async (t) => {
  for (const prefetch of [0, 1, 3]) {
    const { server, stream } = await opened(t, { records: 1000 }, { limit: 100, prefetch })
    await once(stream, 'readable')
    await server.received(1 + prefetch)
    await drainEventLoopTurns()
    t.equal(server.requests.length, 1 + prefetch)
    stream.destroy()
  }
})

t.test('destroy() aborts the request in flight, whose answer would never come', async (t) => {
  const { server, stream } = await opened(t, { records: 10, isHeld: () => true })
  stream.resume()
  await server.received(1)
  stream.destroy()
  await once(stream, 'close')
  await server.close()
  t.equal(server.requests[0]!.finished, false)
  t.match(stream.stats, { complete: false, endedBy: 'destroyed', records: 0 })
})

t.test(
  'a process that destroys its export exits at once',
  { skip: existsSync('dist/index.js') ? false : 'runs the build, which npm test makes first' },
  async (t) => {
    const { server } = await opened(t, { records: 10, faults: [{ kind: 'delay', ms: 60_000 }] })
    const script = `import { exportStream } from './dist/index.js'
    const stream = exportStream({ baseUrl: '${server.url}', reportId: '${server.reportId}', accessToken: 'demo' })
    stream.resume()
    process.stdin.resume().on('end', () => { console.log(Date.now()); stream.destroy() })
    process.on('exit', () => console.log(Date.now()))`
    const running = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env['PATH'] },
    })
    await server.received(1)
    running.child.stdin!.end()
    const { stdout } = await running
    const [destroyed, exited] = stdout.trim().split('\n').map(Number)
    t.equal(server.requests.length, 1)
    t.ok(exited! - destroyed! < 300, `${exited! - destroyed!} ms`)
  },
)

t.test('a signal that is aborted already ends it with an AbortError and no request', async (t) => {
  const { server, stream } = await opened(t, { records: 10 }, { signal: AbortSignal.abort() })
  const [error] = (await once(stream, 'error')) as [Error]
  t.match(error, { name: 'AbortError', code: 'ABORT_ERR' })
  t.equal(server.requests.length, 0)
  t.match(stream.stats, { complete: false, endedBy: 'destroyed', records: 0 })
})

t.test('a signal aborts the request in flight, and the wait before a retry', async (t) => {
  for (const faults of [[{ kind: 'delay', ms: 60_000 } as const], [{ kind: '503', times: Infinity } as const]]) {
    const abort = new AbortController()
    const retry = { minDelay: 30_000, maxDelay: 30_000 }
    const { server, stream } = await opened(t, { records: 10, faults }, { signal: abort.signal, retry })
    const failed = t.rejects(pipeline(stream, new Writable({ objectMode: true })), { name: 'AbortError' })
    await server.received(1)
    await drainEventLoopTurns()
    abort.abort()
    await failed
    t.equal(server.requests.length, 1)
  }
})

t.test('a signal aborts while the sink is busy, and the records still buffered are not counted', async (t) => {
  const abort = new AbortController()
  const { server, stream } = await opened(t, { records: 100 }, { signal: abort.signal, limit: 50 })
  let seen = 0
  await t.rejects(
    (async () => {
      for await (const record of stream) {
        t.equal(idOf(record), server.ids()[seen])
        if (++seen === 3) abort.abort()
      }
    })(),
    { name: 'AbortError' },
  )
  t.equal(seen, 3)
  t.equal(stream.stats.records, 3)
})

const consumers: Record<string, (stream: ExportStream) => Promise<ExportRecord[]>> = {
  pipeline: async (stream) => {
    const records: ExportRecord[] = []
    const write = (record: ExportRecord, _: unknown, done: () => void) => {
      records.push(record)
      if (records.length % 10 === 0) setImmediate(done)
      else done()
    }
    await pipeline(stream, new Writable({ objectMode: true, highWaterMark: 4, write }))
    return records
  },
  'for await': async (stream) => {
    const records: ExportRecord[] = []
    for await (const record of stream) records.push(record)
    return records
  },
  'read()': async (stream) => {
    const records: ExportRecord[] = []
    stream.on('readable', () => {
      for (let record = stream.read() as unknown; record !== null; record = stream.read() as unknown)
        records.push(record as ExportRecord)
    })
    await once(stream, 'end')
    return records
  },
  "'data'": async (stream) => {
    const records: ExportRecord[] = []
    stream.on('data', (record) => {
      records.push(record)
      if (records.length % 7) return
      stream.pause()
      setImmediate(() => stream.resume())
    })
    await once(stream, 'end')
    return records
  },
  'Readable.toArray()': (stream) => stream.toArray(),
}

for (const [name, consume] of Object.entries(consumers))
  t.test(`by ${name} every record comes once, in order, whatever the high-water mark`, async (t) => {
    for (const highWaterMark of [1, 16, 100, 1000]) {
      const { server, stream } = await opened(t, { records: 230 }, { highWaterMark, limit: 50 })
      t.same((await consume(stream)).map(idOf), server.ids())
      t.equal(server.requests.length, 5)
      t.match(stream.stats, { records: 230, total: 230, pages: 5, complete: true, endedBy: 'end', duplicates: 0 })
    }
  })
