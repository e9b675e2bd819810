// The values of one leaf while a row group is open, as bytes: levels, indexes or plain values of the page at hand, and the
// pages that are full, compressed. What a page costs is paid when it is full, not when the group ends.
import { ByteBuffer } from './byte-buffer.js'
import type { Compress } from './compression.js'
import type { Dictionary } from './dictionary.js'
import { appendHybrid, bitWidth } from './hybrid.js'
import { PLAIN, RLE_DICTIONARY, type Bounds, type Chunk, type Page } from './page.js'

const PAGE_BYTES = 2 ** 20
const PAGE_VALUES = 2 ** 18
/** After a dictionary that did not pay, so many chunks have none: what its values cost twice is saved, and data may change. */
const CHUNKS_WITHOUT = 7

/** Where a leaf is in its column. */
export interface LeafLevels {
  /** The definition level of a value that is there. */
  readonly definition: number
  /** 0 where a row has at most one value. */
  readonly repetition: number
}

/** Bytes of a page before compression; one page is made at a time. */
const body = new ByteBuffer(1024)

/** The chunk of one leaf, over and over. */
export abstract class ChunkBuilder {
  readonly levels: LeafLevels
  protected readonly plain = new ByteBuffer()
  /** What values are looked up in. */
  protected readonly dictionary: Dictionary | undefined
  /** Whether values go into the dictionary. */
  protected isIndexing: boolean
  /** Chunks to come that do without a dictionary, since it did not pay in the last that had one. */
  #plainChunks = 0
  readonly #compress: Compress
  #definitions = new Uint8Array(32)
  #repetitions: Uint8Array<ArrayBuffer>
  /** Values in the open page, nulls included. */
  #count = 0
  #values = 0
  #nulls = 0
  #pages: Page[] = []

  constructor(levels: LeafLevels, compress: Compress, dictionary?: Dictionary) {
    this.levels = levels
    this.dictionary = dictionary
    this.isIndexing = dictionary !== undefined
    this.#compress = compress
    this.#repetitions = new Uint8Array(levels.repetition > 0 ? 32 : 0)
  }

  /** Appends a missing value: up to this definition level there is something. */
  none(definition: number, repetition: number): void {
    this.level(definition, repetition)
    this.#nulls++
  }

  /** Ends the chunk and starts the next; its pages may be kept, its bounds are good until then. */
  finish(): Chunk {
    if (this.isIndexing && !this.#hasIndexedPages && !this.dictionary!.pays) this.giveUpDictionary()
    if (this.#count > 0) this.#closePage()
    const chunk = {
      values: this.#values,
      nulls: this.#nulls,
      dictionary: this.#hasIndexedPages ? this.#dictionaryPage(this.dictionary!) : undefined,
      pages: this.#pages,
      bounds: this.takeBounds(),
    }
    this.#values = this.#nulls = 0
    this.#pages = []
    this.dictionary?.clear()
    this.isIndexing = this.dictionary !== undefined && this.#plainChunks === 0
    if (this.#plainChunks > 0) this.#plainChunks--
    if (this.#definitions.length > Math.max(32, chunk.values) * 4) this.#resizeLevels(32)
    return chunk
  }

  protected abstract takeBounds(): Bounds | undefined

  /** Comes before the value; a page ends where a row does. */
  protected level(definition: number, repetition: number): void {
    if (repetition === 0 && (this.#count >= PAGE_VALUES || this.plain.length >= PAGE_BYTES)) this.#closePage()
    const at = this.#count++
    if (at === this.#definitions.length) this.#resizeLevels(at * 2)
    this.#definitions[at] = definition
    if (this.levels.repetition > 0) this.#repetitions[at] = repetition
  }

  /** The dictionary does not pay: the values of the open page become plain, in as many pages as they fill. */
  protected giveUpDictionary(): void {
    const { entries, starts, index } = this.dictionary!
    const count = this.#count
    let value = 0
    this.isIndexing = false
    this.#plainChunks = CHUNKS_WITHOUT
    this.#count = 0
    for (let at = 0; at < count; at++) {
      const definition = this.#definitions[at]!
      this.level(definition, this.#repetitions[at] ?? 0)
      if (definition < this.levels.definition) continue
      const entry = index[value++]!
      this.plain.append(entries.bytes, starts[entry], starts[entry + 1])
    }
  }

  /** Brings what is not yet among the plain values there. */
  protected completePlain(): void {
    // most values are whole bytes
  }

  get #hasIndexedPages(): boolean {
    return this.#pages.some(({ encoding }) => encoding === RLE_DICTIONARY)
  }

  #closePage(): void {
    body.clear()
    this.#appendLevels(this.#repetitions, this.levels.repetition)
    this.#appendLevels(this.#definitions, this.levels.definition)
    if (this.isIndexing) this.#appendIndexes(this.dictionary!)
    else {
      this.completePlain()
      body.append(this.plain.content)
      this.plain.clear()
    }
    this.#pages.push(this.#page(this.isIndexing ? RLE_DICTIONARY : PLAIN, this.#count, body.content))
    this.#values += this.#count
    this.#count = 0
  }

  #appendLevels(levels: Uint8Array, most: number): void {
    if (most === 0) return
    const start = body.length
    body.appendUint32(0)
    appendHybrid(body, levels, this.#count, bitWidth(most))
    body.bytes.writeUInt32LE(body.length - start - 4, start)
  }

  #appendIndexes(dictionary: Dictionary): void {
    body.appendByte(dictionary.width)
    appendHybrid(body, dictionary.index, dictionary.indexed, dictionary.width)
    dictionary.indexed = 0
  }

  #dictionaryPage({ entries, size }: Dictionary): Page {
    return this.#page(PLAIN, size, entries.content)
  }

  #page(encoding: Page['encoding'], values: number, raw: Buffer): Page {
    return { encoding, values, rawBytes: raw.length, bytes: this.#compress(raw) }
  }

  #resizeLevels(length: number): void {
    this.#definitions = resized(this.#definitions, length)
    if (this.levels.repetition > 0) this.#repetitions = resized(this.#repetitions, length)
  }
}

function resized(levels: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const fresh = new Uint8Array(length)
  fresh.set(levels.subarray(0, length))
  return fresh
}
