// Collects the values of one column for an engine that wants them as an array.
import type { Cell } from '../../types.js'
import type { ColumnBuilder } from './column-builder.js'
import type { Convert } from './convert.js'
import { PLACE } from './kernel/memory.js'
import type { Value } from './types.js'

const NUMBER_BYTES = 8

/** The values of one scalar column of the row group at hand. */
export class ValueBuilder implements ColumnBuilder {
  readonly #convert: Convert
  readonly #isText: boolean
  #values: Value[] = []

  /** @param isText the values are text, in which a number has its digits */
  constructor(convert: Convert, isText: boolean) {
    this.#convert = convert
    this.#isText = isText
  }

  append(cell: Cell, _repetition?: 0, digits?: string): number | undefined {
    const value = this.#isText && digits !== undefined ? digits : this.#convert(cell)
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

/** What a value counts for in the other engine's builders. */
function sizeOf(value: Value): number {
  if (value === null || typeof value === 'boolean') return PLACE
  return typeof value === 'string' ? Buffer.byteLength(value) + PLACE : NUMBER_BYTES
}
