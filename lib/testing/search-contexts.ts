// Search contexts as in an Elasticsearch scroll. The cursor moves when a request is processed, not when the answer arrives, so a
// page whose answer is lost cannot be requested again (docs/server.md 3.3).
import { type Cursor, decodeCursor, encodeCursor } from './cursor.js'
import type { RecordRange } from './page-renderer.js'
import type { FakeSettings } from './fake-settings.js'

/** An open search. */
export interface SearchContext {
  /** The number of the search, from 1. */
  readonly search: number
  readonly size: number
  /** The records of the report at the time of the first page. */
  readonly snapshot: RecordRange
  /** The total in later answers: the size of the snapshot, or less after a `totalShrinks`. */
  total: number
  position: number
  /** The number of processed pages. */
  pages: number
  turn: number
  expiresAtMs: number
  /** The longest requested keep-alive; a shorter one does not shorten it. */
  keepAliveSeconds: number
  /** True if half of the shards are lost, so every other record is missing. */
  isPartial: boolean
  /** The number of requests that are not answered yet. */
  activeRequests: number
  last: ProcessedPage | undefined
}

/** A processed page. */
export interface ProcessedPage extends RecordRange {
  /** The number of the page, from 1. */
  readonly page: number
  /** The next page, if some shards sent that one instead. */
  readonly torn?: RecordRange
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

  /** The number of open searches. */
  get size(): number {
    const now = this.#settings.now()
    for (const [search, { expiresAtMs }] of this.#open)
      if (this.#getReapTimeMs(expiresAtMs) <= now) this.#open.delete(search)
    return this.#open.size
  }

  get maxOpenSeen(): number {
    return this.#maxOpenSeen
  }

  /** Opens a search; returns `undefined` if there are too many already. */
  open(snapshot: RecordRange, size: number): SearchContext | undefined {
    if (this.size >= this.#settings.maxContexts) return undefined
    const context: SearchContext = {
      search: ++this.#searches,
      size,
      snapshot,
      total: snapshot.rows,
      position: 0,
      pages: 0,
      turn: 0,
      expiresAtMs: Infinity,
      keepAliveSeconds: 0,
      isPartial: false,
      activeRequests: 0,
      last: undefined,
    }
    this.#open.set(context.search, context)
    this.#maxOpenSeen = Math.max(this.#maxOpenSeen, this.#open.size)
    return context
  }

  /** Returns the cursor of an id, and its context if that is still open; `undefined` if the id is invalid. */
  find(id: string): { cursor: Cursor; context: SearchContext | undefined } | undefined {
    const cursor = decodeCursor(id)
    if (!cursor || this.#encodeId(cursor) !== id) return undefined
    const context = this.size > 0 ? this.#open.get(cursor.search) : undefined
    return { cursor, context: context?.turn === cursor.turn ? context : undefined }
  }

  /** Processes a request: returns the next page and starts a new keep-alive. */
  next(context: SearchContext, keepAliveSeconds: number): ProcessedPage {
    this.#renew(context, keepAliveSeconds)
    const range = this.#advance(context)
    context.pages += 1
    context.last = { ...range, page: context.pages }
    return context.last
  }

  /** Returns half of this page and half of the next one, as if another request had moved half of the shards. */
  tearPage(context: SearchContext, keepAliveSeconds: number): ProcessedPage {
    const processedPage = this.next(context, keepAliveSeconds)
    context.last = { ...processedPage, torn: this.#advance(context) }
    return context.last
  }

  /** Removes every other record from now on, and reduces the total accordingly. */
  loseShards(context: SearchContext): void {
    context.isPartial = true
    context.total = Math.ceil(context.snapshot.rows / 2)
  }

  #advance(context: SearchContext): RecordRange {
    const { snapshot, size, position } = context
    const rows = Math.min(size, snapshot.rows - position)
    context.position += rows
    return { start: snapshot.start + position, rows }
  }

  /** Returns the last page once more; the cursor stays. A first request is answered as usual. */
  repeatPage(context: SearchContext, keepAliveSeconds: number): ProcessedPage {
    if (!context.last) return this.next(context, keepAliveSeconds)
    this.#renew(context, keepAliveSeconds)
    return context.last
  }

  /** Returns the searchRequestId of a search. */
  idOf({ search, turn }: SearchContext): string {
    return this.#encodeId({ search, turn })
  }

  drop({ search }: SearchContext): void {
    this.#open.delete(search)
  }

  clear(): void {
    this.#open.clear()
  }

  #encodeId(cursor: Cursor): string {
    return encodeCursor(cursor, cursorPaddingBytes[this.#settings.cursor])
  }

  #renew(context: SearchContext, keepAliveSeconds: number): void {
    context.keepAliveSeconds = Math.max(context.keepAliveSeconds, keepAliveSeconds)
    context.expiresAtMs = this.#settings.now() + context.keepAliveSeconds * this.#settings.secondMs
    if (this.#settings.cursor === 'changing') context.turn += 1
  }

  /** Returns the time of the next reaper run, which removes an expired context. */
  #getReapTimeMs(expiresAtMs: number): number {
    const everyMs = this.#settings.reaperSeconds * this.#settings.secondMs
    if (everyMs === 0) return expiresAtMs
    return this.#startedAtMs + Math.ceil((expiresAtMs - this.#startedAtMs) / everyMs) * everyMs
  }
}
