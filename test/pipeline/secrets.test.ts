// Everything that leaves the library is searched for the token and for every cursor the server gave out.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import t from 'tap'
import { exportPages, exportStream } from '../../lib/index.js'
import { endTimeLimitsAtFaults } from '../support/faults/end-time-limits.js'
import { faultRows, modes, getRowName, pagePositions } from '../support/faults/fault-matrix.js'
import { startWatched } from '../support/servers/watched-server.js'

const token = 'geheim+Token/0815=='

const formsOf = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  new URLSearchParams({ s: secret }).toString().slice(2),
]

function everythingOf(error: unknown): string[] {
  const texts = [inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity })]
  for (let at = error, depth = 0; at instanceof Error && depth < 20; at = at.cause, depth++)
    texts.push(at.message, at.stack ?? '', JSON.stringify(at))
  return texts
}

const seen: string[] = []
const listeners = ['page', 'retry', 'restart', 'complete'].map((name) => {
  const listener = (message: unknown) => seen.push(inspect(message, { depth: Infinity, showHidden: true }))
  subscribe(`optimize-export:${name}`, listener)
  return () => unsubscribe(`optimize-export:${name}`, listener)
})
t.teardown(() => listeners.forEach((stop) => stop()))

for (const tokenIn of ['header', 'query'] as const)
  t.test(`with the token in the ${tokenIn}, no fault reveals the token or a cursor`, async (t) => {
    // every request has the token in the same place, so one page is enough for the query
    const pages = tokenIn === 'query' ? [pagePositions.middle] : Object.values(pagePositions)
    for (const row of faultRows)
      for (const page of pages)
        for (const recovery of modes) {
          seen.length = 0
          const body = row.fault.body ?? `{"detailedMessage":"bad ${token} at ${encodeURIComponent(token)}"}`
          const faults = [{ ...row.fault, body, page, times: 2 }]
          const era = tokenIn === 'query' ? '3.7' : '8.8'
          const server = await startWatched(undefined, { records: 50, variables: 1, flowNodes: 0, token, era, faults })
          const options = { baseUrl: server.url, reportId: server.reportId, accessToken: token, tokenIn, recovery }
          const retry = { attempts: 2, minDelay: 1, maxDelay: 2 }
          const source = { ...options, limit: 10, retry, ...row.options, maxRestarts: 1 }
          const stream = exportStream(source)
          const events = ['page', 'retry', 'restart', 'message', 'warning'] as const
          events.forEach((event) =>
            stream.on(event, (payload: unknown) => seen.push(inspect(payload, { depth: Infinity, showHidden: true }))),
          )
          const restoreTimers = endTimeLimitsAtFaults(server)
          await stream.toArray().catch((error: unknown) => seen.push(...everythingOf(error)))
          restoreTimers()
          seen.push(inspect({ ...stream.stats }, { depth: Infinity }), JSON.stringify(stream.stats))
          seen.push(inspect(stream, { depth: 0 }))
          await (row.options ? undefined : drain(source).catch((error: unknown) => seen.push(...everythingOf(error))))
          const cursors = new Set(server.requests.flatMap(({ query }) => query['searchRequestId'] ?? []))
          await server.close()
          const text = seen.join('\n')
          const found = [token, ...cursors].flatMap(formsOf).filter((secret) => text.includes(secret))
          t.same(found, [], `${getRowName(row)}, page ${page}, ${recovery}`)
        }
  })

async function drain(options: Parameters<typeof exportPages>[0]): Promise<void> {
  for await (const page of exportPages(options)) seen.push(String(page.number))
}
