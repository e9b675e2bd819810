import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Fault, FakeOptimizeOptions, FaultKind } from '../../lib/testing/index.js'
import { ask, type Answer, askPage, exportUrl, idsIn, page, pagesOf, parsed, refusal, start } from './support/client.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

/** Requests the second of three pages, which has the fault, and then a page with the same cursor. Returns both answers. */
async function secondPage(t: Test, fault: Fault, options: FakeOptimizeOptions = {}, headers = {}) {
  const optimize = await start(t, { records: 6, ...options, faults: [{ page: 2, ...fault }] })
  const { searchRequestId } = await page(optimize, { limit: 2 })
  const faulty = await askPage(optimize, { searchRequestId }, headers)
  const after = await askPage(optimize, { searchRequestId })
  return { optimize, faulty, after, log: optimize.requests[1]! }
}

const assertCursorStayed = (
  t: Test,
  { optimize, after, log }: { optimize: { ids(): string[] }; after: Answer; log: object },
) => {
  t.same(idsIn(parsed(after)), optimize.ids().slice(2, 4), 'the cursor stayed')
  t.notOk('page' in log)
}

const assertCursorMoved = (
  t: Test,
  { optimize, after, log }: { optimize: { ids(): string[] }; after: Answer; log: object },
) => {
  t.same(idsIn(parsed(after)), optimize.ids().slice(4), 'the cursor moved')
  t.match(log, { page: 2 })
}

t.test('hangUp closes the connection before the request is processed', async (t) => {
  const run = await secondPage(t, { kind: 'hangUp' })
  t.match(run.faulty, { status: 0, failure: 'ECONNRESET' })
  t.match(run.log, { fault: 'hangUp', status: 0, finished: false })
  assertCursorStayed(t, run)
})

for (const [kind, status] of [
  ['503', 503],
  ['429', 429],
  ['login', 200],
] as const) {
  t.test(`${kind} is ${status} with HTML, before the request is processed`, async (t) => {
    const run = await secondPage(t, { kind })
    t.equal(run.faulty.status, status)
    t.match(run.faulty.headers['content-type'], /^text\/html/)
    t.match(run.faulty.body.toString(), /^<html>/)
    assertCursorStayed(t, run)
  })
}

t.test('429 has a Retry-After', async (t) => {
  t.equal((await secondPage(t, { kind: '429' })).faulty.headers['retry-after'], '1')
  t.equal((await secondPage(t, { kind: '429', retryAfter: 0 })).faulty.headers['retry-after'], '0')
})

t.test('401 rejects a valid token in the form of the API version, before the request is processed', async (t) => {
  const modern = await secondPage(t, { kind: '401' })
  t.match(modern.faulty, { status: 401, headers: { 'www-authenticate': /invalid_token/ } })
  t.equal(modern.faulty.body.length, 0)
  assertCursorStayed(t, modern)
  const old = await secondPage(t, { kind: '401' }, { era: '3.7' })
  t.equal(refusal(old.faulty).errorCode, 'notAuthorizedError')
  assertCursorStayed(t, old)
})

t.test('redirect leads to another origin, before the request is processed', async (t) => {
  const run = await secondPage(t, { kind: 'redirect' })
  t.match(run.faulty, { status: 302, headers: { location: 'https://login.example.invalid/' } })
  assertCursorStayed(t, run)
  t.equal(
    (await secondPage(t, { kind: 'redirect', to: 'http://x.test/' })).faulty.headers['location'],
    'http://x.test/',
  )
})

t.test('redirectSame leads to the same URL with one more parameter, which works', async (t) => {
  const headers = { authorization: 'Bearer demo' }
  const optimize = await start(t, { faults: [{ kind: 'redirectSame', times: 3 }] })
  for (const url of [exportUrl(optimize).replace(/\?$/, ''), exportUrl(optimize, { limit: 5 })]) {
    const faulty = await ask(url, { headers })
    t.equal(faulty.status, 302)
    const location = new URL(faulty.headers['location']!, optimize.url)
    t.equal(location.origin, optimize.url)
    t.equal(location.pathname, new URL(url).pathname)
    t.equal(location.searchParams.get('redirected'), 'true')
    t.equal(location.searchParams.get('limit'), new URL(url).searchParams.get('limit'))
  }
  const followed = await fetch(exportUrl(optimize), { headers })
  t.match(followed, { status: 200, redirected: true })
  await followed.arrayBuffer()
  const run = await secondPage(t, { kind: 'redirectSame' })
  t.equal(run.faulty.status, 302)
  assertCursorStayed(t, run)
})

for (const [era, status] of [
  ['8.6', 400],
  ['8.8', 500],
] as const) {
  t.test(`expire ends the search, and ${era} answers ${status}`, async (t) => {
    const { faulty, after, optimize } = await secondPage(t, { kind: 'expire' }, { era })
    t.equal(faulty.status, status)
    t.match(refusal(faulty).detailedMessage, /No search context found for id \[1\]/)
    t.equal(after.status, status)
    t.equal(optimize.openContexts, 0)
  })
}

t.test('expire and repeatPage do nothing to a first request', async (t) => {
  for (const kind of ['expire', 'repeatPage'] as const) {
    const optimize = await start(t, { records: 6, faults: [{ kind }] })
    t.same((await pagesOf(optimize, { limit: 2 })).flatMap(idsIn), optimize.ids())
  }
})

t.test('repeatPage sends the previous page once more, and the cursor stays', async (t) => {
  const { optimize, faulty, after } = await secondPage(t, { kind: 'repeatPage' })
  t.same(idsIn(parsed(faulty)), optimize.ids().slice(0, 2))
  t.same(idsIn(parsed(after)), optimize.ids().slice(2, 4))
  t.match(optimize.requests[1], { page: 1 })
})

t.test('totalShrinks makes the total smaller from that page on', async (t) => {
  const { faulty, after } = await secondPage(t, { kind: 'totalShrinks', rows: 2 })
  t.same([parsed(faulty).totalNumberOfRecords, parsed(after).totalNumberOfRecords], [4, 4])
  t.equal(parsed(faulty).data!.length, 2)
  t.equal(parsed((await secondPage(t, { kind: 'totalShrinks', rows: 99 })).faulty).totalNumberOfRecords, 0)
})

t.test('missingRows leaves out the last rows, and the count agrees', async (t) => {
  const run = await secondPage(t, { kind: 'missingRows' })
  t.match(parsed(run.faulty), { numberOfRecordsInResponse: 1, totalNumberOfRecords: 6 })
  t.same(idsIn(parsed(run.faulty)), run.optimize.ids().slice(2, 3))
  assertCursorMoved(t, run)
  t.same(parsed((await secondPage(t, { kind: 'missingRows', rows: 9 })).faulty).data, [])
})

t.test('emptyPage has no rows although records remain', async (t) => {
  const run = await secondPage(t, { kind: 'emptyPage' })
  t.match(parsed(run.faulty), { numberOfRecordsInResponse: 0, totalNumberOfRecords: 6, data: [] })
  assertCursorMoved(t, run)
})

t.test('wrongCount announces more records than the page has', async (t) => {
  const run = await secondPage(t, { kind: 'wrongCount' })
  t.equal(parsed(run.faulty).numberOfRecordsInResponse, 3)
  t.equal(parsed(run.faulty).data!.length, 2)
  assertCursorMoved(t, run)
})

t.test('nullRecord has null instead of a record', async (t) => {
  const run = await secondPage(t, { kind: 'nullRecord' })
  t.equal((parsed(run.faulty).data as unknown[])[1], null)
  t.equal(parsed(run.faulty).numberOfRecordsInResponse, 2)
  assertCursorMoved(t, run)
})

t.test('invalidUtf8 is JSON but not UTF-8', async (t) => {
  const run = await secondPage(t, { kind: 'invalidUtf8' })
  t.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(run.faulty.body), { name: 'TypeError' })
  t.match(parsed(run.faulty).data![1], { invalidUtf8: '\ufffd?' })
  assertCursorMoved(t, run)
})

t.test('deep is valid JSON of 100,000 arrays, one in another', async (t) => {
  const run = await secondPage(t, { kind: 'deep' })
  t.ok(run.faulty.body.toString().includes(`"deep":${'['.repeat(100_000)}]`))
  t.equal(parsed(run.faulty).data!.length, 2)
  assertCursorMoved(t, run)
})

t.test('a field is added to an empty record, and an empty page stays as it is', async (t) => {
  const optimize = await start(t, { data: [{}], faults: [{ kind: 'deep', times: 2 }] })
  const first = await page(optimize)
  t.same(Object.keys(first.data![0]!), ['deep'])
  t.same((await page(optimize, { searchRequestId: first.searchRequestId })).data, [])
})

for (const [kind, type] of [
  ['500', /^application\/json/],
  ['502', /^text\/html/],
  ['504', /^text\/html/],
] as const) {
  t.test(`${kind} comes after the request was processed`, async (t) => {
    const run = await secondPage(t, { kind })
    t.equal(run.faulty.status, Number(kind))
    t.match(run.faulty.headers['content-type'], type)
    if (kind === '500') t.equal(refusal(run.faulty).errorCode, 'serverError')
    assertCursorMoved(t, run)
  })
}

t.test('body sends any answer after the request was processed', async (t) => {
  const plain = await secondPage(t, { kind: 'body', body: '{"data":{}}' })
  t.match(plain.faulty, { status: 200, headers: { 'content-type': 'application/json' } })
  t.equal(plain.faulty.body.toString(), '{"data":{}}')
  assertCursorMoved(t, plain)
  const fault: Fault = {
    kind: 'body',
    body: Buffer.from([0xff]),
    status: 418,
    contentType: 'image/png',
    headers: { a: 'b' },
  }
  const own = await secondPage(t, fault)
  t.match(own.faulty, { status: 418, headers: { 'content-type': 'image/png', a: 'b' } })
  t.same(own.faulty.body, Buffer.from([0xff]))
})

t.test('wrongType is the page as text', async (t) => {
  const run = await secondPage(t, { kind: 'wrongType' })
  t.match(run.faulty.headers['content-type'], /^text\/plain/)
  t.equal(parsed(run.faulty).data!.length, 2)
  assertCursorMoved(t, run)
})

t.test('drop closes the connection after the request was processed', async (t) => {
  const run = await secondPage(t, { kind: 'drop' })
  t.match(run.faulty, { status: 0, failure: 'ECONNRESET' })
  t.match(run.log, { finished: false })
  assertCursorMoved(t, run)
})

t.test('cut closes the connection in the middle of a record', async (t) => {
  const run = await secondPage(t, { kind: 'cut' })
  t.match(run.faulty, { status: 200, failure: 'ECONNRESET' })
  t.ok(run.faulty.body.length > 100 && run.faulty.body.length < Number(run.faulty.headers['content-length']))
  t.match(run.log, { status: 200, finished: false })
  assertCursorMoved(t, run)
})

t.test('truncate is a whole message whose JSON ends in the middle of a record', async (t) => {
  for (const headers of [{}, { 'accept-encoding': 'gzip' }]) {
    const run = await secondPage(t, { kind: 'truncate' }, {}, headers)
    t.equal(run.faulty.status, 200)
    t.notOk('failure' in run.faulty)
    t.equal(run.faulty.headers['content-length'], String(run.faulty.body.length))
    t.match(run.faulty.body.toString(), /"data":\[\{.*"$/)
    t.throws(() => parsed(run.faulty), { name: 'SyntaxError' })
    t.equal(run.log.finished, true)
    assertCursorMoved(t, run)
  }
})

t.test('cutGzip is a whole message whose gzip data ends early', async (t) => {
  const run = await secondPage(t, { kind: 'cutGzip' }, {}, { 'accept-encoding': 'gzip' })
  t.match(run.faulty, { status: 200, headers: { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' } })
  t.notOk('failure' in run.faulty)
  t.throws(() => gunzipSync(run.faulty.body), { message: 'unexpected end of file' })
  assertCursorMoved(t, run)
  const plain = await secondPage(t, { kind: 'cutGzip' })
  t.throws(() => parsed(plain.faulty), { name: 'SyntaxError' }, 'truncated where gzip is not accepted')
})

t.test('delay processes at once and answers after ms', async (t) => {
  const run = await secondPage(t, { kind: 'delay', ms: 60 })
  t.ok(run.faulty.ms >= 55)
  t.equal(parsed(run.faulty).data!.length, 2)
  assertCursorMoved(t, run)
  const optimize = await start(t, { faults: [{ kind: 'delay' }] })
  const leaveAt = optimize.received(1).then(() => drainEventLoopTurns())
  t.equal((await ask(exportUrl(optimize), { headers: { authorization: 'Bearer demo' }, leaveAt })).status, 0)
})

t.test('drip sends a few bytes at a time for ms and then the rest', async (t) => {
  const run = await secondPage(t, { kind: 'drip', ms: 50 })
  t.ok(run.faulty.ms >= 45)
  t.ok(run.faulty.chunks.length > 2)
  t.ok(run.faulty.chunks[0]!.length <= 16)
  t.equal(parsed(run.faulty).data!.length, 2)
  assertCursorMoved(t, run)
})

t.test('drip without ms never ends, not even after the whole body', async (t) => {
  const optimize = await start(t, { data: [{}], faults: [{ kind: 'drip' }, { kind: 'drip', ms: 500 }] })
  const headers = { authorization: 'Bearer demo' }
  const left = await ask(exportUrl(optimize), { headers, leaveIf: (body) => /\] {3}$/.test(body) })
  t.equal(left.failure, 'ECONNRESET')
  const padded = await askPage(optimize)
  t.match(padded.body.toString(), /\] +\}$/)
  t.same(parsed(padded).data, [{}])
  t.equal(optimize.requests[0]!.finished, false)
})

t.test('huge is valid JSON of the given size, and stops when the client aborts', async (t) => {
  const run = await secondPage(t, { kind: 'huge', bytes: 1_000_000 }, {}, { 'accept-encoding': 'gzip' })
  t.equal(run.faulty.body.length, 1_000_000)
  t.equal(run.faulty.headers['content-length'], '1000000')
  t.equal(parsed(run.faulty).data!.length, 2)
  assertCursorMoved(t, run)
  const optimize = await start(t, { faults: [{ kind: 'huge' }, { kind: 'huge', bytes: 0 }] })
  const left = await ask(exportUrl(optimize), { headers: { authorization: 'Bearer demo' }, leaveIf: () => true })
  t.equal(left.failure, 'ECONNRESET')
  t.equal((await page(optimize)).data!.length, 1000, 'never smaller than the page')
})

t.test('a fault applies to a request, to a page or to the next request, and as often as given', async (t) => {
  const faulty = async (...faults: Fault[]) => {
    const optimize = await start(t, { records: 4, flowNodes: 0, faults })
    let id: string | undefined
    for (let n = 0; n < 6; n++) {
      const answer = await askPage(optimize, { limit: 1, searchRequestId: id })
      id = answer.status === 200 ? parsed(answer).searchRequestId : undefined
    }
    return optimize.requests.map(({ fault }) => fault ?? '-').join(' ')
  }
  t.equal(await faulty({ kind: '503' }), '503 - - - - -')
  t.equal(await faulty({ kind: '503', times: 2 }), '503 503 - - - -')
  t.equal(await faulty({ kind: '503', times: Infinity }), '503 503 503 503 503 503')
  t.equal(await faulty({ kind: '503', request: 3 }), '- - 503 - - -')
  t.equal(await faulty({ kind: '503', page: 2, times: 2 }), '- 503 - 503 - -')
  t.equal(await faulty({ kind: '503', page: 2, request: 4 }), '- - - - - -', 'both must apply')
  t.equal(await faulty({ kind: '503', request: 2 }, { kind: 'delay', ms: 1, page: 1 }), 'delay 503 - - - -')
})

t.test('only exports have faults, and those of a page only if the search is open', async (t) => {
  const optimize = await start(t, { faults: [{ kind: '503', page: 1 }] })
  t.equal((await ask(`${optimize.url}/api/readyz`)).status, 200)
  t.equal((await askPage(optimize, { searchRequestId: 'gone' })).status, 500)
  t.equal((await askPage(optimize)).status, 503)
})

t.test('random faults apply to a share of the requests, the same ones for the same seed', async (t) => {
  const faulty = async (randomFaults: { rate: number; seed?: number; kinds?: FaultKind[] }) => {
    const optimize = await start(t, { records: 1, randomFaults, faults: [{ kind: '401', request: 1 }] })
    for (let n = 0; n < 60; n++) await askPage(optimize)
    return optimize.requests.map(({ fault }) => fault)
  }
  const first = await faulty({ rate: 0.3, seed: 5 })
  t.equal(first[0], '401', 'a scripted fault comes before a random one')
  const count = first.filter((fault) => fault !== undefined).length
  t.ok(count > 8 && count < 32, `${count} of 60`)
  t.ok(new Set(first).size > 4, 'of several kinds')
  t.same(await faulty({ rate: 0.3, seed: 5 }), first)
  t.notSame(await faulty({ rate: 0.3 }), first)
  t.same(new Set((await faulty({ rate: 1, kinds: ['503', '500'] })).slice(1)), new Set(['503', '500']))
  t.same((await faulty({ rate: 0 })).slice(1), Array.from({ length: 59 }))
})
