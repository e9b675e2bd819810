// Decides the type of a column that gets values of another type. Types only become wider, so that no stored value is lost.
import { isScalar, type ColumnType } from '../schema/column-type.js'

const isSame = (a: ColumnType, b: ColumnType) => JSON.stringify(a) === JSON.stringify(b)

const isNested = (type: ColumnType) => !isScalar(type) || type === 'json'

/** Returns the narrowest type that has every value of both: `int64` and `double` are `double`, nested values JSON, others text. */
export function widenType(current: ColumnType, incoming: ColumnType): ColumnType {
  if (isSame(current, incoming)) return current
  const numbers: readonly ColumnType[] = ['int64', 'double']
  if (numbers.includes(current) && numbers.includes(incoming)) return 'double'
  return isNested(current) && isNested(incoming) ? 'json' : 'string'
}
