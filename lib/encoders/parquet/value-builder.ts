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
  #values: Value[] = []

  constructor(convert: Convert) {
    this.#convert = convert
  }

  append(cell: Cell, _repetition?: 0, digits?: string): number | undefined {
    const converted = this.#convert(cell)
    if (converted === undefined) return undefined
    const value = typeof converted === 'string' ? (digits ?? converted) : converted
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
