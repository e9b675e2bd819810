import type { Rule } from '../shared/options.js'
import { isStorableText } from './storable-text.js'

/** The name of a table, without quotes. */
export interface TableName {
  readonly schema?: string
  readonly name: string
}

export interface FullTableName extends Required<TableName> {
  /** The name of the database in DuckDB, where a schema may have the same name; undefined in PostgreSQL. */
  readonly catalog?: string
}

/** The name of a table as text: `orders`, `sales.orders`; a part in double quotes may contain a dot. */
export const tableNameRule: Rule<TableName> = {
  expected: "the name of a table, not beginning with _optimize_: 'name' or 'schema.name'",
  parse: (value) => (typeof value === 'string' ? parseTableName(value) : undefined),
}

const PART = String.raw`(?:"((?:[^"]|"")+)"|([^".\0]+))`
const TABLE_NAME_PATTERN = new RegExp(`^(?:${PART}\\.)?${PART}$`, 'su')

export function parseTableName(text: string): TableName | undefined {
  const [, quotedSchema, schema = unquote(quotedSchema), quotedName, name = unquote(quotedName)] =
    TABLE_NAME_PATTERN.exec(text.trim()) ?? []
  if (name === undefined || !isStorableText(`${schema ?? ''}${name}`) || /^_optimize_/i.test(name)) return undefined
  return schema === undefined ? { name } : { schema, name }
}

const unquote = (part: string | undefined) => part?.replaceAll('""', '"')

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

export const quoteTable = (table: FullTableName): string => `${quoteSchema(table)}.${quoteName(table.name)}`

export const quoteSchema = ({ catalog, schema }: FullTableName): string =>
  catalog === undefined ? quoteName(schema) : `${quoteName(catalog)}.${quoteName(schema)}`

/** Returns the name without quotes: `main.orders`. */
export const formatTableName = ({ schema, name }: TableName): string =>
  schema === undefined ? name : `${schema}.${name}`
