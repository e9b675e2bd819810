// The observed behaviour of Elasticsearch and OpenSearch for searches that are read page by page.
import t from 'tap'
import { askPage, idsIn, page, pagesOf, parsed, refusal, start } from './support/client.js'

t.test('tornPage has half of its page and half of the next one, and the cursor moves past both', async (t) => {
  const optimize = await start(t, { records: 12, faults: [{ kind: 'tornPage', page: 2 }] })
  const pages = await pagesOf(optimize, { limit: 3 })
  const ids = optimize.ids()
  t.strictSame(pages.map(idsIn), [ids.slice(0, 3), [ids[3], ids[5], ids[7]], ids.slice(9), []])
  t.ok(pages.every(({ totalNumberOfRecords }) => totalNumberOfRecords === 12))
})

t.test('a first request is never torn', async (t) => {
  const optimize = await start(t, { records: 4, faults: [{ kind: 'tornPage' }] })
  t.strictSame(idsIn(await page(optimize, { limit: 2 })), optimize.ids().slice(0, 2))
})

t.test(
  'two requests with one cursor at the same time get torn pages from several shards, and whole pages from one shard',
  async (t) => {
    for (const shards of [1, 3]) {
      const optimize = await start(t, { records: 20, shards, isHeld: ({ number }) => number > 1 })
      const { searchRequestId } = await page(optimize, { limit: 4 })
      const asked = [1, 2].map(() => askPage(optimize, { searchRequestId }))
      await optimize.received(3)
      optimize.release()
      const both = await Promise.all(asked)
      const ids = optimize.ids()
      const expected =
        shards === 1 ? [ids.slice(4, 8), ids.slice(8, 12)] : [ids.slice(4, 8), [ids[8], ids[10], ids[13], ids[15]]]
      t.strictSame(both.map((answer) => idsIn(parsed(answer))).toSorted(), expected.toSorted())
      const after = await page(optimize, { searchRequestId })
      t.strictSame(idsIn(after), shards === 1 ? ids.slice(12, 16) : ids.slice(16))
    }
  },
)

t.test('shardsLost removes every second record from its page on, and the total counts the others', async (t) => {
  const optimize = await start(t, { records: 9, faults: [{ kind: 'shardsLost', page: 2 }] })
  const pages = await pagesOf(optimize, { limit: 4 })
  const ids = optimize.ids()
  t.strictSame(pages.map(idsIn), [ids.slice(0, 4), [ids[4], ids[6]], [ids[8]], []])
  t.strictSame(
    pages.map(({ totalNumberOfRecords }) => totalNumberOfRecords),
    [9, 5, 5, 5],
  )
})

t.test('shardsLost on a first request is a search that is partial from its start and looks whole', async (t) => {
  const optimize = await start(t, { records: 9, faults: [{ kind: 'shardsLost' }] })
  const pages = await pagesOf(optimize, { limit: 4 })
  const ids = optimize.ids()
  t.strictSame(
    pages.flatMap(idsIn),
    ids.filter((_, n) => n % 2 === 0),
  )
  t.ok(pages.every(({ totalNumberOfRecords }) => totalNumberOfRecords === 5))
  t.equal((await page(optimize)).totalNumberOfRecords, 9)
})

t.test('a keep-alive that is too long is refused, and on a later page the search is closed too', async (t) => {
  const optimize = await start(t, { records: 6, maxKeepAlive: 120 })
  const first = await askPage(optimize, { paginationTimeout: 121 })
  t.equal(first.status, 500)
  t.match(refusal(first).detailedMessage, /Keep alive for request \(121s\) is too large/)
  const { searchRequestId } = await page(optimize, { limit: 2, paginationTimeout: 120 })
  t.equal(optimize.openContexts, 1)
  t.equal((await askPage(optimize, { searchRequestId, paginationTimeout: 121 })).status, 500)
  t.equal(optimize.openContexts, 0)
  t.match(refusal(await askPage(optimize, { searchRequestId })).detailedMessage, /No search context found/)
  t.equal((await askPage(optimize, { searchRequestId, paginationTimeout: 121 })).status, 500)
  t.match(refusal(await askPage(optimize, { searchRequestId: 'x', paginationTimeout: 121 })).detailedMessage, /Keep/)
})

t.test('a shorter keep-alive does not shorten the one before', async (t) => {
  let ms = 0
  const optimize = await start(t, { records: 6, secondMs: 1, now: () => ms })
  const { searchRequestId } = await page(optimize, { limit: 2, paginationTimeout: 3000 })
  await page(optimize, { searchRequestId, paginationTimeout: 60 })
  ms = 2999
  t.equal(optimize.openContexts, 1)
  ms = 3000
  t.equal(optimize.openContexts, 0)
})

t.test('an expired search can be used until the reaper runs', async (t) => {
  let ms = 0
  const optimize = await start(t, { records: 6, secondMs: 1, reaperSeconds: 2000, now: () => ms })
  const { searchRequestId } = await page(optimize, { limit: 2, paginationTimeout: 60 })
  ms = 1000
  t.equal((await askPage(optimize, { searchRequestId, paginationTimeout: 60 })).status, 200)
  ms = 1999
  t.equal(optimize.openContexts, 1)
  ms = 2000
  t.equal((await askPage(optimize, { searchRequestId })).status, 400)
})

t.test('too many searches are 500, or 429', async (t) => {
  for (const [options, status] of [
    [{}, 500],
    [{ tooManyContextsStatus: 429 }, 429],
  ] as const) {
    const optimize = await start(t, { maxContexts: 1, ...options })
    await page(optimize, { limit: 2 })
    const refused = await askPage(optimize, { limit: 2 })
    t.equal(refused.status, status)
    t.match(refusal(refused).detailedMessage, /too many scroll contexts/)
  }
  await t.rejects(start(t, { tooManyContextsStatus: 503 as 500 }), { code: 'ERR_OPTION', message: /429 or 500/ })
})

t.test('an expired search has one root cause per shard', async (t) => {
  const optimize = await start(t, { records: 6, shards: 3 })
  const { searchRequestId } = await page(optimize, { limit: 2 })
  optimize.expireContexts()
  const { detailedMessage } = refusal(await askPage(optimize, { searchRequestId }))
  t.strictSame(detailedMessage.match(/id \[\d+\]/g), ['id [1]', 'id [1001]', 'id [2001]'])
})
