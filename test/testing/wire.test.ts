import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { ask, askPage, exportUrl, page, parsed, start } from './support/client.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

const accepting = (encoding: string) => ({ 'accept-encoding': encoding })

t.test('a JSON answer must not be cached, and 8.8 names its charset', async (t) => {
  for (const [era, type] of [
    ['3.7', 'application/json'],
    ['8.6', 'application/json'],
    ['8.7', 'application/json'],
    ['8.8', 'application/json;charset=UTF-8'],
  ] as const) {
    const { headers } = await askPage(await start(t, { era, records: 1 }))
    t.equal(headers['content-type'], type)
    t.equal(headers['cache-control'], 'no-store')
  }
})

t.test('the fields of the envelope have the order of the server, and none of them is null', async (t) => {
  const text = (await askPage(await start(t, { records: 1 }))).body.toString()
  t.match(
    text,
    /^\{"searchRequestId":"[^"]+","numberOfRecordsInResponse":1,"totalNumberOfRecords":1,"reportId":"[^"]+","data":\[\{/,
  )
})

t.test('without compression the content-length is that of the body', async (t) => {
  const { headers, body } = await askPage(await start(t, { records: 50, hostileValues: true }))
  t.equal(headers['content-length'], String(body.length))
  t.notOk('content-encoding' in headers)
})

t.test('an answer to a client that accepts gzip is compressed and has no content-length', async (t) => {
  const optimize = await start(t, { records: 50, hostileValues: true })
  const plain = await page(optimize)
  for (const encoding of ['gzip', 'gzip, deflate, br', 'br, gzip;q=0.5']) {
    const { headers, body } = await askPage(optimize, {}, accepting(encoding))
    t.equal(headers['content-encoding'], 'gzip')
    t.notOk('content-length' in headers)
    t.same((JSON.parse(gunzipSync(body).toString()) as typeof plain).data, plain.data)
  }
})

t.test(
  'an answer is not compressed if the client does not accept it, if it is empty, or with gzip: false',
  async (t) => {
    const optimize = await start(t, { records: 5 })
    for (const encoding of ['identity', 'gzip;q=0', 'gzip; q=0.0, br']) {
      t.notOk('content-encoding' in (await askPage(optimize, {}, accepting(encoding))).headers)
    }
    const headers = accepting('gzip')
    t.notOk('content-encoding' in (await ask(`${optimize.url}/api/readyz`, { headers })).headers)
    t.notOk('content-encoding' in (await ask(exportUrl(optimize), { headers })).headers)
    t.notOk('content-encoding' in (await askPage(await start(t, { records: 5, gzip: false }), {}, headers)).headers)
  },
)

t.test('chunkBytes splits multibyte characters, compressed or not', async (t) => {
  const optimize = await start(t, { data: [{ text: 'äöü€😀'.repeat(20) }], chunkBytes: 5 })
  const answer = await askPage(optimize)
  t.ok(answer.chunks.length > 20)
  t.ok(answer.chunks.some((chunk) => chunk.toString().includes('\ufffd')))
  t.same(parsed(answer).data, [{ text: 'äöü€😀'.repeat(20) }])
  const zipped = await askPage(optimize, {}, accepting('gzip'))
  t.ok(zipped.chunks.length > 5)
  t.match(JSON.parse(gunzipSync(zipped.body).toString()), { data: [{ text: /ä/ }] })
})

t.test('latencyMs passes between processing and the answer of an export', async (t) => {
  const optimize = await start(t, { records: 5, latencyMs: 60 })
  const slow = askPage(optimize)
  await optimize.received(1)
  await drainEventLoopTurns(1)
  t.match(optimize.requests[0], { page: 1, status: 0, finished: false })
  t.ok((await slow).ms >= 55)
  t.match(optimize.requests[0], { status: 200, finished: true })
})
