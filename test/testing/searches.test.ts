import t from 'tap'
import { ask, askPage, exportUrl, idsIn, page, pagesOf, parsed, refusal, start } from './support/client.js'

t.test('the pages of a search have every record once, in the order of ids(), and then an empty page', async (t) => {
  const optimize = await start(t, { records: 25 })
  const pages = await pagesOf(optimize, { limit: 10 })
  t.same(
    pages.map((page) => page.numberOfRecordsInResponse),
    [10, 10, 5, 0],
  )
  t.same(pages.flatMap(idsIn), optimize.ids())
  t.equal(new Set(optimize.ids()).size, 25)
  t.ok(pages.every((page) => page.totalNumberOfRecords === 25 && page.reportId === optimize.reportId))
})

t.test('an exact multiple of the limit ends with a full page and then an empty one', async (t) => {
  const optimize = await start(t, { records: 20 })
  const pages = await pagesOf(optimize, { limit: 10 })
  t.same(
    pages.map((page) => page.numberOfRecordsInResponse),
    [10, 10, 0],
  )
})

t.test('an exhausted search keeps answering an empty page with the id and the total', async (t) => {
  const optimize = await start(t, { records: 3 })
  const [, last] = await pagesOf(optimize)
  const again = await page(optimize, { searchRequestId: last!.searchRequestId })
  t.same(again, last)
  t.match(again, { searchRequestId: /./, data: [], totalNumberOfRecords: 3, numberOfRecordsInResponse: 0 })
})

t.test('an empty report has no records, and a searchRequestId only if there is an index', async (t) => {
  const withIndex = await page(await start(t, { records: 0 }))
  t.match(withIndex, { searchRequestId: /./, data: [], totalNumberOfRecords: 0 })
  const without = await start(t, { hasImportedData: false })
  t.equal(
    (await askPage(without)).body.toString(),
    `{"numberOfRecordsInResponse":0,"totalNumberOfRecords":0,"reportId":"${without.reportId}","data":[]}`,
  )
  t.equal(without.openContexts, 0)
})

t.test('the limit is 1000 when absent and ignored after the first page', async (t) => {
  const optimize = await start(t, { records: 2500, flowNodes: 0, variables: 0 })
  const first = await page(optimize)
  t.equal(first.data!.length, 1000)
  const second = await page(optimize, { limit: 7, searchRequestId: first.searchRequestId })
  t.equal(second.data!.length, 1000)
})

t.test('a blank searchRequestId asks for a first page', async (t) => {
  const optimize = await start(t, { records: 5 })
  const first = await page(optimize, { limit: 2, searchRequestId: '' })
  t.same(idsIn(first), optimize.ids().slice(0, 2))
  t.equal(optimize.requests[0]!.carriesCursor, false)
})

t.test('the searchRequestId is the same on each page and has to be percent-encoded', async (t) => {
  const optimize = await start(t, { records: 5 })
  const pages = await pagesOf(optimize, { limit: 2 })
  const id = pages[0]!.searchRequestId!
  t.equal(new Set(pages.map((page) => page.searchRequestId)).size, 1)
  t.match(id, /^FGluY2x1ZGVfY29udGV4dF91dWlkDXF1ZXJ/)
  t.match(id, /\+.*\/.*==$/)
  const raw = await ask(`${exportUrl(optimize)}searchRequestId=${id}`, { headers: { authorization: 'Bearer demo' } })
  t.equal(raw.status, 500, 'a plus sign is a space')
})

t.test('a changing id is new on each page, and an older one is gone', async (t) => {
  const optimize = await start(t, { records: 6, cursor: 'changing' })
  const pages = await pagesOf(optimize, { limit: 2 })
  t.same(pages.flatMap(idsIn), optimize.ids())
  t.equal(new Set(pages.map((page) => page.searchRequestId)).size, 4)
  const old = await askPage(optimize, { searchRequestId: pages[0]!.searchRequestId })
  t.equal(old.status, 400)
})

t.test('a long id is several kilobytes and works', async (t) => {
  const optimize = await start(t, { records: 4, cursor: 'long' })
  const pages = await pagesOf(optimize, { limit: 2 })
  t.ok(pages[0]!.searchRequestId!.length > 3000)
  t.same(pages.flatMap(idsIn), optimize.ids())
})

for (const [era, status] of [
  ['3.7', 414],
  ['8.6', 414],
  ['8.7', 414],
  ['8.8', 431],
] as const) {
  t.test(`an id too long for a URL is ${status} on the second page of ${era}, and the cursor stays`, async (t) => {
    const optimize = await start(t, { records: 4, cursor: 'tooLong', era })
    const { searchRequestId } = await page(optimize, { limit: 2 })
    const second = await askPage(optimize, { searchRequestId })
    t.equal(second.status, status)
    t.equal(optimize.requests[1]!.page, undefined)
  })
}

t.test('headers beyond 8192 bytes are 431', async (t) => {
  const optimize = await start(t)
  t.equal((await askPage(optimize, {}, { 'x-long': 'x'.repeat(8192) })).status, 431)
})

t.test('the cursor moves when a request is processed, even if its answer is never sent', async (t) => {
  const optimize = await start(t, { records: 6, faults: [{ kind: 'drop', page: 2 }] })
  const { searchRequestId } = await page(optimize, { limit: 2 })
  t.equal((await askPage(optimize, { searchRequestId })).failure, 'ECONNRESET')
  t.same(idsIn(await page(optimize, { searchRequestId })), optimize.ids().slice(4))
})

t.test('a search sees the records of its first page, not those inserted later', async (t) => {
  const optimize = await start(t, { records: 6 })
  const before = optimize.ids()
  const { searchRequestId, totalNumberOfRecords } = await page(optimize, { limit: 4 })
  optimize.insert(3)
  const second = await page(optimize, { searchRequestId })
  t.same(idsIn(second), before.slice(4))
  t.equal(second.totalNumberOfRecords, totalNumberOfRecords)
  const pages = await pagesOf(optimize, { limit: 4 })
  t.same(pages.flatMap(idsIn), optimize.ids())
  t.same(optimize.ids().slice(3), before)
  t.equal(pages[0]!.totalNumberOfRecords, 9)
})

t.test('a search expires paginationTimeout seconds after its last request', async (t) => {
  let ms = 0
  const optimize = await start(t, { records: 9, secondMs: 1, now: () => ms })
  const long = await page(optimize, { limit: 2, paginationTimeout: 86_400 })
  const short = await page(optimize, { limit: 2, paginationTimeout: 60 })
  ms = 50
  t.equal((await askPage(optimize, { searchRequestId: short.searchRequestId, paginationTimeout: 60 })).status, 200)
  ms = 109
  t.equal(optimize.openContexts, 2)
  ms = 110
  t.equal(optimize.openContexts, 1)
  t.equal((await askPage(optimize, { searchRequestId: short.searchRequestId })).status, 400)
  t.equal((await askPage(optimize, { searchRequestId: long.searchRequestId })).status, 200)
})

t.test('expireContexts() ends every search', async (t) => {
  const optimize = await start(t, { records: 9 })
  const { searchRequestId } = await page(optimize, { limit: 2 })
  optimize.expireContexts()
  t.equal(optimize.openContexts, 0)
  t.match(refusal(await askPage(optimize, { searchRequestId })).detailedMessage, /No search context found for id \[1\]/)
  t.match(optimize.requests[1], { searchNumber: 1, carriesCursor: true })
  t.notOk('page' in optimize.requests[1]!)
})

t.test('more searches than maxContexts are a 500 until one ends', async (t) => {
  const optimize = await start(t, { records: 9, maxContexts: 2 })
  await page(optimize)
  await page(optimize)
  const third = await askPage(optimize)
  t.equal(third.status, 500)
  t.match(refusal(third).detailedMessage, /too many scroll contexts/)
  t.equal(optimize.openContexts, 2)
  optimize.expireContexts()
  t.equal((await askPage(optimize)).status, 200)
  t.equal(optimize.maxOpenContextsSeen, 2)
})

t.test('a search belongs to its first report, although the answer has the requested id', async (t) => {
  const optimize = await start(t, { records: 4, collections: { c: ['other'] } })
  const { searchRequestId } = await page(optimize, { limit: 2 })
  const headers = { authorization: 'Bearer demo' }
  const second = parsed(
    await ask(exportUrl({ url: optimize.url, reportId: 'other' }, { searchRequestId }), { headers }),
  )
  t.equal(second.reportId, 'other')
  t.same(idsIn(second), optimize.ids().slice(2))
})
