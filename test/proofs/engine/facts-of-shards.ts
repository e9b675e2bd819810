// Facts about a server that loses shards, indices or its process, and facts that only the engine itself can show.
import { setTimeout as sleep } from 'node:timers/promises'
import { broken, finding } from '../support/report.js'
import { brief, isGone, withReport, type EngineFact, type SharedFact } from './fact.js'
import { fillIndex } from './instances.js'
import { OpenSearch, type ErrorBody, type SearchBody } from './opensearch.js'

const search = { size: 50, query: { match_all: {} }, sort: [{ startDate: { order: 'desc' } }] }

const partialFirst: SharedFact = {
  numbers: ['3.13'],
  title: 'a first page without a part of the shards: 200, and total and records are both too small',
  see: (server) =>
    withReport(server, { shards: 3, partFrom: 1 }, async ({ api, total, ...report }) => {
      await report.losePart()
      const pages = await api.walk(2000)
      const records = pages.flatMap(({ ids }) => ids).length
      const promised = pages[0]!.total
      return finding(
        records < total && records > 0 && promised === records,
        `${promised} of ${total} promised, ${records} delivered, all with 200: a single export cannot notice it`,
      )
    }),
}

const partialLater: SharedFact = {
  numbers: ['3.7', '3.12'],
  title:
    'a part of the records disappears in the middle: 200, every later page has a smaller total, then empty pages with 200',
  see: (server) =>
    withReport(server, { records: 2000, partFrom: 2 }, async ({ api, ...report }) => {
      const first = await api.ask({ limit: 200 })
      await report.losePart()
      const pages = []
      for (let n = 0; n < 12; n++) pages.push(await api.next(first.cursor))
      if (pages.some(({ status }) => status !== 200)) return broken(pages.map(brief).join('; '))
      const totals = pages.map(({ total }) => total).join(' ')
      const sizes = pages.map(({ ids }) => ids.length).join(' ')
      return finding(
        first.total === 2000 && pages.every(({ total }) => total === 1000) && pages.at(-1)!.ids.length === 0,
        `totals ${first.total} ${totals}; records ${first.ids.length} ${sizes}`,
      )
    }),
}

const indexGone: SharedFact = {
  numbers: ['3.10'],
  title: 'the index is closed or deleted under an open search: 500 "No search context found"',
  async see(server) {
    const seen: string[] = []
    let ok = true
    for (const how of ['close', 'delete'] as const)
      await withReport(server, { shards: 3, records: 300, own: true }, async ({ api, ...report }) => {
        const first = await api.ask({ limit: 50 })
        await report.endSearches(how)
        const answer = await api.next(first.cursor)
        ok &&= isGone(answer)
        seen.push(`after ${how}: ${brief(answer)}`)
      })
    return finding(ok, seen.join('; '))
  },
}

const restarted: SharedFact = {
  numbers: ['3.15'],
  title: 'the database restarts: old cursors are 500 "No search context found", a new search has everything',
  see: (server) =>
    withReport(server, { shards: 3 }, async ({ api, total, ...report }) => {
      const first = await api.ask({ limit: 1000 })
      const started = performance.now()
      await report.endSearches('restart')
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      const answer = await api.next(first.cursor)
      const ids = new Set((await api.walk(5000)).flatMap((page) => page.ids))
      return finding(
        isGone(answer) && ids.size === total,
        `${brief(answer)}; then ${ids.size} records; restart ${seconds} s`,
      )
    }),
}

/** The facts of lost shards, in the order of the table. */
export const factsOfShards: readonly SharedFact[] = [partialFirst, partialLater, indexGone, restarted]

const lengths: EngineFact = {
  numbers: ['3.2'],
  title: 'the cursor grows with the number of shards, up to about 3,700 characters with 50',
  notFaked: 'its cursor has the lengths of the option `cursor`',
  async see(server) {
    const seen: string[] = []
    const sizes: number[] = []
    for (const shards of [1, 3, 10, 50]) {
      const index = await server.index({ shards, ...(shards > 3 ? { records: 100 } : {}), own: shards > 3 })
      const { _scroll_id } = await server.engine.must<SearchBody>('POST', `/${index}/_search?scroll=60s`, search)
      sizes.push(encodeURIComponent(_scroll_id).length)
      seen.push(`${shards}: ${_scroll_id.length}`)
      if (shards > 3) await server.engine.must('DELETE', `/${index}`)
    }
    await server.engine.clearContexts()
    const ascends = sizes.every((size, at) => at === 0 || size > sizes[at - 1]!)
    return finding(ascends && sizes.at(-1)! < 8000, `characters by number of shards: ${seen.join(', ')}`)
  },
}

const scroll = (engine: OpenSearch, scroll_id: string, keepAlive = '60s') =>
  engine.ask<SearchBody & ErrorBody>('POST', '/_search/scroll', { scroll: keepAlive, scroll_id })

const missingPerShard: EngineFact = {
  numbers: ['3.10', '7.9'],
  title: 'an expired search is a 404 of the engine with one cause per shard',
  notFaked: 'it answers as Optimize does',
  async see(server) {
    const { engine } = server
    const seen: string[] = []
    let ok = true
    for (const shards of [1, 3]) {
      const index = await server.index({ shards })
      const first = await engine.must<SearchBody>('POST', `/${index}/_search?scroll=1s`, search)
      await sleep(1600) // the keep-alive of 1 s is over, and the engine has looked for expired searches
      const { status, body } = await scroll(engine, first._scroll_id)
      const causes = body.error.root_cause
      const reasons = new Set(causes.map(({ reason }) => reason))
      ok &&= status === 404 && body.error.type === 'search_phase_execution_exception' && reasons.size === shards
      ok &&= causes.every(
        ({ type, reason }) =>
          type === 'search_context_missing_exception' && /^No search context found for id \[\d+\]$/.test(reason),
      )
      seen.push(`${shards} shard(s): ${status}, ${[...reasons].join(', ')}`)
    }
    return finding(ok, seen.join('; '))
  },
}

const refusals: EngineFact = {
  numbers: ['3.9', '3.13'],
  title: 'the engine refuses a keep-alive over 24 h and an invalid scroll id with 400, one search too many with 429',
  notFaked: 'it answers as Optimize does, with 500 for each',
  async see(server) {
    const { engine } = server
    const index = await server.index({ shards: 1 })
    const searchFor = (keepAlive: string) =>
      engine.ask<SearchBody & ErrorBody>('POST', `/${index}/_search?scroll=${keepAlive}`, search)
    const [tooLong, noId] = [await searchFor('25h'), await scroll(engine, 'NoScrollId!')]
    await engine.clearContexts()
    await engine.limitContexts(1)
    await searchFor('60s')
    const tooMany = await searchFor('60s')
    await engine.limitContexts(undefined)
    await engine.clearContexts()
    const seen = { 'over 24 h': tooLong, 'no id': noId, 'too many': tooMany }
    return finding(
      tooLong.status === 400 && noId.status === 400 && tooMany.status === 429,
      Object.entries(seen)
        .map(([what, { status, body }]) => `${what}: ${status} ${body.error.root_cause[0]?.type ?? body.error.type}`)
        .join('; '),
    )
  },
}

const reaped: EngineFact = {
  numbers: ['3.8'],
  title:
    'expired searches are removed once a minute by default, so a search lives up to a minute longer than its keep-alive',
  notFaked: 'its option `reaperSeconds` shows it; the tests of the fake server check that',
  async see() {
    const engine = await OpenSearch.start()
    try {
      await fillIndex(engine, 'reaped', { shards: 1, records: 10 })
      const lives: number[] = []
      // a search that is opened shortly before the end of the minute shows little; the next one is opened just after it
      while (lives.length < 2 && !lives.some((seconds) => seconds > 30)) {
        await engine.must('POST', '/reaped/_search?scroll=1s', search)
        const opened = performance.now()
        while ((await engine.openContexts()) > 0 && performance.now() - opened < 90_000) await sleep(250) // the time is what is measured
        lives.push((performance.now() - opened) / 1000)
      }
      const longest = Math.max(...lives)
      const seen = lives.map((seconds) => seconds.toFixed(1)).join(' s, ')
      return finding(longest > 10 && longest < 65, `a keep-alive of 1 s lasted ${seen} s`)
    } finally {
      await engine.close()
    }
  },
}

/** The facts that the fake server cannot show. */
export const factsOfEngine: readonly EngineFact[] = [lengths, missingPerShard, refusals]

/** The facts that take a minute. */
export const slowFactsOfEngine: readonly EngineFact[] = [reaped]
