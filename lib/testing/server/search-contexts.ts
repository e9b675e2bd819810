// Search contexts as in an Elasticsearch scroll. The cursor moves when a request is processed, not when the reply arrives, so a
// page whose reply is lost cannot be requested again (docs/server.md 3.3).
import { type Cursor, decodeCursor, encodeCursor } from './cursor.js'
import type { SearchChange } from '../faults/fault-search.js'
import type { RecordRange } from '../records/page-renderer.js'
import type { FakeSettings } from '../options/fake-settings.js'

export interface SearchContext {
  /** The number of the search, from 1. */
  readonly searchNumber: number
  readonly pageSize: number
  /** The records of the report at the time of the first page. */
  readonly snapshot: RecordRange
  /** The total in this and later replies: the size of the snapshot, or less after `totalShrinks` or `shardsLost`. */
  total: number
  position: number
  /** The number of processed pages. */
  pageCount: number
  /** The number of times that the id of the search has changed. */
  revision: number
  expiresAtMs: number
  /** The longest requested keep-alive; a shorter one does not shorten it. */
  keepAliveSeconds: number
  /** True if half of the shards are lost, so every second record is missing. */
  isPartial: boolean
  /** The number of requests that have no reply yet. */
  activeRequests: number
  previousPage: ServedPage | undefined
}

export interface ServedPage extends RecordRange {
  /** The number of the page, from 1. */
  readonly page: number
  /** The range of the next page, if some shards sent records of it in place of records of this page. */
  readonly nextRangeIfTorn?: RecordRange
}

const cursorPaddingBytes = { stable: 0, changing: 0, long: 3000, tooLong: 9000 } as const

export class SearchContexts {
  readonly #settings: FakeSettings
  readonly #open = new Map<number, SearchContext>()
  readonly #startedAtMs: number
  #searches = 0
  #maxOpenSeen = 0

  constructor(settings: FakeSettings) {
    this.#settings = settings
    this.#startedAtMs = settings.now()
  }

  get size(): number {
    this.#removeExpired()
    return this.#open.size
  }

  get maxOpenSeen(): number {
    return this.#maxOpenSeen
  }

  /** Opens a search; returns `undefined` if there are too many already. */
  open(snapshot: RecordRange, pageSize: number): SearchContext | undefined {
    if (this.size >= this.#settings.maxContexts) return undefined
    const context: SearchContext = {
      searchNumber: ++this.#searches,
      pageSize,
      snapshot,
      total: snapshot.count,
      position: 0,
      pageCount: 0,
      revision: 0,
      expiresAtMs: Infinity,
      keepAliveSeconds: 0,
      isPartial: false,
      activeRequests: 0,
      previousPage: undefined,
    }
    this.#open.set(context.searchNumber, context)
    this.#maxOpenSeen = Math.max(this.#maxOpenSeen, this.#open.size)
    return context
  }

  /** Returns the cursor of a text, and the search context if it is still open; `undefined` if the text is invalid. */
  find(cursorText: string): { cursor: Cursor; context: SearchContext | undefined } | undefined {
    const cursor = decodeCursor(cursorText)
    if (!cursor || this.#encodeId(cursor) !== cursorText) return undefined
    this.#removeExpired()
    const context = this.#open.get(cursor.searchNumber)
    return { cursor, context: context?.revision === cursor.revision ? context : undefined }
  }

  /** Serves the next page of a search, and renews its keep-alive. The first page is neither repeated nor torn. */
  servePage(context: SearchContext, keepAliveSeconds: number, pageFault: SearchChange['pageFault']): ServedPage {
    this.#renew(context, keepAliveSeconds)
    const { previousPage } = context
    if (previousPage && pageFault === 'repeated') return previousPage
    const range = advance(context)
    const torn = previousPage && pageFault === 'torn' ? { nextRangeIfTorn: advance(context) } : {}
    context.pageCount += 1
    context.previousPage = { ...range, page: context.pageCount, ...torn }
    return context.previousPage
  }

  idOf({ searchNumber, revision }: SearchContext): string {
    return this.#encodeId({ searchNumber, revision })
  }

  drop({ searchNumber }: SearchContext): void {
    this.#open.delete(searchNumber)
  }

  clear(): void {
    this.#open.clear()
  }

  /** Starts a new keep-alive. With changing ids, the search gets a new id. */
  #renew(context: SearchContext, keepAliveSeconds: number): void {
    context.keepAliveSeconds = Math.max(context.keepAliveSeconds, keepAliveSeconds)
    context.expiresAtMs = this.#settings.now() + context.keepAliveSeconds * this.#settings.secondMs
    if (this.#settings.cursor === 'changing') context.revision += 1
  }

  #removeExpired(): void {
    const now = this.#settings.now()
    for (const [searchNumber, { expiresAtMs }] of this.#open)
      if (this.#getReapTimeMs(expiresAtMs) <= now) this.#open.delete(searchNumber)
  }

  #encodeId(cursor: Cursor): string {
    return encodeCursor(cursor, cursorPaddingBytes[this.#settings.cursor])
  }

  /** Returns the time at which a context is removed: the next run of the reaper after the expiry; if `reaperSeconds` is 0, the expiry. */
  #getReapTimeMs(expiresAtMs: number): number {
    const everyMs = this.#settings.reaperSeconds * this.#settings.secondMs
    if (everyMs === 0) return expiresAtMs
    return this.#startedAtMs + Math.ceil((expiresAtMs - this.#startedAtMs) / everyMs) * everyMs
  }
}

/** Moves the cursor by one page, and returns the records of that page. */
function advance(context: SearchContext): RecordRange {
  const { snapshot, pageSize, position } = context
  const count = Math.min(pageSize, snapshot.count - position)
  context.position += count
  return { start: snapshot.start + position, count }
}
