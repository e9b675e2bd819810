// Parses and formats exact numbers, without rounding.
import type { DecimalSize } from './column-type.js'

const NUMBER_PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * Returns a decimal number without its point: 1250n for `12.5` and scale 2. Returns undefined if the text is not a number, or if it has too
 * many digits. Zeros at the start of the number, or at the end of its fraction, do not count.
 */
export function parseDecimal(text: string, { precision, scale }: DecimalSize): bigint | undefined {
  const match = NUMBER_PATTERN.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return whole + fraction === '' ? undefined : 0n
  const zeros = scale + Number(exponent) - fraction.length
  const shifted =
    zeros >= 0 ? digits.padEnd(Math.min(digits.length + zeros, precision + 1), '0') : cutZeros(digits, -zeros)
  if (shifted === undefined || shifted.length > precision) return undefined
  return sign === '-' ? -BigInt(shifted) : BigInt(shifted)
}

/** Removes the last `count` digits. Returns undefined if one of them is not 0, or if no digit is left. */
function cutZeros(digits: string, count: number): string | undefined {
  const kept = digits.length - count
  return kept > 0 && /^0*$/.test(digits.slice(kept)) ? digits.slice(0, kept) : undefined
}

/** Returns the text of a decimal number: `12.50` for 1250n with two digits after the point. */
export function formatDecimal(value: bigint, { scale }: DecimalSize): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const sign = value < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
