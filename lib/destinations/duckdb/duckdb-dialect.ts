import type { Dialect } from '../../load/load-destination.js'
import { quoteName } from '../../load/table-name.js'
import {
  isDecimal,
  isDeclaredOnly,
  isList,
  isScalar,
  isStruct,
  parseDecimalType,
  type ColumnType,
  type PlainType,
  type ScalarType,
} from '../../schema/types/column-type.js'

const typeNames: Readonly<Record<PlainType, string>> = {
  string: 'VARCHAR',
  int64: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  date: 'DATE',
  json: 'JSON',
}

const scalars = Object.keys(typeNames) as PlainType[]

const getScalarName = (type: ScalarType) => (isDecimal(type) ? type.toUpperCase() : typeNames[type])

function getTypeName(type: ColumnType): string {
  if (isScalar(type)) return getScalarName(type)
  if (isList(type)) return `${getTypeName(type.list)}[]`
  if (!isStruct(type)) return 'MAP(VARCHAR, VARCHAR)'
  return `STRUCT(${type.struct.map((field) => `${quoteName(field.name)} ${getScalarName(field.type)}`).join(', ')})`
}

function parseTypeName(typeName: string): ColumnType | undefined {
  const scalar = scalars.find((type) => typeNames[type] === typeName)
  return scalar ?? parseDecimalType(typeName) ?? parseNested(typeName)
}

const fieldPattern = /^(?:"((?:[^"]|"")+)"|(\w+)) (.+)$/

function parseNested(typeName: string): ColumnType | undefined {
  if (typeName === 'MAP(VARCHAR, VARCHAR)') return { map: 'string' }
  if (typeName.endsWith('[]')) {
    const element = parseTypeName(typeName.slice(0, -2))
    return element && !isDeclaredOnly(element) && (isScalar(element) || isStruct(element))
      ? { list: element }
      : undefined
  }
  const inner = /^STRUCT\((.*)\)$/.exec(typeName)?.[1]
  const fields = inner === undefined ? [] : splitFields(inner).map(parseField)
  return fields.length > 0 && fields.every((field) => field !== undefined) ? { struct: fields } : undefined
}

function parseField(text: string) {
  const match = fieldPattern.exec(text)
  const name = match?.[1]?.replaceAll('""', '"') ?? match?.[2]
  const type = scalars.find((scalar) => typeNames[scalar] === match?.[3] && !isDeclaredOnly(scalar))
  return name !== undefined && type ? { name, type } : undefined
}

/** Splits `a VARCHAR, "b, c" BIGINT` at the commas that are outside quotes. */
const splitFields = (text: string) => text.match(/(?:"(?:[^"]|"")*"|[^",])+/g)!.map((field) => field.trim())

/** True for lists, arrays, structs, maps and unions; `DECIMAL(9,2)` is not nested. */
const isNested = (typeName: string) => /\]$|^(STRUCT|MAP|UNION)\(/.test(typeName)

/** True for dates and timestamps without a time zone. A load writes UTC into them; a direct cast would ignore the offset of the text. */
const hasNoZone = (typeName: string) => /^(DATE|TIMESTAMP(_S|_MS|_NS)?)$/.test(typeName)

/** True for types that no load infers: dates, decimals, and types that no load creates and that are not nested, such as `INTEGER`. */
const isUninferredType = (typeName: string) => {
  const type = parseTypeName(typeName)
  return type === undefined ? !isNested(typeName) : isDeclaredOnly(type)
}

function castToUninferredType(expression: string, from: ColumnType, typeName: string): string {
  // a date has no offset that a direct cast would ignore
  if (from === 'date') return `CAST(${expression} AS ${typeName})`
  // '' is a value of text types only; in other types it becomes null
  const text = from === 'string' ? `NULLIF(${expression}, '')` : `CAST(${expression} AS VARCHAR)`
  if (!hasNoZone(typeName)) return `CAST(${text} AS ${typeName})`
  return `CAST(CAST(${text} AS ${typeNames.timestamp}) AT TIME ZONE 'UTC' AS ${typeName})`
}

export const duckdbDialect: Dialect = {
  // DuckDB has no limit; this one keeps names readable
  maxNameBytes: 1000,
  maxColumns: 100_000,
  systemColumns: [],
  // only ASCII letters: DuckDB treats `Ä` and `ä` as two names
  foldName: (name) => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  getTypeName,
  parseTypeName,
  cast: (expression, from, typeName) => {
    if (typeName === 'JSON')
      return from === 'string' ? `to_json(${expression})` : `CAST(to_json(${expression}) AS JSON)`
    const isFromNested = !isScalar(from)
    if (typeName === 'VARCHAR')
      return isFromNested ? `CAST(to_json(${expression}) AS VARCHAR)` : `CAST(${expression} AS VARCHAR)`
    return isUninferredType(typeName)
      ? castToUninferredType(expression, from, typeName)
      : `CAST(${expression} AS ${typeName})`
  },
}
