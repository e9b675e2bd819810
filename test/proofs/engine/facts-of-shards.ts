// Facts of an engine whose shards fail one by one. The fake server has no shards.
import { setTimeout as sleep } from 'node:timers/promises'
import { broken, finding } from '../support/report.js'
import { brief, isGone, withReport, type EngineFact } from './fact.js'
import { startBridge } from './bridge.js'
import { ExportApi } from './export-api.js'
import { fillIndex } from './instances.js'
import type { ErrorBody, OpenSearch, SearchBody } from './opensearch.js'

const search = { size: 50, query: { match_all: {} }, sort: [{ startDate: { order: 'desc' } }] }
const noShards = 'it has no shards'

const scroll = (engine: OpenSearch, scroll_id: string) =>
  engine.ask<SearchBody & ErrorBody>('POST', '/_search/scroll', { scroll: '60s', scroll_id })

const lengths: EngineFact = {
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
    return finding(ascends && sizes.at(-1)! < 8000, `characters for so many shards: ${seen.join(', ')}`)
  },
}

const missingPerShard: EngineFact = {
  title: 'an expired search is a 404 of the engine with one cause per shard',
  notFaked: noShards,
  async see(server) {
    const { engine } = server
    const seen: string[] = []
    let ok = true
    for (const shards of [1, 3]) {
      const index = await server.index({ shards })
      const first = await engine.must<SearchBody>('POST', `/${index}/_search?scroll=1s`, search)
      await sleep(1600)
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

const partialFirst: EngineFact = {
  title: 'a first page without one of three shards: 200, and total and records are both too small',
  notFaked: noShards,
  see: (server) =>
    withReport(server, { shards: 3, maxContexts: 5 }, async ({ api, total }) => {
      // three of the five contexts are taken, so one shard of the next search gets none
      await api.ask({ limit: 10 })
      const pages = await api.walk(2000)
      const records = pages.flatMap(({ ids }) => ids).length
      const promised = pages[0]!.total
      return finding(
        records < total && records > 0 && promised === records,
        `${promised} of ${total} promised, ${records} delivered, all with 200: one export alone cannot see it`,
      )
    }),
}

const indexGone: EngineFact = {
  title: 'the index is closed or deleted under an open search: 500 "No search context found"',
  notFaked: 'its index cannot be removed',
  async see(server) {
    const seen: string[] = []
    let ok = true
    for (const act of ['close', 'delete'] as const) {
      await withReport(server, { shards: 3, records: 300, own: true }, async ({ api }) => {
        const first = await api.ask({ limit: 50 })
        const index = await newestIndex(server.engine)
        await (act === 'close'
          ? server.engine.must('POST', `/${index}/_close`)
          : server.engine.must('DELETE', `/${index}`))
        const answer = await api.next(first.cursor)
        ok &&= isGone(answer)
        seen.push(`after ${act}: ${brief(answer)}`)
      })
    }
    return finding(ok, seen.join('; '))
  },
}

async function newestIndex(engine: OpenSearch): Promise<string> {
  const indices = await engine.must<readonly { index: string }[]>('GET', '/_cat/indices/own-*?format=json&h=index')
  return indices
    .map(({ index }) => index)
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)))
    .at(-1)!
}

const partialLater: EngineFact = {
  title:
    'one of two indices is gone in the middle: 200, the total shrinks on every later page, then empty pages with 200',
  notFaked: noShards,
  async see({ engine }) {
    await fillIndex(engine, 'half-a', { shards: 1, records: 1000, prefix: 'a' })
    await fillIndex(engine, 'half-b', { shards: 1, records: 1000, prefix: 'b' })
    const bridge = await startBridge({ enginePort: engine.port })
    const api = new ExportApi({ url: bridge.url, token: bridge.token, reportId: 'half-*' })
    try {
      const first = await api.ask({ limit: 200 })
      await engine.must('DELETE', '/half-b')
      const pages = []
      for (let n = 0; n < 8; n++) pages.push(await api.next(first.cursor))
      if (pages.some(({ status }) => status !== 200)) return broken(pages.map(brief).join('; '))
      const totals = pages.map(({ total }) => total).join(' ')
      const sizes = pages.map(({ ids }) => ids.length).join(' ')
      const failed = bridge.requests.map(({ failedShards }) => failedShards).join(' ')
      return finding(
        first.total === 2000 && pages.every(({ total }) => total === 1000) && pages.at(-1)!.ids.length === 0,
        `totals ${first.total} ${totals}; records ${first.ids.length} ${sizes}; failed shards ${failed}`,
      )
    } finally {
      api.close()
      await bridge.close()
      await engine.ask('DELETE', '/half-*')
    }
  },
}

const noIndex: EngineFact = {
  title: 'a search without an index: 200, no records, total 0, no cursor',
  notFaked: 'its option `index` shows it; the tests of the fake server check that',
  async see({ engine }) {
    const bridge = await startBridge({ enginePort: engine.port })
    const api = new ExportApi({ url: bridge.url, token: bridge.token, reportId: 'never-there' })
    try {
      const { status, total, cursor, ids } = await api.ask({ limit: 10 })
      return finding(
        status === 200 && total === 0 && cursor === undefined && ids.length === 0,
        `${status}, total ${total}`,
      )
    } finally {
      api.close()
      await bridge.close()
    }
  },
}

const restarted: EngineFact = {
  title: 'the engine restarts: old cursors are 500 "No search context found", a new search has everything',
  notFaked: 'its method `expireContexts` stands for a restart; see the fact about cleared searches',
  see: (server) =>
    withReport(server, { shards: 3 }, async ({ api, total }) => {
      const first = await api.ask({ limit: 1000 })
      const started = performance.now()
      await server.engine.stop('SIGTERM')
      await server.engine.startAgain()
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      const answer = await api.next(first.cursor)
      const ids = new Set((await api.walk(5000)).flatMap((page) => page.ids))
      return finding(
        isGone(answer) && ids.size === total,
        `${brief(answer)}; then ${ids.size} records; restart ${seconds} s`,
      )
    }),
}

export const factsOfShards: readonly EngineFact[] = [
  lengths,
  missingPerShard,
  partialFirst,
  partialLater,
  indexGone,
  noIndex,
  restarted,
]
