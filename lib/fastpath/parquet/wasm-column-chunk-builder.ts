// Builds column chunks with the kernel, which keeps the values as bytes. Each page is compressed as soon as it is complete.
import type { ChunkKernel } from './chunk-kernel.js'
import {
  COUNTED_BYTES_OFFSET,
  DICTIONARY_ADDRESS_OFFSET,
  DICTIONARY_BYTES_OFFSET,
  DICTIONARY_ENTRIES_OFFSET,
  MAX_ADDRESS_OFFSET,
  MAX_BYTES_OFFSET,
  MIN_ADDRESS_OFFSET,
  MIN_BYTES_OFFSET,
  NULL_COUNT_OFFSET,
  VALUE_COUNT_OFFSET,
} from './kernel/chunk-kernel-memory.js'
import type {
  Bounds,
  ColumnChunkBuilder,
  CompressedPage,
  Compressor,
  FinishedChunk,
} from '../../leaves/column-chunk-builder.js'
import { PLAIN } from '../../leaves/parquet-pages.js'
import type { AppendProgress, LeafBuilder, LeafLevels, MapColumnEntries } from '../../leaves/leaf-builder.js'

export class WasmColumnChunkBuilder implements ColumnChunkBuilder {
  readonly #kernel: ChunkKernel
  readonly pointer: number
  readonly #compress: Compressor
  #pages: CompressedPage[] = []

  constructor(kernel: ChunkKernel, kind: number, { definition, repetition }: LeafLevels, compress: Compressor) {
    this.#kernel = kernel
    this.#compress = compress
    this.pointer = kernel.createChunk(kind, definition, repetition, (encoding, valueCount, bytes) =>
      this.#pages.push(this.#createPage(encoding as CompressedPage['encoding'], valueCount, bytes)),
    )
  }

  putNullAtLevel(definition: number, repetition: number): void {
    this.#kernel.exports.putNullAtLevel(this.pointer, definition, repetition)
  }

  putNull(repetition: number): number {
    return this.#kernel.exports.putNull(this.pointer, repetition)
  }

  putString(value: string, repetition: number): number {
    return this.#kernel.putString(this.pointer, value, repetition)
  }

  putInteger(value: number, repetition: number): number {
    return this.#kernel.exports.putInteger(this.pointer, value, repetition)
  }

  putBigInt(value: bigint, repetition: number): number {
    return this.#kernel.exports.putLong(this.pointer, value, repetition)
  }

  putDouble(value: number, repetition: number): number {
    return this.#kernel.exports.putDouble(this.pointer, value, repetition)
  }

  putBoolean(value: boolean, repetition: number): number {
    return this.#kernel.exports.putBit(this.pointer, value, repetition)
  }

  setNotations(notations: number): void {
    this.#kernel.exports.setNotations(this.pointer, notations)
  }

  putSpan(source: Buffer, start: number, end: number, flags: number, repetition: number): number | undefined {
    if (!this.#kernel.hasBytes(source, start, end)) return undefined
    const countedBytes = this.#kernel.exports.putSpan(this.pointer, start, end, flags, repetition)
    return countedBytes < 0 ? undefined : countedBytes
  }

  putSpans(slot: number, from: number, to: number): AppendProgress {
    return {
      to: this.#kernel.putSpans(this.pointer, slot, from, to),
      bytes: this.#kernel.readResult(COUNTED_BYTES_OFFSET),
    }
  }

  putMaps(values: Pick<LeafBuilder, 'pointer'>, entries: MapColumnEntries, from: number, entry: number, to: number) {
    const kernel = this.#kernel
    kernel.setMapEntries(entries)
    const position = kernel.putMaps(this.pointer, values.pointer!, entries.keys.length, from, entry, to)
    return { to: position.record, entry: position.entry, bytes: kernel.readResult(COUNTED_BYTES_OFFSET) }
  }

  finish(): FinishedChunk {
    const kernel = this.#kernel
    kernel.exports.finish(this.pointer)
    const entries = kernel.readResult(DICTIONARY_ENTRIES_OFFSET)
    const chunk = {
      valueCount: kernel.readResult(VALUE_COUNT_OFFSET),
      nullCount: kernel.readResult(NULL_COUNT_OFFSET),
      dictionary:
        entries > 0
          ? this.#createPage(PLAIN, entries, this.#readBytes(DICTIONARY_ADDRESS_OFFSET, DICTIONARY_BYTES_OFFSET))
          : undefined,
      pages: this.#pages,
      bounds: this.#readBounds(),
    }
    this.#pages = []
    kernel.exports.reset(this.pointer)
    return chunk
  }

  #readBounds(): Bounds | undefined {
    if (this.#kernel.readResult(MIN_BYTES_OFFSET) < 0) return undefined
    return {
      min: new Uint8Array(this.#readBytes(MIN_ADDRESS_OFFSET, MIN_BYTES_OFFSET)),
      max: new Uint8Array(this.#readBytes(MAX_ADDRESS_OFFSET, MAX_BYTES_OFFSET)),
    }
  }

  #readBytes(addressOffset: number, bytesOffset: number): Buffer {
    const at = this.#kernel.readResult(addressOffset)
    return this.#kernel.bytes.subarray(at, at + this.#kernel.readResult(bytesOffset))
  }

  #createPage(encoding: CompressedPage['encoding'], valueCount: number, uncompressed: Buffer): CompressedPage {
    return { encoding, valueCount, uncompressedSize: uncompressed.length, bytes: this.#compress(uncompressed) }
  }
}
