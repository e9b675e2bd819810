// The two servers that the facts are checked on: the bridge over a real engine, and the project's fake server.
import { startFakeOptimize } from '../../../lib/testing/index.js'
import { startBridge, type Bridge } from './bridge.js'
import { ExportApi, type ReportAddress } from './export-api.js'
import { fillIndex, idOf, instanceOf } from './instances.js'
import type { OpenSearch } from './opensearch.js'

/** The report that a fact needs. */
export interface ReportPlan {
  /** @default 1 */
  readonly shards?: number
  /** @default 6000 */
  readonly records?: number
  /** The length of a second of `paginationTimeout` in milliseconds. @default 1000 */
  readonly secondMs?: number
  /** Search contexts that may be open. @default 500 */
  readonly maxContexts?: number
  /** True if the fact changes the records, so that it needs an index of its own. @default false */
  readonly own?: boolean
  /** The page from which on a part of the records is missing, once {@link FactReport.losePart} was called. */
  readonly partFrom?: 1 | 2
  /** True for a report without an index. @default false */
  readonly noIndex?: boolean
}

/** How open searches end. */
export type Ending = 'clear' | 'close' | 'delete' | 'restart'

/** A report on one of the servers, until it is closed. */
export interface FactReport {
  readonly api: ExportApi
  /** The number of its records. */
  readonly total: number
  /** Changes the records that later searches find; returns the changes in words. */
  change(): Promise<string>
  /** Loses the part of the records that `partFrom` of the plan announces. */
  losePart(): Promise<void>
  /** Ends every open search: they are cleared, their index is closed or deleted, or the server restarts. */
  endSearches(how: Ending): Promise<void>
  openContexts(): Promise<number>
  /** Returns the number of requests that have arrived. */
  arrived(): number
  /** Returns whether all requests have been processed, even those whose client has disconnected. */
  isIdle(): boolean
  close(): Promise<void>
}

export interface FactServer {
  readonly name: string
  open(plan?: ReportPlan): Promise<FactReport>
}

/** The number of records of a report, unless a fact needs another one. */
export const RECORDS = 6000

/** The bridge over the engine. It keeps the indices that no fact changes, so that each is filled once. */
export class EngineServer implements FactServer {
  readonly name = 'OpenSearch'
  readonly engine: OpenSearch
  readonly #filled = new Set<string>()
  #made = 0

  constructor(engine: OpenSearch) {
    this.engine = engine
  }

  /** Creates an index with this number of records, if it does not exist. Returns its name. */
  async index({ shards = 1, records = RECORDS, own = false }: ReportPlan = {}): Promise<string> {
    const index = own ? `own-${++this.#made}` : `shared-${shards}-${records}`
    if (!this.#filled.has(index)) await fillIndex(this.engine, index, { shards, records })
    this.#filled.add(index)
    return index
  }

  async open(plan: ReportPlan = {}): Promise<FactReport> {
    const { records = RECORDS, secondMs = 1000, maxContexts, own, partFrom, noIndex } = plan
    const { engine } = this
    const index = noIndex ? 'never-there' : partFrom === 2 ? await this.#halves(records) : await this.index(plan)
    await engine.clearContexts()
    if (maxContexts !== undefined) await engine.limitContexts(maxContexts)
    const bridge: Bridge = await startBridge({ enginePort: engine.port, secondMs })
    const api = new ExportApi({ url: bridge.url, token: bridge.token, reportId: index })
    return {
      api,
      total: records,
      change: () => changeIndex(engine, index),
      losePart: () => (partFrom === 2 ? dropHalf(engine) : leaveRoomForTwo(engine)),
      endSearches: (how) => endSearches(engine, index, how),
      openContexts: () => engine.openContexts(),
      arrived: () => bridge.requests.length,
      isIdle: () => bridge.requests.every(({ answeredAt }) => answeredAt !== undefined),
      async close() {
        api.close()
        await bridge.close()
        await engine.clearContexts()
        if (maxContexts !== undefined || partFrom === 1) await engine.limitContexts(undefined)
        if (own || partFrom === 2) await engine.ask('DELETE', `/${index}?ignore_unavailable=true`)
      },
    }
  }

  /** Creates two indices that one name finds, so that one of them can be deleted. Returns that name. */
  async #halves(records: number): Promise<string> {
    for (const prefix of ['a', 'b'])
      await fillIndex(this.engine, `half-${prefix}`, { shards: 1, records: records / 2, prefix })
    return 'half-*'
  }
}

async function dropHalf(engine: OpenSearch): Promise<void> {
  await engine.must('DELETE', '/half-b')
}

/** Leaves room for two search contexts, so that the next search of an index of three shards lacks one shard. */
async function leaveRoomForTwo(engine: OpenSearch): Promise<void> {
  await engine.clearContexts()
  await engine.limitContexts(2)
}

async function endSearches(engine: OpenSearch, index: string, how: Ending): Promise<void> {
  if (how === 'clear') await engine.clearContexts()
  else if (how === 'close') await engine.must('POST', `/${index}/_close`)
  else if (how === 'delete') await engine.must('DELETE', `/${index}`)
  else {
    await engine.stop('SIGTERM')
    await engine.startAgain()
  }
}

/** Deletes, updates and adds instances, and lets the engine rewrite its files. */
async function changeIndex(engine: OpenSearch, index: string): Promise<string> {
  for (let n = 0; n < 20; n++) await engine.must('DELETE', `/${index}/_doc/${idOf(n)}`)
  const moved = { businessKey: 'changed', startDate: '2030-01-01T00:00:00.000+0000' }
  await engine.must('POST', `/${index}/_update/${idOf(100)}`, { doc: moved })
  const newest = { ...instanceOf(999_999), startDate: '2031-01-01T00:00:00.000+0000' }
  await engine.must('PUT', `/${index}/_doc/${newest.processInstanceId}`, newest)
  for (const path of ['_refresh', '_flush?force=true', '_forcemerge?max_num_segments=1'])
    await engine.must('POST', `/${index}/${path}`)
  return '20 deleted, 1 updated, 1 added, refreshed, flushed, merged'
}

export class FakeServer implements FactServer {
  readonly name = 'fake server'

  async open({ records = RECORDS, noIndex = false, partFrom, ...plan }: ReportPlan = {}): Promise<FactReport> {
    const { shards = 1, secondMs = 1000, maxContexts } = plan
    const server = await startFakeOptimize({
      ...{ era: '8.8', records, variables: 4, flowNodes: 2, hasImportedData: !noIndex, shards, secondMs, maxContexts },
      // so that two requests are processed at the same time
      latencyMs: 2,
      faults: partFrom === undefined ? [] : [{ kind: 'shardsLost', page: partFrom }],
    })
    const address: ReportAddress = server
    const api = new ExportApi(address)
    return {
      api,
      total: records,
      async change() {
        server.insert(5)
        return '5 added'
      },
      // nothing to do: the fault of the server loses the records
      losePart: () => Promise.resolve(),
      endSearches: async () => server.expireContexts(),
      openContexts: async () => server.openContexts,
      arrived: () => server.requests.length,
      isIdle: () => server.requests.every(({ status }) => status > 0),
      async close() {
        api.close()
        await server.close()
      },
    }
  }
}
