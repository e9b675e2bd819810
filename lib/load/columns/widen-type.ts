// Decides the type of a column that gets values of another type. Types only become wider, so that no stored value is
// lost, except digits of integers beyond 2^53 in a column that becomes `double`.
import {
  createDecimalType,
  getDecimalSize,
  isDecimal,
  isScalar,
  type ColumnType,
} from '../../schema/types/column-type.js'

export const isSameType = (a: ColumnType, b: ColumnType): boolean => JSON.stringify(a) === JSON.stringify(b)

const isNested = (type: ColumnType) => !isScalar(type) || type === 'json'

const INT64_DIGITS = 19

/**
 * Returns the narrowest type for the values of both: for `int64` and `double` it is `double` (an integer beyond 2^53 is rounded), for
 * decimals and `int64` a decimal if there is one with enough digits, for two nested types JSON, else text.
 */
export function widenType(current: ColumnType, incoming: ColumnType): ColumnType {
  if (isSameType(current, incoming)) return current
  const numbers: readonly ColumnType[] = ['int64', 'double']
  if (numbers.includes(current) && numbers.includes(incoming)) return 'double'
  const decimal = widenDecimal(current, incoming)
  if (decimal) return decimal
  return isNested(current) && isNested(incoming) ? 'json' : 'string'
}

/** Returns the decimal type that has every value of both, or undefined if there is none. */
function widenDecimal(current: ColumnType, incoming: ColumnType): ColumnType | undefined {
  const sizes = [current, incoming].map((type) => {
    if (type === 'int64') return { precision: INT64_DIGITS, scale: 0 }
    return isDecimal(type) ? getDecimalSize(type) : undefined
  })
  if (!sizes.every((size) => size !== undefined)) return undefined
  const scale = Math.max(...sizes.map((size) => size.scale))
  return createDecimalType({ precision: scale + Math.max(...sizes.map((size) => size.precision - size.scale)), scale })
}
