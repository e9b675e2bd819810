import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t from 'tap'
import { exportPages, exportStream, type ExportOptions, type ExportRecord } from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'

async function run(server: FakeOptimizeOptions, options: Partial<ExportOptions> = {}) {
  const optimize = await startFakeOptimize({ variables: 3, flowNodes: 1, records: 30, ...server })
  const source = { baseUrl: optimize.url, reportId: optimize.reportId, accessToken: optimize.token }
  const stream = exportStream({ ...source, retry: { minDelay: 1, maxDelay: 5 }, ...options })
  const messages: string[] = []
  stream.on('message', (message) => messages.push(message))
  const kindBefore = stream.kind
  const records: ExportRecord[] = []
  try {
    for await (const record of stream) records.push(record)
  } finally {
    await optimize.close()
  }
  return { records, stream, messages, kindBefore, optimize }
}

for (const era of ['3.7', '8.6', '8.7', '8.8'] as const)
  for (const report of ['process', 'decision'] as const)
    t.test(`a ${report} report of ${era} is exported completely, verbatim, with the newest cursor`, async (t) => {
      for (const cursor of ['stable', 'changing', 'long'] as const) {
        const { records, stream, kindBefore, optimize } = await run({ era, report, cursor }, { limit: 10 })
        const field = report === 'process' ? 'processInstanceId' : 'decisionInstanceId'
        t.same(
          records.map((record) => record[field]),
          optimize.ids(),
        )
        t.same(records[7], optimize.record(7))
        t.equal(kindBefore, undefined)
        t.equal(stream.kind, report)
        t.equal(optimize.requests.length, 3, 'an exact multiple of limit needs no empty page')
        t.match(stream.stats, { complete: true, endedBy: 'end', total: 30, records: 30 })
      }
    })

t.test('a map, a hyper-map and a number are one response, and their message is emitted', async (t) => {
  for (const report of ['map', 'hyperMap', 'number'] as const) {
    const { records, stream, messages, optimize } = await run({ report, records: 5 }, { limit: 2 })
    t.equal(stream.kind, report)
    t.equal(optimize.requests.length, 1)
    t.equal(stream.stats.complete, true)
    if (report === 'number') {
      t.same(
        records.map((record) => Object.keys(record)),
        [['value']],
      )
      continue
    }
    t.equal(records.length, 5)
    t.same(messages, [stream.stats.message])
    t.match(stream.stats.message, /^All records are delivered in this response/)
  }
})

t.test('without an index, data or records an export is empty and complete', async (t) => {
  for (const server of [
    { hasImportedData: false },
    { report: 'number', noData: true },
    { report: 'map', noData: true },
    { records: 0 },
  ] as const) {
    const { records, stream, optimize } = await run(server)
    t.same(records, [])
    t.equal(stream.kind, 'empty')
    t.match(stream.stats, { complete: true, endedBy: 'end', records: 0, total: 0 })
    t.equal(optimize.requests.length, 1)
  }
})

t.test('multibyte text is correct with gzip and with chunks that split characters', async (t) => {
  for (const gzip of [true, false]) {
    const { records, optimize } = await run({ hostileValues: true, chunkBytes: 7, gzip, records: 12 })
    t.same(
      records,
      Array.from({ length: 12 }, (_, n) => optimize.record(n)).map((record, n) => ({ ...records[n], ...record })),
    )
    t.match(JSON.stringify(records), /[^\u0000-\u00ff]/)
  }
})

t.test('a cursor too long for a URL is ERR_HTTP, not an endless restart', async (t) => {
  await t.rejects(run({ cursor: 'tooLong' }, { limit: 10 }), { code: 'ERR_HTTP', page: 2, records: 10, status: 414 })
})

t.test('a report that does not exist, or is combined or incomplete, has its code in every API version', async (t) => {
  for (const era of ['3.7', '8.6', '8.7', '8.8'] as const) {
    await t.rejects(run({ era }, { reportId: 'other' }), { code: 'ERR_REPORT_NOT_FOUND', page: 1, records: 0 })
    await t.rejects(run({ era, report: 'combined' }), { code: 'ERR_REPORT_NOT_EXPORTABLE' })
    await t.rejects(run({ era, report: 'incomplete' }), { code: 'ERR_REPORT_NOT_EXPORTABLE' })
  }
})

t.test('the path of baseUrl is kept, the report id is one segment, timezone null sends no header', async (t) => {
  const { optimize } = await run({ contextPath: '/optimize', reportId: 'a/b c' }, { timezone: null })
  t.equal(optimize.requests[0]!.path, '/optimize/api/public/export/report/a%2Fb%20c/result/json')
  t.notOk('x-optimize-client-timezone' in optimize.requests[0]!.headers)
})

t.test('diagnostics channels get the payloads of the events, with the report id', async (t) => {
  const names = ['page', 'retry', 'restart', 'complete'] as const
  const seen: [string, Record<string, unknown>][] = []
  const listeners = names.map((name) => {
    const listener = (message: unknown) => seen.push([name, message as Record<string, unknown>])
    subscribe(`optimize-export:${name}`, listener)
    return () => unsubscribe(`optimize-export:${name}`, listener)
  })
  const { stream, optimize } = await run(
    {
      records: 20,
      faults: [
        { kind: '503', request: 1 },
        { kind: '502', page: 2 },
      ],
    },
    { limit: 10 },
  )
  t.same(
    seen.map(([name]) => name),
    ['retry', 'page', 'restart', 'page', 'complete'],
  )
  t.ok(seen.every(([, { reportId }]) => reportId === optimize.reportId))
  t.match(seen.at(-1)![1], { records: 20, total: 20, pages: 3, restarts: 1, retries: 1 })
  t.equal(stream.stats.complete, true)
  seen.length = 0
  await run({ records: 20 }, { maxRecords: 5 })
  t.same(
    seen.map(([name]) => name),
    ['page'],
    'what is capped is not complete',
  )
  const server = await startFakeOptimize({ records: 4 })
  const source = { baseUrl: server.url, reportId: server.reportId, accessToken: server.token }
  seen.length = 0
  for await (const page of exportPages(source)) t.equal(page.number, 1)
  t.match(seen.at(-1), ['complete', { records: 4, total: 4 }])
  for await (const page of exportPages({ ...source, maxRecords: 2 })) t.equal(page.records.length, 2)
  t.same(
    seen.map(([name]) => name),
    ['page', 'complete', 'page'],
  )
  await server.close()
  for (const stop of listeners) stop()
})
