import type { Dialect } from '../../load/load-destination.js'
import {
  getDecimalSize,
  isDecimal,
  isScalar,
  parseDecimalType,
  type ColumnType,
  type PlainType,
  type ScalarType,
} from '../../schema/types/column-type.js'

const typeNames: Readonly<Record<PlainType, string>> = {
  string: 'text',
  int64: 'bigint',
  double: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp with time zone',
  date: 'date',
  json: 'jsonb',
}

const scalars = Object.keys(typeNames) as PlainType[]

function getScalarName(type: ScalarType): string {
  if (!isDecimal(type)) return typeNames[type]
  const { precision, scale } = getDecimalSize(type)
  return `numeric(${precision},${scale})`
}

/** A `varchar` without a length counts as text. */
function parseTypeName(typeName: string): ColumnType | undefined {
  if (typeName === 'character varying') return 'string'
  return (
    scalars.find((type) => typeNames[type] === typeName) ?? parseDecimalType(typeName.replace('numeric', 'decimal'))
  )
}

const isCharacterType = (typeName: string) => /^(character|text|citext|name)/.test(typeName)

/** The types whose length is 1 if none is given, and for each the type for any length. */
const typesOfLength1: Readonly<Record<string, string>> = { character: 'bpchar', bit: 'bit varying' }

/** Returns the type without a length or precision, so that the assignment to the column rejects what the cast would cut. */
function removeModifier(typeName: string): string {
  const type = typeName.replace(/\(\d+(,-?\d+)?\)/, '')
  return typesOfLength1[type] ?? type
}

/** True for dates and timestamps without a time zone. A load writes UTC into them; a direct cast would ignore the offset of the text. */
const hasNoZone = (typeName: string) => /^(date|timestamp(\(\d\))? without time zone)$/.test(typeName)

function castToUninferredType(expression: string, from: ColumnType, typeName: string): string {
  // a date has no offset that a direct cast would ignore
  if (from === 'date') return `CAST(${expression} AS ${removeModifier(typeName)})`
  const text = from === 'string' ? expression : `CAST(${expression} AS text)`
  // '' is a value of character types only; in other types it becomes null
  const value = from === 'string' && !isCharacterType(typeName) ? `NULLIF(${text}, '')` : text
  const inUtc = from === 'string' && hasNoZone(typeName) ? `CAST(${value} AS ${typeNames.timestamp})` : value
  return `CAST(${inUtc} AS ${removeModifier(typeName)})`
}

export const postgresDialect: Dialect = {
  maxNameBytes: 63,
  maxColumns: 1600,
  systemColumns: ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'],
  foldName: (name) => name,
  getTypeName: (type) => (isScalar(type) ? getScalarName(type) : typeNames.json),
  parseTypeName,
  cast: (expression, from, typeName) => {
    if (typeName === 'jsonb') return `to_jsonb(${expression})`
    const isInferred = scalars.some((type) => typeNames[type] === typeName && type !== 'date')
    return isInferred ? `CAST(${expression} AS ${typeName})` : castToUninferredType(expression, from, typeName)
  },
}
