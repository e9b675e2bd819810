// Checks a promise of the library with searches of a real engine: every record arrives once, or there is a clear error.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { atomicFile, toCsv, toNdjson, toParquet, type ExportRecord } from '../../../lib/index.js'
import { mix } from '../../../lib/testing/random.js'
import { broken, finding, type Finding, type Report } from '../support/report.js'
import { startBridge, type Bridge, type BridgeOptions } from './bridge.js'
import { startCuttingProxy, type Cut } from './cutting-proxy.js'
import {
  clearError,
  everyRecordOnce,
  onceOrClearError,
  runExport,
  shortRetry,
  sourceOf,
  summary,
  type RunOptions,
} from './export-run.js'
import { until } from './fact.js'
import { RECORDS, type EngineServer } from './fact-server.js'
import { fillIndex, idOf } from './instances.js'
import { sameCsv, sameNdjson, sameParquet } from './written-files.js'

/** A `paginationTimeout` of 60 lasts 2.4 s. */
const SECOND_MS = 40
const LIMIT = 300
const seed =
  process.env['PROPERTY_SEED'] === 'random' ? Date.now() % 1_000_000 : Number(process.env['PROPERTY_SEED'] ?? 1)
const runs = Number(process.env['PROPERTY_RUNS'] ?? 4)

const everyId = new Set(Array.from({ length: RECORDS }, (_, n) => idOf(n)))
/** Options for an export from an engine that restarts, which takes some seconds. */
const patient = { retry: { attempts: 600, minDelay: 300, maxDelay: 1000 }, maxRestarts: 6 }

/** A group of promises, which takes up to a minute. */
export interface Promises {
  readonly name: string
  readonly prove: (report: Report, server: EngineServer) => Promise<void>
}

/** All promises, in the order of the table. */
export const promises: readonly Promises[] = [
  { name: 'whole exports', prove: wholeExports },
  { name: 'connections cut between the library and Optimize', prove: cuts },
  { name: 'searches that end early', prove: lostSearches },
  { name: 'slow sinks', prove: slowSinks },
  { name: 'shards and indices that are lost', prove: lostShards },
  { name: 'an engine that is stopped and killed', prove: lostEngine },
]

async function withBridge<T>(options: BridgeOptions, work: (bridge: Bridge) => Promise<T>): Promise<T> {
  const bridge = await startBridge(options)
  try {
    return await work(bridge)
  } finally {
    await bridge.close()
  }
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'optimize-export-proof-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const formats = [
  { name: 'CSV', encoder: () => toCsv({ columns: 'all' }), compare: sameCsv },
  { name: 'NDJSON', encoder: () => toNdjson(), compare: sameNdjson },
  { name: 'Parquet', encoder: () => toParquet({ columns: 'all' }), compare: sameParquet },
]

async function wholeExports(report: Report, server: EngineServer): Promise<void> {
  for (const shards of [1, 3]) {
    const reportId = await server.index({ shards })
    for (const { name, encoder, compare } of formats)
      await report.check(`${name} of ${shards} shard(s): every cell as the engine has it`, () =>
        withBridge({ enginePort: server.engine.port }, (bridge) =>
          withFolder(async (folder) => {
            const path = join(folder, 'file')
            const source = sourceOf({ ...bridge, reportId })
            await pipeline(source, encoder(), atomicFile(path))
            const different = await compare(path, RECORDS)
            const { size } = await stat(path)
            return finding(
              different === undefined && source.stats.complete,
              different ?? `${RECORDS} records, ${bridge.requests.length} requests, ${size} bytes`,
            )
          }),
        ),
      )
    for (const options of [{ limit: 333 }, { limit: 10_000 }, { limit: LIMIT, prefetch: 3 }])
      await report.check(`records of ${shards} shard(s), ${JSON.stringify(options)}: every record once`, () =>
        checkExport(server, { shards, ...options }),
      )
  }
}

/** Runs an export from a shared index, which must have every record once. */
async function checkExport(
  server: EngineServer,
  { shards, ...options }: RunOptions & { shards: number },
): Promise<Finding> {
  const reportId = await server.index({ shards })
  return withBridge({ enginePort: server.engine.port }, async (bridge) =>
    everyRecordOnce(await runExport({ ...bridge, reportId }, options), everyId),
  )
}

/** Runs an export through a proxy that cuts connections. Also returns the number of cuts, and of requests that raced. */
async function runExportThrough(server: EngineServer, shards: number, cut: Cut, options: RunOptions = {}) {
  const reportId = await server.index({ shards })
  return withBridge({ enginePort: server.engine.port }, async (bridge) => {
    const proxy = await startCuttingProxy(bridge.port, cut)
    try {
      const outcome = await runExport({ ...bridge, url: proxy.url, reportId }, options)
      return { outcome, cuts: proxy.cuts, raced: countRacing(bridge) }
    } finally {
      await proxy.close()
    }
  })
}

/** Returns the number of requests that arrived while an older request with the same cursor was running: their pages can be torn. */
function countRacing({ requests }: Bridge): number {
  return requests.filter((later, at) =>
    requests
      .slice(0, at)
      .some(
        ({ cursor, answeredAt = Infinity }) =>
          cursor !== undefined && cursor === later.cursor && answeredAt > later.arrivedAt,
      ),
  ).length
}

async function cuts(report: Report, server: EngineServer): Promise<void> {
  const bytes = await pageBytes(server)
  const stages = {
    'before the answer': 0,
    'after its first byte': 1,
    'in its middle': bytes / 2,
    'near its end': bytes * 0.97,
  }
  const pages = Math.ceil(RECORDS / LIMIT)
  for (const [stage, at] of Object.entries(stages))
    await report.check(
      `3 shards, request 1, 2, 7 or ${pages} cut ${stage}: every record once, no request raced`,
      async () => {
        const seen: string[] = []
        let ok = true
        for (const request of [1, 2, 7, pages]) {
          const { outcome, cuts, raced } = await runExportThrough(server, 3, (n) =>
            n === request ? Math.floor(at) : undefined,
          )
          ok &&= everyRecordOnce(outcome, everyId).ok && cuts === 1 && raced === 0
          seen.push(
            `${request}: ${outcome.stats.restarts} restart(s), ${outcome.stats.retries} retries, ${outcome.stats.duplicates} skipped`,
          )
          if (!ok) return broken(`request ${request}: ${cuts} cut, ${raced} raced, ${summary(outcome, everyId)}`)
        }
        return finding(ok, seen.join('; '))
      },
    )
  for (let run = 0; run < runs; run++)
    await report.check(`1 shard, random cuts (seed ${seed + run}): every record once, no request raced`, async () => {
      let drawn = 0
      const random = () => mix(seed + run, drawn++) / 2 ** 32
      const cut = () => (random() < 0.06 ? Math.floor(random() * bytes) : undefined)
      const { outcome, cuts, raced } = await runExportThrough(server, 1, cut, { maxRestarts: 12 })
      const found = everyRecordOnce(outcome, everyId)
      return finding(found.ok && raced === 0, `${cuts} cuts, ${raced} raced: ${found.seen}`)
    })
  await report.check('every request from the 4th on is cut, so that no new search begins: ERR_NETWORK', async () => {
    const { outcome } = await runExportThrough(server, 3, (n) => (n > 3 ? 1000 : undefined))
    return clearError(outcome, 'ERR_NETWORK', everyId)
  })
  await report.check("the same with recovery: 'fail': ERR_NETWORK at once", async () => {
    const { outcome } = await runExportThrough(server, 3, (n) => (n > 3 ? 1000 : undefined), { recovery: 'fail' })
    return clearError(outcome, 'ERR_NETWORK', everyId)
  })
  await report.check(
    'cut between Optimize and the engine (a 500 whose cursor has moved): every record once',
    async () => {
      const reportId = await server.index({ shards: 3 })
      // each page is a search and a count: the 9th request is the search of page 5
      const proxy = await startCuttingProxy(server.engine.port, (n) => (n === 9 ? 5000 : undefined))
      try {
        return await withBridge({ enginePort: proxy.port }, async (bridge) => {
          const found = everyRecordOnce(await runExport({ ...bridge, reportId }), everyId)
          return finding(found.ok && proxy.cuts === 1, found.seen)
        })
      } finally {
        await proxy.close()
      }
    },
  )
}

/** Returns the size of the body of a page of {@link LIMIT} records. */
async function pageBytes(server: EngineServer): Promise<number> {
  const reportId = await server.index({ shards: 3 })
  return withBridge({ enginePort: server.engine.port }, async (bridge) => {
    const source = sourceOf({ ...bridge, reportId }, { maxRecords: 1 })
    await source.toArray()
    return source.stats.bytes
  })
}

async function lostSearches(report: Report, server: EngineServer): Promise<void> {
  const { engine } = server
  const reportId = await server.index({ shards: 3 })
  await report.check('every search cleared at records 1,200, 3,000 and 5,900: every record once', () =>
    checkExport(server, {
      shards: 3,
      onRecord: async (records) => {
        if ([1200, 3000, 5900].includes(records)) await engine.clearContexts()
      },
    }),
  )
  await report.check("the same with recovery: 'fail': ERR_CURSOR_EXPIRED", () =>
    withBridge({ enginePort: engine.port }, async (bridge) => {
      const onRecord = async (records: number) => (records === 1200 ? engine.clearContexts() : undefined)
      const outcome = await runExport({ ...bridge, reportId }, { recovery: 'fail', onRecord })
      return clearError(outcome, 'ERR_CURSOR_EXPIRED', everyId)
    }),
  )
  await report.check('cleared before every page: ERR_CURSOR_EXPIRED after the last restart', () =>
    withBridge({ enginePort: engine.port }, async (bridge) => {
      const onRecord = async (records: number) => (records % LIMIT === LIMIT - 1 ? engine.clearContexts() : undefined)
      return clearError(await runExport({ ...bridge, reportId }, { onRecord }), 'ERR_CURSOR_EXPIRED', everyId)
    }),
  )
  await report.check('too many open searches at the start: the first page is requested again until it works', () =>
    withBridge({ enginePort: engine.port }, async (bridge) => {
      await engine.limitContexts(0)
      const running = runExport({ ...bridge, reportId }, { retry: patient.retry })
      await until(() => bridge.requests.some(({ status }) => status === 500))
      await engine.limitContexts(undefined)
      return everyRecordOnce(await running, everyId)
    }),
  )
}

async function slowSinks(report: Report, server: EngineServer): Promise<void> {
  const reportId = await server.index({ shards: 3 })
  const options = { limit: 2000, paginationTimeout: 60, secondMs: SECOND_MS }
  /** Waits in steps, so that a page takes this share of the first keep-alive. */
  const slowly = (share: number) => (records: number) =>
    records % 200 === 0 ? sleep((60 * SECOND_MS * share) / 10) : undefined // the engine has a clock of its own
  const keepAlives = ({ requests }: Bridge) => requests.map(({ keepAlive }) => keepAlive).join(' ')

  for (const share of [0.7, 1.3])
    await report.check(`a page takes ${share} of the keep-alive, which then grows: no restart is needed`, () =>
      withBridge({ enginePort: server.engine.port, secondMs: SECOND_MS }, async (bridge) => {
        const outcome = await runExport({ ...bridge, reportId }, { ...options, onRecord: slowly(share) })
        const grown = bridge.requests.at(-1)!.keepAlive !== bridge.requests[0]!.keepAlive
        const found = everyRecordOnce(outcome, everyId)
        return finding(
          found.ok && grown && outcome.stats.restarts === 0,
          `${found.seen}; keep-alives ${keepAlives(bridge)}`,
        )
      }),
    )
  await report.check('the same with a keep-alive that may not grow: every record once, or ERR_CURSOR_EXPIRED', () =>
    withBridge({ enginePort: server.engine.port, secondMs: SECOND_MS }, async (bridge) => {
      const fixed = { ...options, maxPaginationTimeout: 60, onRecord: slowly(1.3) }
      return onceOrClearError(await runExport({ ...bridge, reportId }, fixed), ['ERR_CURSOR_EXPIRED'], everyId)
    }),
  )
  await report.check('the event loop is blocked for longer than the keep-alive: a restart, every record once', () =>
    withBridge({ enginePort: server.engine.port, secondMs: SECOND_MS }, async (bridge) => {
      const onRecord = (records: number) => {
        if (records === 2100) blockEventLoop(60 * SECOND_MS * 1.6)
      }
      const outcome = await runExport({ ...bridge, reportId }, { ...options, maxPaginationTimeout: 60, onRecord })
      const found = everyRecordOnce(outcome, everyId)
      return finding(found.ok && outcome.stats.restarts === 1, found.seen)
    }),
  )
}

function blockEventLoop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

async function lostShards(report: Report, server: EngineServer): Promise<void> {
  const { engine } = server
  const reportId = await server.index({ shards: 3 })
  const half = 1500
  const bothHalves = new Set(['a', 'b'].flatMap((prefix) => Array.from({ length: half }, (_, n) => idOf(n, prefix))))
  for (const at of [1100, 2600])
    await report.check(
      `one of two indices deleted at record ${at} of ${2 * half}: ERR_INCOMPLETE with both totals`,
      async () => {
        for (const prefix of ['a', 'b']) await fillIndex(engine, `half-${prefix}`, { shards: 1, records: half, prefix })
        return withBridge({ enginePort: engine.port }, async (bridge) => {
          const onRecord = async (records: number) => {
            if (records === at) await engine.must('DELETE', '/half-b')
          }
          const outcome = await runExport({ ...bridge, reportId: 'half-*' }, { onRecord })
          return withTotals(clearError(outcome, 'ERR_INCOMPLETE', bothHalves), outcome.error, [2 * half, half])
        })
      },
    )
  await report.check(
    'the index deleted in the middle: ERR_INCOMPLETE with both totals, and the older file stays',
    async () => {
      const own = await server.index({ shards: 3, records: 2000, own: true })
      return withBridge({ enginePort: engine.port }, (bridge) =>
        withFolder(async (folder) => {
          const path = join(folder, 'file.csv')
          await writeFile(path, 'of yesterday\n')
          const source = sourceOf({ ...bridge, reportId: own })
          source.on('page', ({ number }) => {
            if (number === 3) void engine.ask('DELETE', `/${own}`)
          })
          const error: unknown = await pipeline(source, slow, toCsv(), atomicFile(path)).then(
            () => undefined,
            (thrown: unknown) => thrown,
          )
          const { code, message } = (error ?? {}) as { code?: string; message?: string }
          const kept = (await readFile(path, 'utf8')) === 'of yesterday\n' && !existsSync(`${path}.part`)
          const seen = `${code ?? 'no error'}: ${message ?? `${source.stats.records} records, complete: ${source.stats.complete}`}; older file ${kept ? 'kept' : 'gone'}`
          return withTotals(finding(code === 'ERR_INCOMPLETE' && kept, seen), error, [2000, 0])
        }),
      )
    },
  )
  await report.check('searches cleared, and every new one lacks a shard: ERR_INCOMPLETE', () =>
    withBridge({ enginePort: engine.port }, async (bridge) => {
      const ended = new AbortController()
      const kept = keepLosingShards(server, bridge, ended.signal)
      const options = { retry: { ...shortRetry, attempts: 50 }, onRecord: losesShardAt(server, 3750) }
      const outcome = await runExport({ ...bridge, reportId }, options)
      ended.abort()
      await kept
      await engine.limitContexts(undefined)
      await engine.clearContexts()
      return clearError(outcome, 'ERR_INCOMPLETE', everyId)
    }),
  )
  await report.check(
    'searches cleared, and the next one lacks a shard, the one after does not: every record once',
    () =>
      withBridge({ enginePort: engine.port }, async (bridge) => {
        const lose = losesShardAt(server, 3750)
        let lost = Promise.resolve()
        const onRecord = async (records: number) => {
          await lose(records)
          if (records !== 3750) return
          lost = until(() => bridge.requests.some(({ failedShards = 0 }) => failedShards > 0)).then(() =>
            engine.limitContexts(undefined),
          )
        }
        const outcome = await runExport({ ...bridge, reportId }, { onRecord })
        await lost
        return everyRecordOnce(outcome, everyId)
      }),
  )
}

/** Returns a function that at a record ends all searches, and leaves the next search room for two of its three shards. */
function losesShardAt({ engine }: EngineServer, at: number): (records: number) => Promise<void> {
  return async (records) => {
    if (records !== at) return
    await engine.clearContexts()
    await engine.limitContexts(2)
  }
}

/** Gives each new search room for two of its three shards, because every search leaves its contexts open. */
async function keepLosingShards({ engine }: EngineServer, { requests }: Bridge, ended: AbortSignal): Promise<void> {
  let seen = 0
  while (!ended.aborted) {
    const partial = requests.filter(({ first, failedShards = 0 }) => first && failedShards > 0).length
    if (partial > seen) await engine.limitContexts(2 * (partial + 1))
    seen = partial
    await sleep(5) // the bridge emits no events
  }
}

/** Passes records on slowly, so that the source does not run ahead of the changes of the index. */
async function* slow(records: AsyncIterable<ExportRecord>): AsyncGenerator<ExportRecord> {
  let count = 0
  for await (const record of records) {
    if (++count % 100 === 0) await sleep(20) // the index changes meanwhile, by the clock of the engine
    yield record
  }
}

/** Adds a condition to a finding: the message of the error names all totals. */
function withTotals(found: Finding, error: unknown, totals: readonly number[]): Finding {
  const message = error instanceof Error ? error.message.replaceAll(',', '') : ''
  const named = totals.every((total) => new RegExp(`\\b${total}\\b`).test(message))
  return finding(found.ok && named, found.seen)
}

async function lostEngine(report: Report, server: EngineServer): Promise<void> {
  const { engine } = server
  const reportId = await server.index({ shards: 3 })
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!engine.isRunning) await engine.startAgain()
    await report.check(
      `the engine ended with ${signal} at record 2,500, and back before the next page: every record once`,
      () =>
        withBridge({ enginePort: engine.port }, async (bridge) => {
          const onRecord = async (records: number) => {
            if (records !== 2500) return
            await engine.stop(signal)
            await engine.startAgain()
          }
          return everyRecordOnce(await runExport({ ...bridge, reportId }, { ...patient, onRecord }), everyId)
        }),
    )
    await report.check(
      `the engine ended with ${signal} while the export goes on: every record once, or ERR_INCOMPLETE`,
      () =>
        withBridge({ enginePort: engine.port }, async (bridge) => {
          let back = Promise.resolve()
          const onRecord = async (records: number) => {
            if (records !== 2500) return
            await engine.stop(signal)
            back = engine.startAgain()
          }
          const outcome = await runExport({ ...bridge, reportId }, { ...patient, onRecord })
          await back
          return onceOrClearError(outcome, ['ERR_INCOMPLETE'], everyId)
        }),
    )
  }
}
