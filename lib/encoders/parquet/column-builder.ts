// Collects the values of one column until a row group takes them.
import type { Cell } from '../../types.js'
import type { Convert } from './convert.js'
import type { Value } from './types.js'

const NUMBER_BYTES = 8

/** The typed values of one column of the row group at hand, and about how many bytes they are. */
export class ColumnBuilder {
  readonly #convert: Convert
  #values: Value[] = []

  constructor(convert: Convert) {
    this.#convert = convert
  }

  /** Appends a cell; returns the bytes its value adds, or undefined where the cell does not fit the column's type. */
  append(cell: Cell): number | undefined {
    const value = this.#convert(cell)
    if (value === undefined) return undefined
    this.#values.push(value)
    return sizeOf(value)
  }

  /** Hands the values over and starts anew. */
  take(): readonly Value[] {
    const values = this.#values
    this.#values = []
    return values
  }
}

/** Cheap and close: a string counts a byte a UTF-16 unit, and every value one more for its place. */
function sizeOf(value: Value): number {
  if (value === null || typeof value === 'boolean') return 1
  if (typeof value === 'string') return value.length + 1
  if (typeof value !== 'object') return NUMBER_BYTES
  let bytes = 1
  for (const part of Object.values(value)) bytes += sizeOf(part)
  return bytes
}
