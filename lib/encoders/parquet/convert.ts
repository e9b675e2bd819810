// A cell becomes a value of its column's type, or is refused: nothing is rounded, cut or guessed.
import { stringifyJson } from '../../json.js'
import { cellText } from '../../rows/cell.js'
import { isPlainNumber, wholeFormOf, type ScalarType, type WholeForm } from '../../rows/infer.js'
import { parseTimestamp } from '../../rows/timestamp.js'
import type { Cell } from '../../types.js'
import type { Value } from './types.js'

/** Turns a cell into a value; undefined where it does not fit. */
export type Convert = (cell: Cell) => Value | undefined

type Present = Exclude<Cell, null | undefined>

/** `''` says "no value" wherever text is not what the column holds: so Optimize sends a variable without a value. */
const unlessEmpty =
  (convert: (cell: Present) => Value | undefined): Convert =>
  (cell) =>
    cell === null || cell === undefined || cell === '' ? null : convert(cell)

/** Text of any cell. */
function toText(cell: Cell): string | null | undefined {
  if (typeof cell === 'string') return cell
  try {
    return cellText(cell)
  } catch {
    return undefined
  }
}

const INT64_LIMIT = 2n ** 63n
const CANONICAL_INTEGER = /^(?:0|-?[1-9]\d{0,18})$/

function toInt64(cell: Present): bigint | undefined {
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? BigInt(cell) : undefined
  if (typeof cell === 'string') return CANONICAL_INTEGER.test(cell) ? inInt64(BigInt(cell)) : undefined
  return typeof cell === 'bigint' ? inInt64(cell) : undefined
}

const inInt64 = (value: bigint) => (value >= -INT64_LIMIT && value < INT64_LIMIT ? value : undefined)

const NUMERIC = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

const toDouble =
  (isNumeric: (text: string) => boolean) =>
  (cell: Present): number | undefined => {
    if (typeof cell === 'number') return cell
    if (typeof cell === 'bigint') return BigInt(Number(cell)) === cell ? Number(cell) : undefined
    return typeof cell === 'string' && isNumeric(cell) ? finite(Number(cell)) : undefined
  }

const finite = (value: number) => (Number.isFinite(value) ? value : undefined)

function toBoolean(cell: Present): boolean | undefined {
  if (typeof cell === 'boolean') return cell
  if (cell === 'true') return true
  return cell === 'false' ? false : undefined
}

/** As far as a Date reaches from 1970, in milliseconds. */
const DATE_LIMIT = 8.64e15

function toTimestamp(cell: Present): number | undefined {
  if (typeof cell === 'string') return parseTimestamp(cell)
  const value = cell instanceof Date ? cell.getTime() : cell
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= DATE_LIMIT ? value : undefined
}

/** JSON text; a string is JSON text already. */
function toJsonText(cell: Present): string | undefined {
  if (typeof cell !== 'string') return toJson(cell)
  try {
    JSON.parse(cell)
    return cell
  } catch {
    return undefined
  }
}

/** The JSON text of a JSON value, strings included. */
function toJson(cell: Present): string | undefined {
  if (cell instanceof Date ? Number.isNaN(cell.getTime()) : typeof cell === 'number' && !Number.isFinite(cell))
    return undefined
  try {
    return stringifyJson(cell)
  } catch {
    return undefined
  }
}

const common = {
  string: toText,
  int64: unlessEmpty(toInt64),
  boolean: unlessEmpty(toBoolean),
  timestamp: unlessEmpty(toTimestamp),
} as const

/** How cells are read where a user or the API's data model declared the type. */
export const declared: Readonly<Record<ScalarType, Convert>> = {
  ...common,
  double: unlessEmpty(toDouble((text) => NUMERIC.test(text))),
  json: unlessEmpty(toJsonText),
}

/**
 * How the cells of one column are read where its type was inferred: only what would have been inferred fits, so `007` never
 * becomes 7, and `2` does not fit into a column that has `2.0`.
 */
export const inferred = (): Readonly<Record<ScalarType, Convert>> => ({
  ...common,
  double: unlessEmpty(toDouble(isPlainInOneForm())),
  json: unlessEmpty(toJson),
})

/** Of the two ways to write a whole number a column has the one that comes first. */
function isPlainInOneForm(): (text: string) => boolean {
  let known: WholeForm | undefined
  return (text) => {
    const form = wholeFormOf(text)
    if (!form) return isPlainNumber(text)
    known ??= form
    return form === known
  }
}
