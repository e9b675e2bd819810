// Facts about the cursor and about the pages of a search.
import { finding, type Finding } from '../support/report.js'
import type { Answer, HangUp } from './export-api.js'
import { brief, isGone, pageName, formatCounts, until, withReport, type SharedFact } from './fact.js'
import type { FactServer } from './fact-server.js'

const hangUps: readonly HangUp[] = [
  { when: 'asked', how: 'reset' },
  { when: 'asked', how: 'close' },
  { when: 'firstBytes', how: 'reset' },
  { when: 'firstBytes', how: 'close' },
]

const shardCounts = [1, 3] as const

/** Returns the fact twice: for an index of one shard, and for an index of three. */
const onShards = (
  numbers: readonly string[],
  title: string,
  see: (server: FactServer, shards: number) => Promise<Finding>,
): SharedFact[] =>
  shardCounts.map((shards) => ({
    numbers,
    title: `${title} (${shards} ${shards === 1 ? 'shard' : 'shards'})`,
    see: (server) => see(server, shards),
  }))

const repeated = onShards(['3.3'], 'a cursor that is sent again gives the next page', (server, shards) =>
  withReport(server, { shards }, async ({ api }) => {
    const pages = await api.walk(1000)
    const first = await api.ask({ limit: 1000 })
    const later = [await api.next(first.cursor), await api.next(first.cursor), await api.next(first.cursor)]
    const seen = later.map(({ ids }) => pageName(ids, pages)).join(', ')
    return finding(seen === 'page 2, page 3, page 4', seen)
  }),
)

/** Waits until the server has processed the lost request, so that no two requests run at the same time. */
const cutOff = onShards(
  ['3.3', '3.5'],
  'page 2 is lost with its connection: the cursor sent again gives page 3',
  (server, shards) =>
    withReport(server, { shards }, async ({ api, ...report }) => {
      const seen: string[] = []
      for (const limit of [100, 1000]) {
        const pages = await api.walk(limit)
        for (const hangUp of hangUps) {
          for (let round = 0; round < 3; round++) {
            const { cursor } = await api.ask({ limit })
            const before = report.arrived()
            const query = { searchRequestId: cursor, paginationTimeout: 60 }
            await api.askAndHangUp(query, hangUp, () => until(() => report.arrived() > before))
            await until(() => report.isIdle())
            seen.push(pageName((await api.next(cursor)).ids, pages))
          }
        }
      }
      return finding(
        seen.every((page) => page === 'page 3'),
        `${formatCounts(seen)} (100 and 1,000 records; reset and closed; before and in the answer)`,
      )
    }),
)

const twoAtOnce = onShards(
  ['3.4'],
  'two requests with one cursor at the same time: always 200, never page 1 or an error',
  (server, shards) =>
    withReport(server, { shards }, async ({ api }) => {
      const pages = await api.walk(1000)
      const seen: string[] = []
      const statuses: number[] = []
      for (let round = 0; round < 10; round++) {
        const { cursor } = await api.ask({ limit: 1000 })
        const both = await Promise.all([api.next(cursor), api.next(cursor)])
        statuses.push(...both.map(({ status }) => status))
        seen.push(
          both
            .map(({ ids }) => nameOrTorn(ids, pages))
            .sort()
            .join(' and '),
        )
      }
      // torn pages need several shards: some shards have moved on, others have not
      const allowed = shards === 1 ? /^page [23] and page [23]$/ : /^(?:page [234]|torn) and (?:page [234]|torn)$/
      return finding(
        statuses.every((status) => status === 200) && seen.every((pair) => allowed.test(pair)),
        formatCounts(seen),
      )
    }),
)

const nameOrTorn = (ids: readonly string[], pages: readonly Answer[]) => {
  const name = pageName(ids, pages)
  return name.startsWith('page') ? name : 'torn'
}

const stable = onShards(
  ['3.2'],
  'the cursor is the same on every page of a search, and differs in another search',
  (server, shards) =>
    withReport(server, { shards }, async ({ api }) => {
      const cursors = new Set((await api.walk(1000)).map(({ cursor }) => cursor))
      const other = (await api.ask({ limit: 1000 })).cursor
      const length = [...cursors][0]?.length
      return finding(cursors.size === 1 && !cursors.has(other), `${cursors.size} over 7 pages, ${length} characters`)
    }),
)

const exhausted = onShards(
  ['3.6', '3.7'],
  'after the last record: 200, no records, the same total, a cursor, again and again',
  (server, shards) =>
    withReport(server, { shards }, async ({ api, total }) => {
      // 6,000 is a multiple of the limit, so the last page with records is full
      const pages = await api.walk(1000)
      const { cursor } = pages[0]!
      const more = [await api.next(cursor), await api.next(cursor), await api.next(cursor)]
      const all = [...pages.slice(-1), ...more]
      const sizes = pages.map(({ ids }) => ids.length).join(' ')
      return finding(
        sizes === '1000 1000 1000 1000 1000 1000 0' &&
          all.every((page) => page.status === 200 && page.ids.length === 0 && page.cursor !== undefined) &&
          [...pages, ...more].every((page) => page.total === total),
        `pages of ${sizes}; then ${formatCounts(more.map(({ status, ids }) => `${status} with ${ids.length}`))}; total ${total}`,
      )
    }),
)

const ties = onShards(
  ['3.11'],
  'ties on the sort field: no record is lost or repeated, for every size of pages',
  (server, shards) =>
    withReport(server, { shards }, async ({ api, total }) => {
      const orders: string[] = []
      const distinct: number[] = []
      for (const limit of [333, 1000, 10_000]) {
        const ids = (await api.walk(limit)).flatMap((page) => page.ids)
        distinct.push(new Set(ids).size)
        if (ids.length !== total) distinct.push(ids.length)
        orders.push(ids.join())
      }
      return finding(
        distinct.every((count) => count === total) && new Set(orders).size === 1,
        `${distinct.join(' ')} distinct records, ${new Set(orders).size} order(s)`,
      )
    }),
)

const snapshot = onShards(['3.11'], 'a search shows the records as they were at its first page', (server, shards) =>
  withReport(server, { shards, records: 1000, own: true }, async ({ api, ...report }) => {
    const before = (await api.walk(100)).flatMap((page) => page.records)
    const pages = [await api.ask({ limit: 100 })]
    const changes = await report.change()
    while (pages.at(-1)!.ids.length > 0) pages.push(await api.next(pages[0]!.cursor))
    const after = pages.flatMap((page) => page.records)
    const fresh = await api.ask({ limit: 100 })
    return finding(
      JSON.stringify(after) === JSON.stringify(before) &&
        pages.every((page) => page.total === 1000) &&
        fresh.total !== 1000,
      `${changes}: the open search gave ${after.length} unchanged records of ${pages.at(-1)!.total}, a new one has ${fresh.total}`,
    )
  }),
)

const badCursor: SharedFact = {
  numbers: ['7.7'],
  title: 'a text that is not a cursor: 500 "Cannot parse scroll id"; an empty cursor gets the first page',
  see: (server) =>
    withReport(server, {}, async ({ api }) => {
      const garbage = [await api.next('NoScrollId!'), await api.next('a'.repeat(200))]
      const empty = await api.ask({ searchRequestId: '', limit: 10 })
      return finding(
        garbage.every(({ status, detail }) => status === 500 && detail.includes('Cannot parse scroll id')) &&
          empty.ids.length === 10,
        `${garbage.map(brief).join('; ')}; empty: ${empty.status} with ${empty.ids.length} records`,
      )
    }),
}

const cleared = onShards(
  ['3.10'],
  'a cursor whose search was cleared: 500 "No search context found"',
  (server, shards) =>
    withReport(server, { shards }, async ({ api, ...report }) => {
      const { cursor } = await api.ask({ limit: 10 })
      await report.endSearches('clear')
      const answers = [await api.next(cursor), await api.next(cursor)]
      return finding(answers.every(isGone), answers.map(brief).join('; '))
    }),
)

const firstCut: SharedFact = {
  numbers: ['3.5'],
  title: 'a first page that is lost with its connection leaves its search open',
  see: (server) =>
    withReport(server, {}, async ({ api, ...report }) => {
      const before = await report.openContexts()
      for (const [times, hangUp] of hangUps.entries()) {
        await api.askAndHangUp({ limit: 1000 }, hangUp, () => until(() => report.arrived() > times))
        await until(() => report.arrived() > times && report.isIdle())
      }
      const after = await report.openContexts()
      return finding(
        after - before === hangUps.length,
        `open searches before ${before}, after ${hangUps.length} cuts ${after}`,
      )
    }),
}

const noIndex: SharedFact = {
  numbers: ['4.2'],
  title: 'a search without an index: 200, no records, total 0, no cursor',
  see: (server) =>
    withReport(server, { noIndex: true }, async ({ api }) => {
      const { status, total, cursor, ids } = await api.ask({ limit: 10 })
      return finding(
        status === 200 && total === 0 && cursor === undefined && ids.length === 0,
        `${status}, total ${total}`,
      )
    }),
}

const badLimits: SharedFact = {
  numbers: ['1.2'],
  title: 'limit 0 is a 500 of the engine, 10,001 a 400 of Optimize, 10,000 a page',
  see: (server) =>
    withReport(server, {}, async ({ api, total }) => {
      const [zero, most, more] = [
        await api.ask({ limit: 0 }),
        await api.ask({ limit: 10_000 }),
        await api.ask({ limit: 10_001 }),
      ]
      return finding(
        zero.status === 500 &&
          zero.detail.includes('[size] cannot be [0] in a scroll context') &&
          most.ids.length === total &&
          more.status === 400,
        `0: ${brief(zero)}; 10,000: ${most.ids.length} records; 10,001: ${brief(more)}`,
      )
    }),
}

const laterLimit: SharedFact = {
  numbers: ['1.2', '3.1'],
  title: 'the limit of a later request has no effect: the first request decides the size of pages',
  see: (server) =>
    withReport(server, {}, async ({ api }) => {
      const { cursor } = await api.ask({ limit: 100 })
      const later = await api.ask({ searchRequestId: cursor, limit: 5000 })
      return finding(later.ids.length === 100, `limit 100, then 5,000: ${later.ids.length} records`)
    }),
}

export const factsOfPages: readonly SharedFact[] = [
  ...repeated,
  ...cutOff,
  ...twoAtOnce,
  ...stable,
  ...exhausted,
  ...ties,
  ...snapshot,
  firstCut,
  noIndex,
  badCursor,
  ...cleared,
  badLimits,
  laterLimit,
]
