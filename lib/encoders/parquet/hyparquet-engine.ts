// A Parquet file from chunks: pages go out as they are, what readers need to find them is kept as bytes until the footer.
import type { RecordSpans } from '../../scan/record-spans.js'
import { Breath } from '../breath.js'
import type { Emit } from '../format.js'
import { ByteBuffer } from './byte-buffer.js'
import { ChunkKernel } from './chunk-kernel.js'
import type { TypedColumn } from './column-types.js'
import { compressorOf, type Codec } from './compression.js'
import type { OpenEngine, ParquetEngine } from './engine.js'
import { leavesOf, schemaOf, type LeafPlace } from './hyparquet-schema.js'
import * as thrift from './hyparquet-thrift.js'
import type { LeafChunk } from './leaf-chunk.js'
import { Leaves } from './leaves.js'
import type { Part } from './part.js'
import { partOf } from './parts.js'
import { createdBy } from './version.js'

const MAGIC = Buffer.from('PAR1')
const CREATED_BY = createdBy('hyparquet-writer')

/** Bytes that are gathered before they go out. */
const GATHERED = 64 * 1024

/** Begins a file whose metadata hyparquet-writer writes. */
export const openHyparquet: OpenEngine = (columns, codec, emit) => new HyparquetEngine(columns, codec, emit)

class HyparquetEngine implements ParquetEngine {
  readonly builders: readonly Part[]
  readonly spanBuilders: readonly Part[]
  readonly #kernel = new ChunkKernel()
  readonly #columns: readonly TypedColumn[]
  readonly #codec: Codec
  readonly #emit: Emit
  readonly #chunks: readonly LeafChunk[]
  readonly #places: readonly LeafPlace[]
  /** What the footer will say of the row groups written. */
  readonly #groups: Buffer[] = []
  readonly #group = new ByteBuffer()
  readonly #breath = new Breath()
  #output = new ByteBuffer(GATHERED)
  #offset = 0
  #rows = 0
  #groupCount = 0

  constructor(columns: readonly TypedColumn[], codec: Codec, emit: Emit) {
    const leaves = new Leaves(this.#kernel, compressorOf(codec))
    this.builders = columns.map((column) => partOf(column, leaves))
    this.spanBuilders = this.builders
    this.#columns = columns
    this.#codec = codec
    this.#emit = emit
    this.#chunks = this.builders.flatMap(({ chunks }) => chunks)
    this.#places = leavesOf(columns)
    this.#append(MAGIC)
  }

  show(spans: RecordSpans, from: number, to: number): number {
    return this.#kernel.show(spans, from, to)
  }

  async writeGroup(rows: number): Promise<void> {
    const start = this.#offset
    let rawBytes = 0
    this.#group.append(thrift.groupHead(this.#chunks.length))
    for (const [at, chunk] of this.#chunks.entries()) {
      rawBytes += this.#writeChunk(chunk, this.#places[at]!)
      if (this.#output.length >= GATHERED) await this.#flush()
      await this.#breath.pause()
    }
    this.#group.append(thrift.groupTail(rows, rawBytes, this.#offset - start))
    this.#rows += rows
    this.#groupCount++
    this.#setAside()
    await this.#flush()
  }

  async finish(metadata: Readonly<Record<string, string>>): Promise<void> {
    // readers built on Arrow for Rust refuse an empty list of row groups that does not say it is one of structs
    if (this.#groupCount === 0) await this.writeGroup(0)
    const start = this.#offset
    this.#append(thrift.footerHead(schemaOf(this.#columns), this.#rows, this.#groupCount))
    for (const group of [...this.#groups, this.#group.content]) {
      this.#append(group)
      await this.#flush()
    }
    this.#append(thrift.footerTail(metadata, CREATED_BY, this.#chunks.length))
    this.#output.appendUint32(this.#offset - start)
    this.#append(MAGIC)
    await this.#flush()
  }

  /** Returns the bytes of the chunk before compression. */
  #writeChunk(builder: LeafChunk, place: LeafPlace): number {
    const chunk = builder.finish()
    const start = this.#offset
    let rawBytes = 0
    if (chunk.dictionary) rawBytes += this.#writePage(thrift.dictionaryPageHeader(chunk.dictionary), chunk.dictionary)
    const dataStart = this.#offset
    for (const page of chunk.pages) rawBytes += this.#writePage(thrift.dataPageHeader(page), page)
    const where = { start, dataStart, end: this.#offset, rawBytes }
    this.#group.append(thrift.chunkMetadata(chunk, place, where, this.#codec))
    return rawBytes
  }

  #writePage(header: Uint8Array, { bytes, rawBytes }: { bytes: Uint8Array; rawBytes: number }): number {
    this.#append(header)
    this.#append(bytes)
    return header.length + rawBytes
  }

  #append(bytes: Uint8Array): void {
    this.#output.append(bytes)
    this.#offset += bytes.length
  }

  /** Metadata of so many row groups that a larger buffer would be a burden. */
  #setAside(): void {
    if (this.#group.length < 2 ** 20) return
    this.#groups.push(Buffer.from(this.#group.content))
    this.#group.clear()
  }

  /** The stream keeps the bytes until they are read, so the next ones need another buffer. */
  async #flush(): Promise<void> {
    const { content } = this.#output
    this.#output = new ByteBuffer(GATHERED)
    await this.#emit(content)
  }
}
