// A cell becomes a value of its column's type, or is refused: nothing is rounded, cut or guessed.
import { stringifyJson } from '../../shared/json.js'
import { formatCell } from '../../schema/cell-text.js'
import {
  isCanonicalNumber,
  getIntegerNotation,
  type ScalarType,
  type IntegerNotation,
} from '../../schema/infer-type.js'
import { parseTimestamp } from '../../schema/timestamp.js'
import type { Cell } from '../../shared/types.js'
import type { Value } from '../../schema/column-type.js'

/** Turns a cell into a value; undefined where it does not fit. */
export type Converter = (cell: Cell) => Value | undefined

type PresentCell = Exclude<Cell, null | undefined>

/** `''` says "no value" wherever text is not what the column holds: so Optimize sends a variable without a value. */
const treatEmptyAsNull =
  (converter: (cell: PresentCell) => Value | undefined): Converter =>
  (cell) =>
    cell === null || cell === undefined || cell === '' ? null : converter(cell)

/** Text of any cell. */
function toText(cell: Cell): string | null | undefined {
  if (typeof cell === 'string') return cell
  try {
    return formatCell(cell)
  } catch {
    return undefined
  }
}

const INT64_LIMIT = 2n ** 63n
const CANONICAL_INTEGER_PATTERN = /^(?:0|-?[1-9]\d{0,18})$/

function toInt64(cell: PresentCell): bigint | undefined {
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? BigInt(cell) : undefined
  if (typeof cell === 'string') return CANONICAL_INTEGER_PATTERN.test(cell) ? checkInt64Range(BigInt(cell)) : undefined
  return typeof cell === 'bigint' ? checkInt64Range(cell) : undefined
}

const checkInt64Range = (value: bigint) => (value >= -INT64_LIMIT && value < INT64_LIMIT ? value : undefined)

const NUMBER_PATTERN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

const createDoubleConverter =
  (isNumeric: (text: string) => boolean) =>
  (cell: PresentCell): number | undefined => {
    if (typeof cell === 'number') return cell
    if (typeof cell === 'bigint') return BigInt(Number(cell)) === cell ? Number(cell) : undefined
    return typeof cell === 'string' && isNumeric(cell) ? rejectInfinite(Number(cell)) : undefined
  }

const rejectInfinite = (value: number) => (Number.isFinite(value) ? value : undefined)

function toBoolean(cell: PresentCell): boolean | undefined {
  if (typeof cell === 'boolean') return cell
  if (cell === 'true') return true
  return cell === 'false' ? false : undefined
}

/** As far as a Date reaches from 1970, in milliseconds. */
const MAX_DATE_MS = 8.64e15

function toTimestamp(cell: PresentCell): number | undefined {
  if (typeof cell === 'string') return parseTimestamp(cell)
  const value = cell instanceof Date ? cell.getTime() : cell
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_DATE_MS ? value : undefined
}

/** JSON text; a string is JSON text already. */
function toJsonText(cell: PresentCell): string | undefined {
  if (typeof cell !== 'string') return toJson(cell)
  try {
    JSON.parse(cell)
    return cell
  } catch {
    return undefined
  }
}

/** The JSON text of a JSON value, strings included. */
function toJson(cell: PresentCell): string | undefined {
  if (cell instanceof Date ? Number.isNaN(cell.getTime()) : typeof cell === 'number' && !Number.isFinite(cell))
    return undefined
  try {
    return stringifyJson(cell)
  } catch {
    return undefined
  }
}

const commonConverters = {
  string: toText,
  int64: treatEmptyAsNull(toInt64),
  boolean: treatEmptyAsNull(toBoolean),
  timestamp: treatEmptyAsNull(toTimestamp),
} as const

/** How cells are read where a user or the API's data model declared the type. */
export const declaredConverters: Readonly<Record<ScalarType, Converter>> = {
  ...commonConverters,
  double: treatEmptyAsNull(createDoubleConverter((text) => NUMBER_PATTERN.test(text))),
  json: treatEmptyAsNull(toJsonText),
}

/**
 * How the cells of one column are read where its type was inferred: only what would have been inferred fits, so `007` never
 * becomes 7, and `2` does not fit into a column that has `2.0`.
 */
export const createInferredConverters = (): Readonly<Record<ScalarType, Converter>> => ({
  ...commonConverters,
  double: treatEmptyAsNull(createDoubleConverter(createSingleNotationCheck())),
  json: treatEmptyAsNull(toJson),
})

/** Of the two ways to write a whole number a column has the one that comes first. */
function createSingleNotationCheck(): (text: string) => boolean {
  let firstNotation: IntegerNotation | undefined
  return (text) => {
    const notation = getIntegerNotation(text)
    if (!notation) return isCanonicalNumber(text)
    firstNotation ??= notation
    return notation === firstNotation
  }
}
