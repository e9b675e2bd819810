// A Camunda Optimize that runs in the process: a real HTTP server on loopback that keeps the contract of the Data Export API,
// traps included, and tells what it was asked.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExportRecord } from '../shared/types.js'
import { type Backend, createBackend } from './backend.js'
import { Zone } from './dates.js'
import type { FakeOptimizeOptions } from './fake-options.js'
import type { LoggedRequest } from './request-log.js'
import { serveRequest } from './serve.js'
import { resolveSettings } from './fake-settings.js'

/** A running fake server. */
export interface FakeOptimize {
  /** Where it listens, with the context path, without a trailing slash. */
  readonly url: string
  /** The static access token that is good now. */
  readonly token: string
  /** The report to ask for. */
  readonly reportId: string
  /** Every request so far, in order of arrival; what is learnt while answering is filled in. */
  readonly requests: readonly LoggedRequest[]
  /** Search contexts open now. */
  readonly openContexts: number
  /** The most that were ever open at a time. */
  readonly maxOpenContextsSeen: number
  /** What `GET /api/readyz` says: 200 or 503. May be set. */
  ready: boolean
  /** The instance ids that a search begun now delivers, in that order. */
  ids(): string[]
  /** The record at that place of a search begun now, from 0, as a page of its own has it, dates in UTC. */
  record(index: number): ExportRecord
  /** Every open search is gone, as after a restart of the database. */
  expireContexts(): void
  /** No token is good any more; `next` is the static one from now on, none by default. */
  expireTokens(next?: string): void
  /** New instances, the newest of all: searches begun later see them, open ones do not. */
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
 * // … then: every record arrived once, and no page was asked for twice with the same cursor
 * await optimize.close()
 */
export async function startFakeOptimize(options: FakeOptimizeOptions = {}): Promise<FakeOptimize> {
  const settings = resolveSettings(options)
  const backend = createBackend(settings)
  // larger than what is refused, so that the refusal is ours
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    // a client that leaves in the middle of its body is no error of the server
    serveRequest(backend, request, response).catch(() => response.destroy())
  })
  server.listen(settings.port, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return createHandle(backend, server, `http://127.0.0.1:${port}${settings.contextPath}`)
}

function createHandle(backend: Backend, server: Server, url: string): FakeOptimize {
  const { settings, contexts, tokens, pages, requests } = backend
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
      return backend.isReady
    },
    set ready(ready) {
      backend.isReady = ready
    },
    ids: () =>
      Array.from({ length: settings.records + backend.insertedCount }, (_, n) =>
        pages.getId(n - backend.insertedCount),
      ),
    record: (index) =>
      JSON.parse(pages.rows({ start: index - backend.insertedCount, rows: 1 }, utc)[0]!) as ExportRecord,
    expireContexts: () => contexts.clear(),
    expireTokens: (next = '') => tokens.expire(next),
    insert: (count) => void (backend.insertedCount += count),
    close: () => (closed ??= closeServer(server)),
  }
}

async function closeServer(server: Server): Promise<void> {
  const closing = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closing
}
