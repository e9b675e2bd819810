// The values of one leaf while a row group is open, kept by the kernel as bytes; its pages are compressed when they are full.
import type { ChunkKernel } from './chunk-kernel.js'
import type { Compress } from './compression.js'
import {
  COUNTED,
  ENTRIES,
  ENTRY_BYTES,
  ENTRY_COUNT,
  MAX,
  MAX_BYTES,
  MIN,
  MIN_BYTES,
  NULLS,
  PLAIN,
  VALUES,
} from './kernel/memory.js'
import type { Bounds, Chunk, Page } from './page.js'

/** Where a leaf is in its column. */
export interface LeafLevels {
  /** The definition level of a value that is there. */
  readonly definition: number
  /** 0 where a row has at most one value. */
  readonly repetition: number
}

/** What was appended of a block. */
export interface Appended {
  /** The first record that was not. */
  readonly to: number
  /** What the values count for. */
  readonly bytes: number
}

/** The chunk of one leaf, over and over. Its methods return what a value counts for in a row group. */
export class LeafChunk {
  readonly #kernel: ChunkKernel
  readonly #chunk: number
  readonly #compress: Compress
  #pages: Page[] = []

  /** @param kind what its values are, see `kernel/memory.ts` */
  constructor(kernel: ChunkKernel, kind: number, { definition, repetition }: LeafLevels, compress: Compress) {
    this.#kernel = kernel
    this.#compress = compress
    this.#chunk = kernel.newChunk(kind, definition, repetition, (encoding, values, bytes) =>
      this.#pages.push(this.#page(encoding as Page['encoding'], values, bytes)),
    )
  }

  /** Appends a missing value: up to this definition level there is something. */
  none(definition: number, repetition: number): void {
    this.#kernel.exports.putNone(this.#chunk, definition, repetition)
  }

  /** The same where all around the value is there. */
  missing(repetition: number): number {
    return this.#kernel.exports.putMissing(this.#chunk, repetition)
  }

  putString(value: string, repetition: number): number {
    return this.#kernel.putString(this.#chunk, value, repetition)
  }

  putInteger(value: number, repetition: number): number {
    return this.#kernel.exports.putInteger(this.#chunk, value, repetition)
  }

  putBigInt(value: bigint, repetition: number): number {
    return this.#kernel.exports.putLong(this.#chunk, value, repetition)
  }

  putDouble(value: number, repetition: number): number {
    return this.#kernel.exports.putDouble(this.#chunk, value, repetition)
  }

  putBoolean(value: boolean, repetition: number): number {
    return this.#kernel.exports.putBit(this.#chunk, value, repetition)
  }

  /** Appends the value of a span if its bytes tell it; undefined where only its value can. */
  putSpan(page: Buffer, start: number, end: number, flags: number, repetition: number): number | undefined {
    if (!this.#kernel.shows(page, start, end)) return undefined
    const counted = this.#kernel.exports.putSpan(this.#chunk, start, end, flags, repetition)
    return counted < 0 ? undefined : counted
  }

  /** Appends values of the block at hand, as far as their bytes tell them. */
  putSpans(slot: number, from: number, to: number): Appended {
    return { to: this.#kernel.putSpans(this.#chunk, slot, from, to), bytes: this.#kernel.reported(COUNTED) }
  }

  /** Ends the chunk and starts the next. */
  finish(): Chunk {
    const kernel = this.#kernel
    kernel.exports.finish(this.#chunk)
    const entries = kernel.reported(ENTRY_COUNT)
    const chunk = {
      values: kernel.reported(VALUES),
      nulls: kernel.reported(NULLS),
      dictionary: entries > 0 ? this.#page(PLAIN, entries, this.#reportedBytes(ENTRIES, ENTRY_BYTES)) : undefined,
      pages: this.#pages,
      bounds: this.#bounds(),
    }
    this.#pages = []
    kernel.exports.restart(this.#chunk)
    return chunk
  }

  #bounds(): Bounds | undefined {
    if (this.#kernel.reported(MIN_BYTES) < 0) return undefined
    return {
      min: new Uint8Array(this.#reportedBytes(MIN, MIN_BYTES)),
      max: new Uint8Array(this.#reportedBytes(MAX, MAX_BYTES)),
    }
  }

  #reportedBytes(place: number, length: number): Buffer {
    const at = this.#kernel.reported(place)
    return this.#kernel.bytes.subarray(at, at + this.#kernel.reported(length))
  }

  #page(encoding: Page['encoding'], values: number, raw: Buffer): Page {
    return { encoding, values, rawBytes: raw.length, bytes: this.#compress(raw) }
  }
}
