// How many bytes of values records can bring at most, known before they are read: so many records can be taken column by
// column without asking after each whether the row group is full.
import type { TypedColumn } from './decide-column-type.js'
import { isList, isScalar, isStruct, type ColumnType } from '../../schema/column-type.js'

/** The longest text of a JSON number that is not written as such, `-1.2345678901234567e-100`, and its place. */
const MAX_SCALAR_BYTES = 32

/** Bytes per byte of JSON. Text gets shorter, but `1e20` in an array becomes 21 digits, and `1` in a list takes eight bytes. */
const MAX_BYTES_PER_JSON_BYTE = 6

/** An element `{}` with its comma has this many bytes, and gives a list of structs a null for every field. */
const EMPTY_ELEMENT_BYTES = 3

/** Gives an upper bound for what records count for in a row group of these columns, from their number and their JSON. */
export function createMaxBytesEstimator(
  columns: readonly TypedColumn[],
): (records: number, jsonBytes: number) => number {
  const bytesPerRecord = columns.reduce((sum, { type }) => sum + getBaseBytes(type), 0)
  const bytesPerJsonByte = Math.max(MAX_BYTES_PER_JSON_BYTE, ...columns.map(({ type }) => getMaxGrowth(type)))
  return (records, jsonBytes) => records * bytesPerRecord + jsonBytes * bytesPerJsonByte
}

const getBaseBytes = (type: ColumnType) =>
  isStruct(type) ? MAX_SCALAR_BYTES * (type.struct.length + 1) : MAX_SCALAR_BYTES

function getMaxGrowth(type: ColumnType): number {
  if (isScalar(type) || !isList(type) || isScalar(type.list)) return MAX_BYTES_PER_JSON_BYTE
  return MAX_BYTES_PER_JSON_BYTE + (type.list.struct.length + 1) / EMPTY_ELEMENT_BYTES
}
