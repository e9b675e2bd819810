// Search contexts as Elasticsearch keeps them for a scroll. The trap they set: the cursor moves when a request is processed,
// not when its answer arrives, so a page whose answer is lost can never be asked for again (docs/server.md 3.3).
import { type Cursor, decodeCursor, encodeCursor } from './cursor.js'
import type { RecordRange } from './page-renderer.js'
import type { FakeSettings } from './fake-settings.js'

/** An open search. */
export interface SearchContext {
  /** From 1. */
  readonly search: number
  readonly size: number
  /** The records as they were at the first page. */
  readonly snapshot: RecordRange
  /** What later answers say: `total` of the snapshot, or less after a `totalShrinks`. */
  total: number
  position: number
  /** Pages processed. */
  pages: number
  turn: number
  expiresAtMs: number
  /** The longest that was asked for: a shorter one does not shorten it. */
  keepAliveSeconds: number
  /** Half of the shards are gone: every other record is missing. */
  isPartial: boolean
  /** Requests that are being answered. */
  activeRequests: number
  last: ProcessedPage | undefined
}

/** A processed page. */
export interface ProcessedPage extends RecordRange {
  /** From 1. */
  readonly page: number
  /** The page behind it, where some shards gave that one instead. */
  readonly torn?: RecordRange
}

const cursorPaddingBytes = { stable: 0, changing: 0, long: 3000, tooLong: 9000 } as const

export class SearchContexts {
  readonly #settings: FakeSettings
  readonly #open = new Map<number, SearchContext>()
  readonly #startedAtMs = performance.now()
  #searches = 0
  #maxOpenSeen = 0

  constructor(settings: FakeSettings) {
    this.#settings = settings
  }

  /** How many are open now. */
  get size(): number {
    const now = performance.now()
    for (const [search, { expiresAtMs }] of this.#open)
      if (this.#getReapTimeMs(expiresAtMs) <= now) this.#open.delete(search)
    return this.#open.size
  }

  get maxOpenSeen(): number {
    return this.#maxOpenSeen
  }

  /** Undefined when there are too many already. */
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

  /** The search an id stands for, and its context if that is still open; undefined for garbage. */
  find(id: string): { cursor: Cursor; context: SearchContext | undefined } | undefined {
    const cursor = decodeCursor(id)
    if (!cursor || this.#encodeId(cursor) !== id) return undefined
    const context = this.size > 0 ? this.#open.get(cursor.search) : undefined
    return { cursor, context: context?.turn === cursor.turn ? context : undefined }
  }

  /** Processes a request: the next page, and a new lease from now. */
  next(context: SearchContext, keepAliveSeconds: number): ProcessedPage {
    this.#renew(context, keepAliveSeconds)
    const range = this.#advance(context)
    context.pages += 1
    context.last = { ...range, page: context.pages }
    return context.last
  }

  /** Half of the shards have moved on by another request: the answer has half of this page and half of the next one. */
  tearPage(context: SearchContext, keepAliveSeconds: number): ProcessedPage {
    const processedPage = this.next(context, keepAliveSeconds)
    context.last = { ...processedPage, torn: this.#advance(context) }
    return context.last
  }

  /** From now on every other record is missing, and the total is that of the others. */
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

  /** The page delivered last, once more; the cursor stays. A first request has none and is answered as usual. */
  repeatPage(context: SearchContext, keepAliveSeconds: number): ProcessedPage {
    if (!context.last) return this.next(context, keepAliveSeconds)
    this.#renew(context, keepAliveSeconds)
    return context.last
  }

  /** The id to answer with. */
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
    context.expiresAtMs = performance.now() + context.keepAliveSeconds * this.#settings.secondMs
    if (this.#settings.cursor === 'changing') context.turn += 1
  }

  /** Expired contexts are removed by a reaper that runs now and then. */
  #getReapTimeMs(expiresAtMs: number): number {
    const everyMs = this.#settings.reaperSeconds * this.#settings.secondMs
    if (everyMs === 0) return expiresAtMs
    return this.#startedAtMs + Math.ceil((expiresAtMs - this.#startedAtMs) / everyMs) * everyMs
  }
}
