// Search contexts as Elasticsearch keeps them for a scroll. The trap they set: the cursor moves when a request is processed,
// not when its answer arrives, so a page whose answer is lost can never be asked for again (docs/server.md 3.3).
import { type Cursor, decodeCursor, encodeCursor } from './cursor.js'
import type { Run } from './pages.js'
import type { Settings } from './settings.js'

/** An open search. */
export interface SearchContext {
  /** From 1. */
  readonly search: number
  readonly size: number
  /** The records as they were at the first page. */
  readonly snapshot: Run
  /** What later answers say: `total` of the snapshot, or less after a `totalShrinks`. */
  total: number
  position: number
  /** Pages processed. */
  pages: number
  turn: number
  expiresAtMs: number
  last: Turn | undefined
}

/** A processed page. */
export interface Turn extends Run {
  /** From 1. */
  readonly page: number
}

const padBytes = { stable: 0, changing: 0, long: 3000, tooLong: 9000 } as const

export class SearchContexts {
  readonly #settings: Settings
  readonly #open = new Map<number, SearchContext>()
  #searches = 0
  #maxOpenSeen = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** How many are open now. */
  get size(): number {
    const now = performance.now()
    for (const [search, { expiresAtMs }] of this.#open) if (expiresAtMs <= now) this.#open.delete(search)
    return this.#open.size
  }

  get maxOpenSeen(): number {
    return this.#maxOpenSeen
  }

  /** Undefined when there are too many already. */
  open(snapshot: Run, size: number): SearchContext | undefined {
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
      last: undefined,
    }
    this.#open.set(context.search, context)
    this.#maxOpenSeen = Math.max(this.#maxOpenSeen, this.#open.size)
    return context
  }

  /** The search an id stands for, and its context if that is still open; undefined for garbage. */
  find(id: string): { cursor: Cursor; context: SearchContext | undefined } | undefined {
    const cursor = decodeCursor(id)
    if (!cursor || this.#text(cursor) !== id) return undefined
    const context = this.size > 0 ? this.#open.get(cursor.search) : undefined
    return { cursor, context: context?.turn === cursor.turn ? context : undefined }
  }

  /** Processes a request: the next page, and a new lease from now. */
  next(context: SearchContext, leaseSeconds: number): Turn {
    this.#renew(context, leaseSeconds)
    const { snapshot, size, position } = context
    const rows = Math.min(size, snapshot.rows - position)
    context.position += rows
    context.pages += 1
    context.last = { start: snapshot.start + position, rows, page: context.pages }
    return context.last
  }

  /** The page delivered last, once more; the cursor stays. A first request has none and is answered as usual. */
  again(context: SearchContext, leaseSeconds: number): Turn {
    if (!context.last) return this.next(context, leaseSeconds)
    this.#renew(context, leaseSeconds)
    return context.last
  }

  /** The id to answer with. */
  idOf({ search, turn }: SearchContext): string {
    return this.#text({ search, turn })
  }

  drop({ search }: SearchContext): void {
    this.#open.delete(search)
  }

  clear(): void {
    this.#open.clear()
  }

  #text(cursor: Cursor): string {
    return encodeCursor(cursor, padBytes[this.#settings.cursor])
  }

  #renew(context: SearchContext, leaseSeconds: number): void {
    context.expiresAtMs = performance.now() + leaseSeconds * this.#settings.secondMs
    if (this.#settings.cursor === 'changing') context.turn += 1
  }
}
