// The common part of the builders of leaves in JavaScript. An integer or a double becomes a value of a fixed size.
import type { LeafBuilder, LeafLevels } from '../../leaves/leaf-builder.js'
import { DATE_LEAF, LARGE_DECIMAL_LEAF, LONG_BYTES, BASE_COUNTED_BYTES } from '../../leaves/leaf-kinds.js'
import { DECIMAL_BYTES } from '../../schema/types/column-type.js'

export abstract class JsLeafBuilder implements LeafBuilder {
  protected readonly kind: number
  protected readonly levels: LeafLevels
  /** The bytes of the integer or the double that is appended next. */
  protected readonly fixedValue: Buffer

  /** @param kind a number of `leaves/leaf-kinds.ts` */
  constructor(kind: number, levels: LeafLevels) {
    this.kind = kind
    this.levels = levels
    this.fixedValue = Buffer.alloc(getValueBytes(kind))
  }

  abstract putNullAtLevel(definition: number, repetition: number): void
  abstract putString(value: string, repetition: number): number
  abstract putBoolean(value: boolean, repetition: number): number
  /** Appends {@link fixedValue}, which has the bytes of `value`. */
  protected abstract putFixedValue(value: bigint | number, repetition: number): number
  protected abstract writeLargeDecimal(bytes: Buffer, value: bigint): void

  putNull(repetition: number): number {
    this.putNullAtLevel(this.levels.definition - 1, repetition)
    return BASE_COUNTED_BYTES
  }

  putInteger(value: number, repetition: number): number {
    return this.putBigInt(BigInt(value), repetition)
  }

  putBigInt(value: bigint, repetition: number): number {
    this.writeInteger(this.fixedValue, value)
    return this.putFixedValue(value, repetition)
  }

  putDouble(value: number, repetition: number): number {
    this.fixedValue.writeDoubleLE(value)
    return this.putFixedValue(value, repetition)
  }

  protected writeInteger(bytes: Buffer, value: bigint): void {
    if (this.kind === DATE_LEAF) bytes.writeInt32LE(Number(value))
    else if (this.kind === LARGE_DECIMAL_LEAF) this.writeLargeDecimal(bytes, value)
    else bytes.writeBigInt64LE(value)
  }
}

/** Returns the bytes of an integer, a time or a double. For texts and booleans the result is not used. */
function getValueBytes(kind: number): number {
  if (kind === DATE_LEAF) return 4
  return kind === LARGE_DECIMAL_LEAF ? DECIMAL_BYTES : LONG_BYTES
}
