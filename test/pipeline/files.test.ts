// The fault matrix once more, into real files: atomicFile() with Parquet, read back by DuckDB, and CSV, read by csv-parse.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { endTimeLimitsAtFaults } from '../support/faults/end-time-limits.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'
import {
  csvSink,
  faultRows,
  modes,
  getRowName,
  pagePositions,
  getExpectedOutcome,
  type PagePosition,
  type Sink,
} from '../support/faults/fault-matrix.js'
import { atomicFile, exportStream, toParquet } from '../../lib/index.js'
import type { LoggedRequest } from '../../lib/testing/index.js'
import { startWatched } from '../support/servers/watched-server.js'

t.setTimeout(300_000)

const parquetSink: Sink = {
  name: 'parquet',
  encoder: () => toParquet({ columns: ['startDate', 'processInstanceId', 'variable:amount'] }),
  ids: async (file) => {
    const { rows } = await readBytesWithDuckdb(file, 'SELECT processInstanceId FROM file')
    return rows.map(([id]) => id as string)
  },
}

/** Faults after which the cursor is known to stand where it stood. */
const unmoved = new Set<unknown>(['401', '429', 'redirectSame'])
/** Faults that are a valid HTTP answer, so the cursor may be used again. */
const answered = new Set<unknown>(['repeatPage', 'tornPage', 'totalShrinks', 'missingRows', 'emptyPage', 'deep'])

/** Cursor requests of a search in which a cursor request has failed in doubt. */
function afterDoubt(requests: readonly LoggedRequest[]): LoggedRequest[] {
  const doubtful = new Set<string>()
  return requests.filter(({ query, carriesCursor, fault }) => {
    const cursor = query['searchRequestId'] ?? ''
    const isLate = carriesCursor && doubtful.has(cursor)
    if (carriesCursor && fault && !unmoved.has(fault) && !answered.has(fault)) doubtful.add(cursor)
    return isLate
  })
}

for (const sink of [csvSink, parquetSink])
  for (const mode of modes)
    t.test(`with recovery ${mode} a ${sink.name} file is whole or absent under every fault`, async (t) => {
      for (const row of faultRows)
        for (const place of Object.keys(pagePositions) as PagePosition[]) {
          const faults = [{ ...row.fault, page: pagePositions[place] }]
          const server = await startWatched(t, { records: 50, variableNames: ['amount'], faults })
          const folder = await mkdtemp(join(tmpdir(), 'fault-files-'))
          const file = atomicFile(join(folder, 'out'))
          const options = { baseUrl: server.url, reportId: server.reportId, accessToken: server.token, limit: 10 }
          const retry = { minDelay: 1, maxDelay: 5 }
          const source = exportStream({ ...options, recovery: mode, retry, ...row.options })
          const restoreTimers = endTimeLimitsAtFaults(server)
          const error = await pipeline(source, sink.encoder(), file)
            .then(
              () => undefined,
              (reason: unknown) => reason as { code?: unknown },
            )
            .finally(restoreTimers)
          // pipeline() does not wait until what it destroys has cleaned up; events.once() would reject with its error
          if (!file.closed) await new Promise((resolve) => file.once('close', resolve))
          const promise = getExpectedOutcome(row, place, mode)
          const name = `${getRowName(row)}, ${place} page`
          const names = await readdir(folder)
          if (promise.startsWith('ok')) {
            const ids = error ? [] : await sink.ids(await readFile(join(folder, 'out')))
            t.same(ids.toSorted(), server.ids().toSorted(), `${name}: every id, once`)
            t.same(names, ['out'])
          } else {
            t.equal(error?.code, promise, name)
            t.same(names, [], `${name}: nothing is left`)
          }
          t.same(afterDoubt(server.requests), [], `${name}: no cursor is asked for again`)
          t.ok(server.requests.length <= 12, name)
          await server.close()
          await rm(folder, { recursive: true })
        }
    })
