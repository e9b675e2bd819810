import type { Cell } from '../../../shared/types.js'
import type { ColumnWriter } from '../../typed/column-engine.js'
import type { Converter } from '../../typed/convert-cell.js'
import { BASE_COUNTED_BYTES, LONG_BYTES } from '../../../leaves/leaf-kinds.js'
import type { Value } from '../../../schema/types/column-type.js'

export class ParquetjsColumnWriter implements ColumnWriter {
  readonly #convert: Converter
  readonly #isText: boolean
  #values: Value[] = []

  /** @param isText true if the values are text, so that numbers keep their original digits */
  constructor(convert: Converter, isText: boolean) {
    this.#convert = convert
    this.#isText = isText
  }

  append(cell: Cell, _repetition?: 0, digits?: string): number | undefined {
    const value = this.#isText && digits !== undefined ? digits : this.#convert(cell)
    if (value === undefined) return undefined
    this.#values.push(value)
    return getCountedBytes(value)
  }

  takeValues(): readonly Value[] {
    const values = this.#values
    this.#values = []
    return values
  }
}

/** Returns the counted bytes of a value. The column chunk builders of the other engine count the same. */
function getCountedBytes(value: Value): number {
  if (value === null || typeof value === 'boolean') return BASE_COUNTED_BYTES
  return typeof value === 'string' ? Buffer.byteLength(value) + BASE_COUNTED_BYTES : LONG_BYTES
}
