// Bytes of COPY's binary format. A field is its length as a 32-bit integer, then its bytes; all numbers are big-endian.

const INITIAL_BYTES = 512 * 1024

export class CopyBuffer {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Returns a copy of the bytes so far and empties the buffer. */
  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return bytes
  }

  writeBytes(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#length += bytes.copy(this.#bytes, this.#length)
  }

  writeInt16(value: number): void {
    this.#reserve(2)
    this.#length = this.#bytes.writeInt16BE(value, this.#length)
  }

  writeInt32(value: number): void {
    this.#reserve(4)
    this.#length = this.#bytes.writeInt32BE(value, this.#length)
  }

  /** @param version the byte that `jsonb` has before its text */
  writeTextField(text: string, version?: number): void {
    // a UTF-16 unit has at most three bytes in UTF-8
    this.#reserve(5 + text.length * 3)
    const start = this.#length + 4
    if (version !== undefined) this.#bytes[start] = version
    const textStart = version === undefined ? start : start + 1
    const end = textStart + this.#bytes.write(text, textStart)
    this.#bytes.writeInt32BE(end - start, this.#length)
    this.#length = end
  }

  writeInt64Field(value: bigint): void {
    this.writeInt32(8)
    this.#reserve(8)
    this.#length = this.#bytes.writeBigInt64BE(value, this.#length)
  }

  writeInt32Field(value: number): void {
    this.writeInt32(4)
    this.writeInt32(value)
  }

  /**
   * Writes the number of digits to the base 10,000, the weight of the first digit, the sign, the number of decimal digits after
   * the point, and the digits. Source: `numeric_send` in src/backend/utils/adt/numeric.c of PostgreSQL.
   */
  writeNumericField(unscaled: bigint, scale: number): void {
    const { digits, weight } = splitNumeric(unscaled < 0n ? -unscaled : unscaled, scale)
    this.writeInt32(8 + digits.length * 2)
    this.writeInt16(digits.length)
    this.writeInt16(weight)
    this.writeInt16(unscaled < 0n ? NEGATIVE : 0)
    this.writeInt16(scale)
    for (const digit of digits) this.writeInt16(digit)
  }

  writeDoubleField(value: number): void {
    this.writeInt32(8)
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleBE(value, this.#length)
  }

  writeBooleanField(value: boolean): void {
    this.writeInt32(1)
    this.#reserve(1)
    this.#bytes[this.#length++] = value ? 1 : 0
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

/** The sign of a negative `numeric`. */
const NEGATIVE = 0x4000
/** Decimal digits per base-10,000 digit of a `numeric`. */
const GROUP_DIGITS = 4

/** Returns the digits to the base 10,000, and the power of 10,000 by which the first digit is multiplied. */
function splitNumeric(
  unscaled: bigint,
  scale: number,
): { readonly digits: readonly number[]; readonly weight: number } {
  const fractionGroups = Math.ceil(scale / GROUP_DIGITS)
  const text = unscaled.toString() + '0'.repeat(fractionGroups * GROUP_DIGITS - scale)
  const groups = Math.ceil(text.length / GROUP_DIGITS)
  const padded = text.padStart(groups * GROUP_DIGITS, '0')
  const digits = Array.from({ length: groups }, (_, group) =>
    Number(padded.slice(group * GROUP_DIGITS, (group + 1) * GROUP_DIGITS)),
  )
  return { digits, weight: groups - fractionGroups - 1 }
}
