// Computes an upper bound of the counted bytes of records before the records are read. If the row group has room for so many bytes, the
// records are appended column by column, without a check after each record.
import type { TypedColumn } from './decide-column-type.js'
import { isList, isScalar, isStruct, type ColumnType } from '../../schema/types/column-type.js'

/** More than the counted bytes of any canonical number, such as `-1.2345678901234567e-100`. A longer value counts by its JSON bytes. */
const MAX_NUMBER_BYTES = 32

/** The most counted bytes per byte of JSON: `1e20` in JSON text becomes 21 digits, and `1,` in a list of numbers eight bytes. */
const MAX_BYTES_PER_JSON_BYTE = 6

/** The bytes of an element `{}` with its comma. In a list of structs, `{}` becomes one null per field. */
const EMPTY_ELEMENT_BYTES = 3

export function createMaxBytesFunction(
  columns: readonly TypedColumn[],
): (records: number, jsonBytes: number) => number {
  const bytesPerRecord = columns.reduce((sum, { type }) => sum + getBaseBytes(type), 0)
  const bytesPerJsonByte = Math.max(MAX_BYTES_PER_JSON_BYTE, ...columns.map(({ type }) => getMaxGrowth(type)))
  return (records, jsonBytes) => records * bytesPerRecord + jsonBytes * bytesPerJsonByte
}

const getBaseBytes = (type: ColumnType) =>
  isStruct(type) ? MAX_NUMBER_BYTES * (type.struct.length + 1) : MAX_NUMBER_BYTES

function getMaxGrowth(type: ColumnType): number {
  if (isScalar(type) || !isList(type) || isScalar(type.list)) return MAX_BYTES_PER_JSON_BYTE
  return MAX_BYTES_PER_JSON_BYTE + (type.list.struct.length + 1) / EMPTY_ELEMENT_BYTES
}
