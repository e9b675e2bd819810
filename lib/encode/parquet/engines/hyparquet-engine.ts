// Writes a Parquet file: emits the pages of each column chunk, and keeps the metadata of the chunks as bytes until the footer.
import type { RecordSpans } from '../../../spans/record-spans.js'
import { TimeSlicer } from '../../time-slicer.js'
import type { Emit } from '../../format.js'
import { GrowingBuffer } from '../../../shared/bytes/growing-buffer.js'
import { createChunkKernel, type ChunkKernel } from '../../../fastpath/parquet/chunk-kernel.js'
import type { ColumnChunkBuilder, Compressor } from '../../../leaves/column-chunk-builder.js'
import type { LeafLevels } from '../../../leaves/leaf-builder.js'
import { DATE_LEAF, INT64_LEAF, LARGE_DECIMAL_LEAF, SMALL_DECIMAL_LEAF } from '../../../leaves/leaf-kinds.js'
import { WasmColumnChunkBuilder } from '../../../fastpath/parquet/wasm-column-chunk-builder.js'
import type { TypedColumn } from '../../typed/decide-column-type.js'
import { JsColumnChunkBuilder } from '../bytes/js-column-chunk-builder.js'
import type { ColumnEngine, GetMetadata } from '../../typed/column-engine.js'
import { listLeaves, createSchema, type SchemaLeaf } from '../bytes/hyparquet-schema.js'
import * as hyparquet from '../bytes/hyparquet-library.js'
import type { NodeWriter } from '../../typed/node-writer.js'
import { createColumnWriter } from '../../typed/create-column-writer.js'
import { formatCreatedBy } from '../../../shared/package-version.js'

const MAGIC = Buffer.from('PAR1')
const CREATED_BY = formatCreatedBy('hyparquet-writer')

const OUTPUT_BUFFER_BYTES = 64 * 1024

export interface LoadedCodec {
  readonly id: number
  readonly compress: Compressor
}

/** The kernel keeps small decimals as int64, and has neither days nor large decimals. */
function createChunkBuilder(
  kernel: ChunkKernel | undefined,
  kind: number,
  levels: LeafLevels,
  compress: Compressor,
): ColumnChunkBuilder {
  if (!kernel || kind === DATE_LEAF || kind === LARGE_DECIMAL_LEAF)
    return new JsColumnChunkBuilder(kind, levels, compress)
  return new WasmColumnChunkBuilder(kernel, kind === SMALL_DECIMAL_LEAF ? INT64_LEAF : kind, levels, compress)
}

export class HyparquetEngine implements ColumnEngine {
  readonly columnWriters: readonly NodeWriter[]
  readonly spanColumnWriters: readonly NodeWriter[]
  readonly #kernel: ChunkKernel | undefined = createChunkKernel()
  readonly #columns: readonly TypedColumn[]
  readonly #codecId: number
  readonly #emit: Emit
  readonly #getMetadata: GetMetadata
  readonly #chunkBuilders: readonly ColumnChunkBuilder[]
  readonly #leaves: readonly SchemaLeaf[]
  /** The metadata of the first row groups, for the footer. `#metadata` has the metadata of the row groups after them. */
  readonly #storedMetadata: Buffer[] = []
  readonly #metadata = new GrowingBuffer()
  readonly #timeSlicer = new TimeSlicer()
  #output = new GrowingBuffer(OUTPUT_BUFFER_BYTES)
  #offset = 0
  #rows = 0
  #groupCount = 0

  constructor({ id, compress }: LoadedCodec, columns: readonly TypedColumn[], emit: Emit, getMetadata: GetMetadata) {
    const chunkBuilders: ColumnChunkBuilder[] = []
    const createBuilder = (kind: number, levels: LeafLevels) => {
      const builder = createChunkBuilder(this.#kernel, kind, levels, compress)
      chunkBuilders.push(builder)
      return builder
    }
    this.columnWriters = columns.map((column) => createColumnWriter(column, createBuilder))
    this.spanColumnWriters = this.columnWriters
    this.#columns = columns
    this.#codecId = id
    this.#emit = emit
    this.#getMetadata = getMetadata
    this.#chunkBuilders = chunkBuilders
    this.#leaves = listLeaves(columns)
    this.#append(MAGIC)
  }

  loadBlock(spans: RecordSpans, from: number, to: number): number {
    return this.#kernel ? this.#kernel.loadBlock(spans, from, to) : to
  }

  async writeGroup(rows: number): Promise<void> {
    const start = this.#offset
    let uncompressedSize = 0
    this.#metadata.append(hyparquet.encodeGroupStart(this.#chunkBuilders.length))
    for (const [index, chunkBuilder] of this.#chunkBuilders.entries()) {
      uncompressedSize += this.#writeChunk(chunkBuilder, this.#leaves[index]!)
      if (this.#output.length >= OUTPUT_BUFFER_BYTES) await this.#flush()
      await this.#timeSlicer.yieldIfDue()
    }
    this.#metadata.append(hyparquet.encodeGroupEnd(rows, uncompressedSize, this.#offset - start))
    this.#rows += rows
    this.#groupCount++
    this.#storeMetadata()
    await this.#flush()
  }

  async finish(): Promise<void> {
    // Arrow's Rust reader refuses an empty list of row groups that has no element type
    if (this.#groupCount === 0) await this.writeGroup(0)
    const start = this.#offset
    this.#append(hyparquet.encodeFooterStart(createSchema(this.#columns), this.#rows, this.#groupCount))
    for (const group of [...this.#storedMetadata, this.#metadata.content]) {
      this.#append(group)
      await this.#flush()
    }
    this.#append(hyparquet.encodeFooterEnd(this.#getMetadata(), CREATED_BY, this.#chunkBuilders.length))
    this.#output.appendUint32(this.#offset - start)
    this.#append(MAGIC)
    await this.#flush()
  }

  /** Returns the size of the chunk before compression. */
  #writeChunk(chunkBuilder: ColumnChunkBuilder, leaf: SchemaLeaf): number {
    const chunk = chunkBuilder.finish()
    const start = this.#offset
    let uncompressedSize = 0
    if (chunk.dictionary)
      uncompressedSize += this.#writePage(hyparquet.encodeDictionaryPageHeader(chunk.dictionary), chunk.dictionary)
    const dataStart = this.#offset
    for (const page of chunk.pages) uncompressedSize += this.#writePage(hyparquet.encodeDataPageHeader(page), page)
    const position = { start, dataStart, end: this.#offset, uncompressedSize }
    this.#metadata.append(hyparquet.encodeChunkMetadata(chunk, leaf, position, this.#codecId))
    return uncompressedSize
  }

  #writePage(header: Uint8Array, { bytes, uncompressedSize }: { bytes: Uint8Array; uncompressedSize: number }): number {
    this.#append(header)
    this.#append(bytes)
    return header.length + uncompressedSize
  }

  #append(bytes: Uint8Array): void {
    this.#output.append(bytes)
    this.#offset += bytes.length
  }

  /** Stores a copy of the metadata if it is large, so that the buffer does not grow further. */
  #storeMetadata(): void {
    if (this.#metadata.length < 2 ** 20) return
    this.#storedMetadata.push(Buffer.from(this.#metadata.content))
    this.#metadata.clear()
  }

  /** Emits the collected bytes. The reader of the stream may read them later, so the next bytes get another buffer. */
  async #flush(): Promise<void> {
    const { content } = this.#output
    this.#output = new GrowingBuffer(OUTPUT_BUFFER_BYTES)
    await this.#emit(content)
  }
}
