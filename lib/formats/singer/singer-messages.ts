// The messages of Singer as lines of JSON. Sources: https://github.com/singer-io/getting-started/blob/master/docs/SPEC.md for SCHEMA,
// RECORD and STATE; https://github.com/singer-io/singer-python for ACTIVATE_VERSION.
import {
  getDecimalSize,
  isDecimal,
  isList,
  isScalar,
  isStruct,
  type ColumnType,
  type PlainType,
  type ScalarType,
  type StructType,
  type Value,
} from '../../schema/types/column-type.js'
import { formatDecimal } from '../../schema/types/decimal.js'
import { DAY_MS } from '../../shared/milliseconds.js'

export interface StreamVersion {
  /** A target uses the name of the stream as the name of the table. */
  readonly stream: string
  /** When this version is activated, a target removes the rows of other versions. */
  readonly version: number
}

type JsonSchema = Readonly<Record<string, unknown>>

export function formatSchemaMessage(
  { stream }: StreamVersion,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  keyProperties: readonly string[],
): string {
  const properties = Object.fromEntries(columns.map(({ name, type }) => [name, createJsonSchema(type)]))
  const schema = { type: 'object', properties }
  return formatLine({ type: 'SCHEMA', stream, schema, key_properties: keyProperties })
}

export const formatRecordMessage = ({ stream, version }: StreamVersion, record: string): string =>
  `{"type":"RECORD","stream":${JSON.stringify(stream)},"version":${version},"record":${record}}\n`

export const formatActivateVersionMessage = ({ stream, version }: StreamVersion): string =>
  formatLine({ type: 'ACTIVATE_VERSION', stream, version })

/** @param facts figures for the next run, or for a person who reads the state */
export const formatStateMessage = (
  { stream, version }: StreamVersion,
  facts: Readonly<Record<string, string | number>>,
): string => formatLine({ type: 'STATE', value: { bookmarks: { [stream]: { version, ...facts } } } })

const formatLine = (message: object) => `${JSON.stringify(message)}\n`

const scalarSchemas: Readonly<Record<PlainType, JsonSchema>> = {
  string: { type: ['null', 'string'] },
  int64: { type: ['null', 'integer'] },
  double: { type: ['null', 'number'] },
  boolean: { type: ['null', 'boolean'] },
  timestamp: { type: ['null', 'string'], format: 'date-time' },
  date: { type: ['null', 'string'], format: 'date' },
  json: {},
}

export function createJsonSchema(type: ColumnType): JsonSchema {
  if (isScalar(type)) return isDecimal(type) ? scalarSchemas.double : scalarSchemas[type]
  if (isStruct(type)) return createStructSchema(type)
  return isList(type)
    ? { type: ['null', 'array'], items: createJsonSchema(type.list) }
    : { type: ['null', 'object'], additionalProperties: scalarSchemas.string }
}

const createStructSchema = ({ struct }: StructType): JsonSchema => ({
  type: ['null', 'object'],
  properties: Object.fromEntries(struct.map(({ name, type }) => [name, createJsonSchema(type)])),
})

/** Returns the JSON text of a value, or undefined for a number that JSON cannot hold, or a time that RFC 3339 cannot hold. */
export function formatJsonValue(type: ScalarType, value: Value): string | undefined {
  if (value === null) return 'null'
  return isDecimal(type) ? formatDecimal(value as bigint, getDecimalSize(type)) : jsonFormatters[type](value)
}

/** Returns undefined for a year before 0 or after 9999, which a time of RFC 3339 cannot have. Source: RFC 3339 section 5.6. */
function formatTime(ms: number, length?: number): string | undefined {
  const text = new Date(ms).toISOString()
  return /^\d{4}-/.test(text) ? JSON.stringify(text.slice(0, length)) : undefined
}

const jsonFormatters: Readonly<Record<PlainType, (value: NonNullable<Value>) => string | undefined>> = {
  string: JSON.stringify,
  int64: String,
  double: (value) => (Number.isFinite(value) ? String(value) : undefined),
  boolean: String,
  timestamp: (value) => formatTime(value as number),
  date: (value) => formatTime((value as number) * DAY_MS, 'YYYY-MM-DD'.length),
  json: String,
}
