// Converts cells to values of the column's type. A converter never cuts or guesses a value. It rounds only the text of a number that has
// more digits than a double holds, and only in a column that is declared as double.
import { stringifyJson } from '../../shared/json/json.js'
import { isEmptyCell, tryFormatCell } from '../../schema/cell-text.js'
import { keepsTextAsNumber, isInt64, getIntegerNotation, type IntegerNotation } from '../../schema/types/infer-type.js'
import { parseDecimal } from '../../schema/types/decimal.js'
import { parseDay, parseTimestamp } from '../../schema/types/timestamp.js'
import type { Cell } from '../../shared/types.js'
import { DAY_MS } from '../../shared/milliseconds.js'
import {
  getDecimalSize,
  isDecimal,
  type DecimalType,
  type PlainType,
  type ScalarType,
  type Value,
} from '../../schema/types/column-type.js'
import {
  ANY_NOTATION,
  FRACTIONS_ONLY,
  FRACTIONS_AND_INTEGERS,
  FRACTIONS_AND_POINT_ZERO,
} from '../../leaves/number-notations.js'

/** Returns the value of a cell, or undefined if the cell does not fit the type. */
export interface Converter {
  (cell: Cell): Value | undefined
  /** Returns the notations of numbers that the converter now accepts in a text. Only converters to doubles have this function. */
  readonly getNotations?: (() => number) | undefined
}

type PresentCell = Exclude<Cell, null | undefined>

/** Treats `''` as null. For every type but `string`. */
const treatEmptyAsNull =
  (converter: (cell: PresentCell) => Value | undefined): Converter =>
  (cell) =>
    isEmptyCell(cell) ? null : converter(cell)

const CANONICAL_INTEGER_PATTERN = /^(?:0|-?[1-9]\d{0,18})$/

function toInt64(cell: PresentCell): bigint | undefined {
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? BigInt(cell) : undefined
  if (typeof cell === 'string') return CANONICAL_INTEGER_PATTERN.test(cell) ? checkInt64Range(BigInt(cell)) : undefined
  return typeof cell === 'bigint' ? checkInt64Range(cell) : undefined
}

const checkInt64Range = (value: bigint) => (isInt64(value) ? value : undefined)

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

const MAX_DATE_MS = 8.64e15

function toTimestamp(cell: PresentCell): number | undefined {
  if (typeof cell === 'string') return parseTimestamp(cell)
  const value = cell instanceof Date ? cell.getTime() : cell
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_DATE_MS ? value : undefined
}

function toDay(cell: PresentCell): number | undefined {
  if (typeof cell === 'string') return parseDay(cell)
  const days = cell instanceof Date ? cell.getTime() / DAY_MS : undefined
  return Number.isInteger(days) ? days : undefined
}

/** Returns a converter to exact numbers. Digits after the point for which the type has no room must be zeros. */
function createDecimalConverter(type: DecimalType): Converter {
  const size = getDecimalSize(type)
  return treatEmptyAsNull((cell) =>
    typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'bigint'
      ? parseDecimal(String(cell), size)
      : undefined,
  )
}

/** Returns JSON text. A string must already be JSON text. */
function toJsonText(cell: PresentCell): string | undefined {
  if (typeof cell !== 'string') return toJson(cell)
  try {
    JSON.parse(cell)
    return cell
  } catch {
    return undefined
  }
}

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
  string: tryFormatCell,
  int64: treatEmptyAsNull(toInt64),
  boolean: treatEmptyAsNull(toBoolean),
  timestamp: treatEmptyAsNull(toTimestamp),
  date: treatEmptyAsNull(toDay),
} as const

/** A converter for each type of a single value, except decimals. */
export type ConverterTable = Readonly<Record<PlainType, Converter>>

export const selectConverter = (converters: ConverterTable, type: ScalarType): Converter =>
  isDecimal(type) ? createDecimalConverter(type) : converters[type]

/** The converters for a type that was not inferred. */
export const declaredConverters: ConverterTable = {
  ...commonConverters,
  double: Object.assign(treatEmptyAsNull(createDoubleConverter((text) => NUMBER_PATTERN.test(text))), {
    getNotations: () => ANY_NOTATION,
  }),
  json: treatEmptyAsNull(toJsonText),
}

/**
 * Creates the converters of a column whose type was inferred. The converter to doubles accepts only texts for which `double` would be
 * inferred. So `007` never becomes 7, and `2` does not fit into a column that has `2.0`.
 */
export const createInferredConverters = (): ConverterTable => ({
  ...commonConverters,
  double: createSingleNotationConverter(),
  json: treatEmptyAsNull(toJson),
})

/** Returns a converter that accepts the texts of whole numbers only in the notation of the first of them: `2` or `2.0`. */
function createSingleNotationConverter(): Converter {
  let firstNotation: IntegerNotation | undefined
  const isNumeric = (text: string) => {
    const notation = getIntegerNotation(text)
    if (!notation) return keepsTextAsNumber(text)
    firstNotation ??= notation
    return notation === firstNotation
  }
  const getNotations = () => {
    if (firstNotation === undefined) return FRACTIONS_ONLY
    return firstNotation === '2' ? FRACTIONS_AND_INTEGERS : FRACTIONS_AND_POINT_ZERO
  }
  return Object.assign(treatEmptyAsNull(createDoubleConverter(isNumeric)), { getNotations })
}
