// Keeps the values of one leaf as the buffers of Arrow. Source: https://arrow.apache.org/docs/format/Columnar.html
import { JsLeafBuilder } from '../../encode/typed/js-leaf-builder.js'
import type { LeafLevels } from '../../leaves/leaf-builder.js'
import {
  BOOLEAN_LEAF,
  JSON_LEAF,
  LARGE_DECIMAL_LEAF,
  BASE_COUNTED_BYTES,
  SMALL_DECIMAL_LEAF,
  STRING_LEAF,
  LONG_BYTES,
} from '../../leaves/leaf-kinds.js'
import { GrowingBuffer } from '../../shared/bytes/growing-buffer.js'

/** A growing list of bits, the lowest bit of a byte first. */
export class BitBuffer {
  readonly #bytes = new GrowingBuffer()
  #pending = 0
  length = 0
  ones = 0

  append(bit: boolean): void {
    const at = this.length++ % 8
    if (bit) {
      this.#pending |= 1 << at
      this.ones++
    }
    if (at === 7) this.#completeByte()
  }

  /** Returns the bytes. Until {@link clear}, no further bit may be appended. */
  finish(): Uint8Array {
    if (this.length % 8 !== 0) this.#completeByte()
    return this.#bytes.content
  }

  clear(): void {
    this.#bytes.clear()
    this.#pending = this.length = this.ones = 0
  }

  #completeByte(): void {
    this.#bytes.appendByte(this.#pending)
    this.#pending = 0
  }
}

/** The lowest definition level of an element of a list or a map. */
const ELEMENT_DEFINITION = 2

export class ArrowLeafBuilder extends JsLeafBuilder {
  /** The levels of each value; empty for a leaf that is a column. */
  readonly definitions = new GrowingBuffer()
  readonly repetitions = new GrowingBuffer()
  /** One bit per value: 1 if it is not null. */
  readonly validity = new BitBuffer()
  /** The values; booleans are in {@link bits}. */
  readonly values = new GrowingBuffer()
  readonly bits = new BitBuffer()
  /** The end of each text in the values, 32 bits each. */
  readonly offsets = new GrowingBuffer()
  /** The lowest definition level with a value or a null in the leaf. An empty list has neither. */
  readonly #minDefinitionOfEntry: number

  constructor(kind: number, levels: LeafLevels) {
    // in Arrow every decimal has 16 bytes
    super(kind === SMALL_DECIMAL_LEAF ? LARGE_DECIMAL_LEAF : kind, levels)
    this.#minDefinitionOfEntry = levels.repetition > 0 ? ELEMENT_DEFINITION : 0
    this.clear()
  }

  clear(): void {
    for (const buffer of [this.definitions, this.repetitions, this.validity, this.values, this.bits, this.offsets])
      buffer.clear()
    if (this.#isText) this.offsets.appendUint32(0)
  }

  putNullAtLevel(definition: number, repetition: number): void {
    this.#pushLevels(definition, repetition)
    if (definition < this.#minDefinitionOfEntry) return
    this.validity.append(false)
    if (this.#isText) this.offsets.appendUint32(this.values.length)
    else if (this.kind === BOOLEAN_LEAF) this.bits.append(false)
    else this.values.append(this.fixedValue.fill(0))
  }

  putString(value: string, repetition: number): number {
    this.#begin(repetition)
    const bytes = Buffer.from(value)
    this.values.append(bytes)
    this.offsets.appendUint32(this.values.length)
    return bytes.length + BASE_COUNTED_BYTES
  }

  putBoolean(value: boolean, repetition: number): number {
    this.#begin(repetition)
    this.bits.append(value)
    return BASE_COUNTED_BYTES
  }

  get #isText(): boolean {
    return this.kind === STRING_LEAF || this.kind === JSON_LEAF
  }

  protected putFixedValue(_value: unknown, repetition: number): number {
    this.#begin(repetition)
    this.values.append(this.fixedValue)
    return this.fixedValue.length
  }

  protected writeLargeDecimal(bytes: Buffer, value: bigint): void {
    bytes.writeBigInt64LE(BigInt.asIntN(64, value))
    bytes.writeBigInt64LE(value >> 64n, LONG_BYTES)
  }

  #begin(repetition: number): void {
    this.#pushLevels(this.levels.definition, repetition)
    this.validity.append(true)
  }

  #pushLevels(definition: number, repetition: number): void {
    if (this.levels.definition === 1) return
    this.definitions.appendByte(definition)
    this.repetitions.appendByte(repetition)
  }
}
