// A report is read page by page from a search engine with random faults (seeded): the export emits every record once, or fails with
// the reason.
import t from 'tap'
import { exportStream, ExportError } from '../../lib/index.js'
import { startFakeOptimize, type Fault, type FakeOptimizeOptions, type FaultKind } from '../../lib/testing/index.js'
import { Random } from '../../lib/testing/random.js'
import { seedsOf } from '../support/random/property.js'

/** The faults that do not wait for a time limit. */
const quickFaults: readonly FaultKind[] = [
  ...(['hangUp', '503', '429', '401', 'expire', 'repeatPage', 'tornPage', 'totalShrinks', 'shardsLost'] as const),
  ...(['missingRows', 'emptyPage', 'wrongCount', '500', '502', 'drop', 'cut', 'cutGzip', 'truncate'] as const),
]

interface Schedule {
  readonly server: FakeOptimizeOptions
  readonly limit: number
  readonly recovery: 'restart' | 'fail'
  readonly maxRestarts: number
  readonly prefetch: number
  readonly verifyTotal: boolean
  readonly maxRecords: number | undefined
}

function scheduleOf(seed: number): Schedule {
  const random = new Random()
  random.startAt(seed, 7)
  const limit = 1 + random.below(9)
  const randomFaults = Array.from({ length: random.below(6) }, (): Fault => {
    const kind = random.oneOf(quickFaults)
    const times = random.below(8) === 0 ? Infinity : 1 + random.below(2)
    const where = random.below(2) === 0 ? { request: 1 + random.below(14) } : { page: 1 + random.below(4) }
    return { kind, ...where, times, rows: 1 + random.below(3), retryAfter: 0 }
  })
  // a search fails, and shards are missing in the next one
  const failed = 2 + random.below(4)
  const lostShards: Fault[] = [
    { kind: random.oneOf(['502', 'drop', 'truncate', 'expire']), request: failed },
    { kind: random.oneOf(['shardsLost', 'totalShrinks']), request: failed + 1, rows: 1 + random.below(20) },
  ]
  const faults = random.below(3) === 0 ? lostShards : randomFaults
  return {
    server: {
      records: random.below(45),
      variables: 1,
      flowNodes: 0,
      era: random.oneOf(['3.7', '8.6', '8.7', '8.8']),
      cursor: random.oneOf(['stable', 'changing']),
      shards: random.oneOf([1, 3]),
      tooManyContextsStatus: random.oneOf([429, 500]),
      maxContexts: random.oneOf([4, 500, 500]),
      faults,
    },
    limit,
    recovery: random.oneOf(['restart', 'restart', 'restart', 'fail']),
    maxRestarts: random.below(5),
    prefetch: random.below(3),
    verifyTotal: random.below(4) === 0,
    maxRecords: random.below(6) === 0 ? 1 + random.below(40) : undefined,
  }
}

/** Runs one export. Returns what is wrong with its result, or undefined. */
async function findProblem(seed: number, outcomes: Map<string, number>): Promise<string | undefined> {
  const { server: options, ...rest } = scheduleOf(seed)
  const server = await startFakeOptimize(options)
  try {
    const retry = { attempts: 3, minDelay: 0, maxDelay: 1 }
    const { url: baseUrl, reportId, token: accessToken } = server
    const source = exportStream({ baseUrl, reportId, accessToken, retry, ...rest })
    const ids: string[] = []
    let error: unknown
    try {
      for await (const record of source) ids.push(record['processInstanceId'] as string)
    } catch (thrown) {
      error = thrown
    }
    const { stats } = source
    const all = new Set(server.ids())
    const log = server.requests.map(({ page, fault, status }) => `${page ?? '-'}:${fault ?? status}`).join(' ')
    // an export cannot notice this: no search reported the total of the whole report
    const isPartial = !server.requests.some(
      ({ carriesCursor, status, fault }) => !carriesCursor && status === 200 && fault === undefined,
    )
    const found = [
      new Set(ids).size !== ids.length && 'a record came twice',
      ids.some((id) => !all.has(id)) && 'a record that the report does not have',
      stats.records !== ids.length && `stats.records is ${stats.records}, got ${ids.length}`,
      stats.complete && stats.records !== stats.total && `complete with ${stats.records} of ${stats.total}`,
      stats.complete && error !== undefined && 'complete with an error',
      stats.complete && ids.length !== all.size && !isPartial && `complete with ${ids.length} of ${all.size}`,
      error === undefined && !stats.complete && stats.endedBy !== 'maxRecords' && 'neither complete nor an error',
      error !== undefined && !(error instanceof ExportError) && `no ExportError: ${codeOf(error) ?? 'no code'}`,
      stats.endedBy === 'maxRecords' &&
        ids.length !== rest.maxRecords &&
        'ended by maxRecords with another number of records',
      hasRepeatedCursor(server.requests) && 'a cursor that may have moved was sent again',
    ].find((reason) => reason !== false)
    const outcome = stats.complete ? `complete, ${stats.restarts} restarts` : (codeOf(error) ?? stats.endedBy!)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    return found && `seed ${seed}: ${found}; ${JSON.stringify(rest)}; ${log}`
  } finally {
    await server.close()
  }
}

/** Returns whether a request with a cursor follows a failed request of the same search that the server had processed. */
function hasRepeatedCursor(
  requests: readonly {
    page?: number
    status: number
    searchNumber?: number
    carriesCursor: boolean
    fault?: string
    finished: boolean
  }[],
): boolean {
  return requests.some((request, at) => {
    const before = requests[at - 1]
    if (!request.carriesCursor || !before?.carriesCursor || before.searchNumber !== request.searchNumber) return false
    return before.page !== undefined && (before.status !== 200 || !before.finished)
  })
}

const codeOf = (error: unknown) => (error as { code?: string } | undefined)?.code

t.test(
  'with any faults of the search engine, an export emits every record once or fails with the reason',
  async (t) => {
    const seeds = seedsOf(60)
    const outcomes = new Map<string, number>()
    for (const seed of seeds) {
      const reason = await findProblem(seed, outcomes)
      if (reason !== undefined) t.fail(reason)
    }
    t.comment([...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join('; '))
    if (seeds.length >= 60) t.ok(outcomes.size > 5, 'the schedules lead to many kinds of outcome')
  },
)
