// A fake Camunda Optimize in this process: a real HTTP server on loopback. It behaves like the data export API, also where that is
// surprising, and logs the requests.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExportRecord } from '../shared/types.js'
import { type ServerState, createServerState, getReport } from './server/server-state.js'
import { Zone } from './dates.js'
import type { FakeOptimizeOptions } from './options/fake-options.js'
import type { LoggedRequest } from './server/request-log.js'
import { serveRequest } from './server/serve.js'
import { resolveSettings } from './options/fake-settings.js'

/** A running fake server. */
export interface FakeOptimize {
  /** The URL of the server, with the context path, without a trailing slash. */
  readonly url: string
  /** The current static access token. */
  readonly token: string
  /** The id of the main report. */
  readonly reportId: string
  /** Every request so far, in order of arrival. Fields such as `status` are set while the server answers. */
  readonly requests: readonly LoggedRequest[]
  /** The number of open search contexts. */
  readonly openContexts: number
  /** The largest number of search contexts that were open at the same time. */
  readonly maxOpenContextsSeen: number
  /** The answer of `GET /api/readyz`: 200 if true, else 503. May be set. */
  ready: boolean
  /** Returns the instance ids that a new search of the main report would send, in order. */
  ids(): string[]
  /** Returns the record at that index (from 0) that a new search of the main report would send, with dates in UTC. */
  record(index: number): ExportRecord
  /** Closes all open searches, as a restart of Elasticsearch does. */
  expireContexts(): void
  /** Makes all tokens invalid; `next` becomes the static token. Without `next` there is no static token. */
  expireTokens(next?: string): void
  /** Adds instances of the main report that are newer than all others. Later searches have them, open searches do not. */
  insert(count: number): void
  /** Stops listening and closes every connection; may be called again. */
  close(): Promise<void>
}

/**
 * Starts a fake Camunda Optimize on 127.0.0.1.
 *
 * @throws OptionError (as a rejection) for an option that is unknown or out of range; the error of `listen` for a port in use
 * @example
 * const optimize = await startFakeOptimize({ records: 2500, faults: [{ kind: 'drop', page: 2 }] })
 * const stream = exportStream({ baseUrl: optimize.url, reportId: optimize.reportId, accessToken: optimize.token })
 * // … then: every record arrived once, and no cursor was sent twice
 * await optimize.close()
 */
export async function startFakeOptimize(options: FakeOptimizeOptions = {}): Promise<FakeOptimize> {
  const settings = resolveSettings(options)
  const state = createServerState(settings)
  // larger than the limit of the fake server, so that the fake server refuses the request, and not Node.js
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    // a client that aborts its request must not end the process
    serveRequest(state, request, response).catch(() => response.destroy())
  })
  server.listen(settings.port, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return createHandle(state, server, `http://127.0.0.1:${port}${settings.contextPath}`)
}

function createHandle(state: ServerState, server: Server, url: string): FakeOptimize {
  const { contexts, tokens, requests } = state
  const report = getReport(state, state.settings.reportId)
  const { settings, renderer } = report
  const utc = new Zone('UTC')
  let closed: Promise<void> | undefined
  return {
    url,
    reportId: settings.reportId,
    requests,
    get token() {
      return tokens.static
    },
    get openContexts() {
      return contexts.size
    },
    get maxOpenContextsSeen() {
      return contexts.maxOpenSeen
    },
    get ready() {
      return state.isReady
    },
    set ready(ready) {
      state.isReady = ready
    },
    ids: () =>
      Array.from({ length: settings.records + report.insertedCount }, (_, n) =>
        renderer.getId(n - report.insertedCount),
      ),
    record: (index) =>
      JSON.parse(renderer.renderRecords({ start: index - report.insertedCount, count: 1 }, utc)[0]!) as ExportRecord,
    expireContexts: () => contexts.clear(),
    expireTokens: (next = '') => tokens.expire(next),
    insert: (count) => void (report.insertedCount += count),
    close: () => (closed ??= closeServer(server)),
  }
}

async function closeServer(server: Server): Promise<void> {
  const closing = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closing
}
