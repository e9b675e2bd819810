// The JavaScript side of the kernel that builds column chunks. Each Parquet file has its own instance and memory.
import { BlockKernel, type BlockExports } from '../common/block-kernel.js'
import { instantiate } from '../common/webassembly.js'
import { wasm } from './kernel-bytes.js'
import { MAP_ENTRY_WORDS, RESULT, STOPPED_MAP_ENTRY_OFFSET } from './kernel/chunk-kernel-memory.js'
import type { MapColumnEntries } from '../../leaves/leaf-builder.js'

type Pointer = number

/** Functions that append a value return its counted bytes. */
export interface ChunkKernelExports extends BlockExports {
  readonly createChunk: (id: number, kind: number, definition: number, repetition: number) => Pointer
  readonly reserveMapEntries: (count: number) => number
  readonly reserveMapKeys: (bytes: number) => number
  readonly putMaps: (keys: Pointer, values: Pointer, count: number, from: number, entry: number, to: number) => number
  readonly setNotations: (chunk: Pointer, notations: number) => void
  readonly reserveScratch: (bytes: number) => number
  readonly putSpans: (chunk: Pointer, slot: number, from: number, to: number) => number
  readonly putSpan: (chunk: Pointer, start: number, end: number, flags: number, repetition: number) => number
  readonly putText: (chunk: Pointer, at: number, length: number, repetition: number) => number
  readonly putLong: (chunk: Pointer, value: bigint, repetition: number) => number
  readonly putInteger: (chunk: Pointer, value: number, repetition: number) => number
  readonly putDouble: (chunk: Pointer, value: number, repetition: number) => number
  readonly putBit: (chunk: Pointer, value: boolean, repetition: number) => number
  readonly putNull: (chunk: Pointer, repetition: number) => number
  readonly putNullAtLevel: (chunk: Pointer, definition: number, repetition: number) => void
  readonly finish: (chunk: Pointer) => void
  readonly reset: (chunk: Pointer) => void
}

interface MapPosition {
  readonly record: number
  readonly entry: number
}

/** Receives a page before it is compressed. The bytes are valid until the function returns. */
type OnPage = (encoding: number, valueCount: number, bytes: Buffer) => void

/** Strings up to this length are written by a loop, which is faster than a call into Node. */
const ASCII_LOOP_MAX_UNITS = 24
/** For strings above this length the bytes are counted before memory is reserved, to reserve less. */
const BYTE_COUNT_MIN_UNITS = 4096

export function createChunkKernel(): ChunkKernel | undefined {
  const onPageById: OnPage[] = []
  const onPageClosed = (id: number, encoding: number, valueCount: number, at: number, length: number) =>
    onPageById[id]!(encoding, valueCount, kernel!.bytes.subarray(at, at + length))
  const exports = instantiate(wasm, { 'host-imports': { onPageClosed } }) as ChunkKernelExports | undefined
  const kernel = exports && new ChunkKernel(exports, onPageById)
  return kernel
}

export class ChunkKernel extends BlockKernel<ChunkKernelExports> {
  readonly #onPageById: OnPage[]
  #scratch = 0
  #scratchBytes = 0

  constructor(exports: ChunkKernelExports, onPageById: OnPage[]) {
    super(exports)
    this.#onPageById = onPageById
  }

  createChunk(kind: number, definition: number, repetition: number, onPage: OnPage): Pointer {
    return this.exports.createChunk(this.#onPageById.push(onPage) - 1, kind, definition, repetition)
  }

  readResult(resultOffset: number): number {
    return this.words[(RESULT + resultOffset) >> 2]!
  }

  /** Appends values of the loaded block. Returns the first record whose value the caller must read, or `to`. */
  putSpans(chunk: Pointer, slot: number, from: number, to: number): number {
    return this.firstRecord + this.exports.putSpans(chunk, slot, from - this.firstRecord, to - this.firstRecord)
  }

  setMapEntries({ keys, slots }: MapColumnEntries): void {
    const keysAt = this.exports.reserveMapKeys(keys.reduce((sum, { length }) => sum + length, 0))
    const entriesAt = this.exports.reserveMapEntries(keys.length) >> 2
    const { words, bytes } = this
    let start = 0
    for (const [entry, key] of keys.entries()) {
      words.set([slots[entry]!, start, key.length], entriesAt + entry * MAP_ENTRY_WORDS)
      bytes.set(key, keysAt + start)
      start += key.length
    }
  }

  /**
   * Appends the maps of records of the loaded block, from entry `entry` of the first record on. Returns the record and the entry of the
   * first value that the caller must read, or `to` and 0.
   */
  putMaps(keys: Pointer, values: Pointer, count: number, from: number, entry: number, to: number): MapPosition {
    const [fromInBlock, toInBlock] = [from - this.firstRecord, to - this.firstRecord]
    const record = this.firstRecord + this.exports.putMaps(keys, values, count, fromInBlock, entry, toInBlock)
    return { record, entry: record < to ? this.readResult(STOPPED_MAP_ENTRY_OFFSET) : 0 }
  }

  putString(chunk: Pointer, value: string, repetition: number): number {
    let length = this.#writeAscii(value)
    if (length < 0) {
      this.#reserve(value.length > BYTE_COUNT_MIN_UNITS ? Buffer.byteLength(value) : value.length * 3)
      length = this.bytes.write(value, this.#scratch)
    }
    return this.exports.putText(chunk, this.#scratch, length, repetition)
  }

  /** Returns the length, or -1 if the string is not short or not ASCII. */
  #writeAscii(value: string): number {
    if (value.length > ASCII_LOOP_MAX_UNITS) return -1
    this.#reserve(ASCII_LOOP_MAX_UNITS)
    const { bytes } = this
    for (let at = 0; at < value.length; at++) {
      const unit = value.charCodeAt(at)
      if (unit > 127) return -1
      bytes[this.#scratch + at] = unit
    }
    return value.length
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#scratchBytes) return
    this.#scratchBytes = Math.max(bytes, 2 * this.#scratchBytes)
    this.#scratch = this.exports.reserveScratch(this.#scratchBytes)
  }
}
