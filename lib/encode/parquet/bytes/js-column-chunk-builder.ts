// Builds column chunks in JavaScript: of the kinds that the kernel does not have, and of all kinds if the fast path is off or unavailable.
// The chunks have the same values, counts and bounds as the chunks of the kernel, but no dictionary.
import type {
  Bounds,
  ColumnChunkBuilder,
  CompressedPage,
  Compressor,
  FinishedChunk,
} from '../../../leaves/column-chunk-builder.js'
import { KEPT_TEXT_BYTES, MAX_PAGE_BYTES, MAX_PAGE_VALUES, PLAIN } from '../../../leaves/parquet-pages.js'
import type { LeafLevels } from '../../../leaves/leaf-builder.js'
import { DOUBLE_LEAF, JSON_LEAF, BASE_COUNTED_BYTES, LONG_BYTES } from '../../../leaves/leaf-kinds.js'
import { GrowingBuffer } from '../../../shared/bytes/growing-buffer.js'
import { JsLeafBuilder } from '../../typed/js-leaf-builder.js'
import { encodeLevels } from './hyparquet-library.js'

/** A value that is compared with `<`, or byte by byte if it is a Buffer. */
type Comparable = bigint | number | Buffer

export class JsColumnChunkBuilder extends JsLeafBuilder implements ColumnChunkBuilder {
  readonly #compress: Compressor
  readonly #plainValues = new GrowingBuffer()
  readonly #definitions = new GrowingBuffer()
  readonly #repetitions = new GrowingBuffer()
  #pendingBits = 0
  #bitCount = 0
  #pages: CompressedPage[] = []
  #valueCount = 0
  #nullCount = 0
  #min: Comparable | undefined
  #max: Comparable | undefined
  #hasNaN = false

  constructor(kind: number, levels: LeafLevels, compress: Compressor) {
    super(kind, levels)
    this.#compress = compress
  }

  putNullAtLevel(definition: number, repetition: number): void {
    this.#pushLevels(definition, repetition)
    this.#nullCount++
  }

  putString(value: string, repetition: number): number {
    this.#pushLevels(this.levels.definition, repetition)
    const bytes = Buffer.from(value)
    this.#plainValues.appendUint32(bytes.length)
    this.#plainValues.append(bytes)
    if (this.kind !== JSON_LEAF) this.#updateBounds(bytes.subarray(0, KEPT_TEXT_BYTES))
    return bytes.length + BASE_COUNTED_BYTES
  }

  putBoolean(value: boolean, repetition: number): number {
    this.#pushLevels(this.levels.definition, repetition)
    this.#updateBounds(Number(value))
    this.#pendingBits |= Number(value) << this.#bitCount
    if (++this.#bitCount === 8) this.#appendPendingBits()
    return BASE_COUNTED_BYTES
  }

  finish(): FinishedChunk {
    if (this.#definitions.length > 0) this.#closePage()
    const chunk = {
      valueCount: this.#valueCount,
      nullCount: this.#nullCount,
      dictionary: undefined,
      pages: this.#pages,
      bounds: this.#encodeBounds(),
    }
    this.#pages = []
    this.#valueCount = this.#nullCount = 0
    this.#min = this.#max = undefined
    this.#hasNaN = false
    return chunk
  }

  protected putFixedValue(value: bigint | number, repetition: number): number {
    this.#pushLevels(this.levels.definition, repetition)
    this.#plainValues.append(this.fixedValue)
    this.#updateBounds(value)
    return this.fixedValue.length
  }

  protected writeLargeDecimal(bytes: Buffer, value: bigint): void {
    bytes.writeBigInt64BE(value >> 64n)
    bytes.writeBigUInt64BE(BigInt.asUintN(64, value), LONG_BYTES)
  }

  /** Appends the levels of a value, before the value itself. Closes a full page first, but only between two rows. */
  #pushLevels(definition: number, repetition: number): void {
    const isFull = this.#definitions.length >= MAX_PAGE_VALUES || this.#plainValues.length >= MAX_PAGE_BYTES
    if (isFull && repetition === 0) this.#closePage()
    this.#definitions.appendByte(definition)
    if (this.levels.repetition > 0) this.#repetitions.appendByte(repetition)
  }

  #closePage(): void {
    this.#appendPendingBits()
    const body = new GrowingBuffer(this.#plainValues.length + this.#definitions.length)
    appendLevels(body, this.#repetitions, this.levels.repetition)
    appendLevels(body, this.#definitions, this.levels.definition)
    body.append(this.#plainValues.content)
    const valueCount = this.#definitions.length
    this.#pages.push({
      encoding: PLAIN,
      valueCount,
      uncompressedSize: body.length,
      bytes: this.#compress(body.content),
    })
    this.#valueCount += valueCount
    this.#plainValues.clear()
    this.#definitions.clear()
    this.#repetitions.clear()
  }

  #appendPendingBits(): void {
    if (this.#bitCount > 0) this.#plainValues.appendByte(this.#pendingBits)
    this.#pendingBits = this.#bitCount = 0
  }

  #updateBounds(value: Comparable): void {
    if (Number.isNaN(value)) this.#hasNaN = true
    if (this.#min === undefined || isBefore(value, this.#min)) this.#min = copy(value)
    if (this.#max === undefined || isBefore(this.#max, value)) this.#max = copy(value)
  }

  /** A chunk with a NaN has no bounds, because readers order NaN differently. A bound of zero has the sign that includes both zeros. */
  #encodeBounds(): Bounds | undefined {
    if (this.#min === undefined || this.#hasNaN) return undefined
    return { min: this.#encodeBound(this.#min, -0), max: this.#encodeBound(this.#max!, 0) }
  }

  #encodeBound(value: Comparable, zero: number): Uint8Array {
    if (typeof value === 'object') return value
    const bytes = Buffer.alloc(this.fixedValue.length)
    if (typeof value === 'bigint') this.writeInteger(bytes, value)
    else if (this.kind === DOUBLE_LEAF) bytes.writeDoubleLE(value === 0 ? zero : value)
    else return Uint8Array.of(value)
    return bytes
  }
}

function appendLevels(body: GrowingBuffer, levels: GrowingBuffer, highest: number): void {
  if (highest === 0) return
  const bytes = encodeLevels(levels.content, highest)
  body.appendUint32(bytes.length)
  body.append(bytes)
}

/** Copies bytes, so that a bound does not keep a long text in memory. */
const copy = (value: Comparable): Comparable => (typeof value === 'object' ? Buffer.from(value) : value)

const isBefore = (one: Comparable, other: Comparable): boolean =>
  typeof one === 'object' ? one.compare(other as Buffer) < 0 : one < (other as number)
