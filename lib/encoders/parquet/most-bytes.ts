// How many bytes of values records can bring at most, known before they are read: so many records can be taken column by
// column without asking after each whether the row group is full.
import type { TypedColumn } from './column-types.js'
import { isList, isScalar, isStruct, type ColumnType } from './types.js'

/** The longest text of a JSON number that is not written as such, `-1.2345678901234567e-100`, and its place. */
const SCALAR = 32

/** Bytes per byte of JSON. Text gets shorter, but `1e20` in an array becomes 21 digits, and `1` in a list takes eight bytes. */
const GROWTH = 6

/** An element `{}` with its comma has this many bytes, and gives a list of structs a null for every field. */
const EMPTY_ELEMENT = 3

/** Gives an upper bound for what records count for in a row group of these columns, from their number and their JSON. */
export function mostBytesOf(columns: readonly TypedColumn[]): (records: number, jsonBytes: number) => number {
  const perRecord = columns.reduce((sum, { type }) => sum + baseOf(type), 0)
  const perByte = Math.max(GROWTH, ...columns.map(({ type }) => growthOf(type)))
  return (records, jsonBytes) => records * perRecord + jsonBytes * perByte
}

const baseOf = (type: ColumnType) => (isStruct(type) ? SCALAR * (type.struct.length + 1) : SCALAR)

function growthOf(type: ColumnType): number {
  if (isScalar(type) || !isList(type) || isScalar(type.list)) return GROWTH
  return GROWTH + (type.list.struct.length + 1) / EMPTY_ELEMENT
}
