// Computes an upper bound of the counted bytes of records before the records are read. If the row group has room for so many bytes, the
// records are appended column by column, without a check after each record.
import type { TypedColumn } from './decide-column-type.js'
import { isList, isScalar, isStruct, type ColumnType } from '../../schema/types/column-type.js'

/** The counted bytes of a cell that do not depend on its JSON. A value of fixed size counts at most 16. */
const BASE_CELL_BYTES = 32

/** The most counted bytes per byte of JSON: in a list of large decimals, `1,` is two bytes and counts 16. */
const MAX_BYTES_PER_JSON_BYTE = 8

/** The bytes of an element `{}` with its comma. In a list of structs, `{}` becomes one null per field. */
const EMPTY_ELEMENT_BYTES = 3

export function createCountedBytesBound(
  columns: readonly TypedColumn[],
): (records: number, jsonBytes: number) => number {
  const bytesPerRecord = columns.reduce((sum, { type }) => sum + getBaseBytes(type), 0)
  const bytesPerJsonByte = Math.max(MAX_BYTES_PER_JSON_BYTE, ...columns.map(({ type }) => getMaxGrowth(type)))
  return (records, jsonBytes) => records * bytesPerRecord + jsonBytes * bytesPerJsonByte
}

const getBaseBytes = (type: ColumnType) =>
  isStruct(type) ? BASE_CELL_BYTES * (type.struct.length + 1) : BASE_CELL_BYTES

function getMaxGrowth(type: ColumnType): number {
  if (isScalar(type) || !isList(type) || isScalar(type.list)) return MAX_BYTES_PER_JSON_BYTE
  return MAX_BYTES_PER_JSON_BYTE + (type.list.struct.length + 1) / EMPTY_ELEMENT_BYTES
}
