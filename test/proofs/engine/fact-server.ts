// The two servers that the facts are checked on: the bridge over a real engine, and the project's fake server.
import { startFakeOptimize } from '../../../lib/testing/index.js'
import { startBridge, type Bridge } from './bridge.js'
import { ExportApi, type ReportAddress } from './export-api.js'
import { fillIndex, idOf, instanceOf } from './instances.js'
import type { OpenSearch } from './opensearch.js'

/** What a fact needs. */
export interface ReportPlan {
  /** @default 1 */
  readonly shards?: number
  /** @default 6000 */
  readonly records?: number
  /** Milliseconds of a second of `paginationTimeout`. @default 1000 */
  readonly secondMs?: number
  /** Search contexts that may be open. @default 500 */
  readonly maxContexts?: number
  /** The fact changes the records, so it needs an index that no other fact sees. @default false */
  readonly own?: boolean
  /** The page from which on a part of the records is missing, once {@link FactReport.losePart} was called. */
  readonly partFrom?: 1 | 2
  /** There is no index. @default false */
  readonly noIndex?: boolean
}

/** How open searches end. */
export type Ending = 'clear' | 'close' | 'delete' | 'restart'

/** A report on one of the servers, until it is closed. */
export interface FactReport {
  readonly api: ExportApi
  /** How many records it has. */
  readonly total: number
  /** Changes what later searches see; returns what was changed. */
  change(): Promise<string>
  /** Loses the part of the records that the plan speaks of. */
  losePart(): Promise<void>
  /** Ends every open search: they are cleared, their index is closed or deleted, or the server restarts. */
  endSearches(how: Ending): Promise<void>
  openContexts(): Promise<number>
  /** Requests that arrived so far. */
  arrived(): number
  /** All of them have been processed, also those whose client has left. */
  isIdle(): boolean
  close(): Promise<void>
}

export interface FactServer {
  readonly name: string
  open(plan?: ReportPlan): Promise<FactReport>
}

/** The records of a report where a fact does not say how many. */
export const RECORDS = 6000

/** Keeps the indices that no fact changes, so that each is filled once. */
export class EngineServer implements FactServer {
  readonly name = 'OpenSearch'
  readonly engine: OpenSearch
  readonly #filled = new Set<string>()
  #made = 0

  constructor(engine: OpenSearch) {
    this.engine = engine
  }

  /** The name of an index with that many records, which exists from then on. */
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
      losePart: () => (partFrom === 2 ? dropHalf(engine) : roomForTwo(engine)),
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

  /** Two indices under one name, so that one of them can go. */
  async #halves(records: number): Promise<string> {
    for (const prefix of ['a', 'b'])
      await fillIndex(this.engine, `half-${prefix}`, { shards: 1, records: records / 2, prefix })
    return 'half-*'
  }
}

async function dropHalf(engine: OpenSearch): Promise<void> {
  await engine.must('DELETE', '/half-b')
}

/** The next search of an index of three shards gets contexts on two of them. */
async function roomForTwo(engine: OpenSearch): Promise<void> {
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
      // requests that are sent at once are processed at once
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
      // its script has it
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
