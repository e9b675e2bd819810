// The columns of a file as its receipt lists them. A later export can read this list and then has the same columns and types.
import * as rule from '../shared/options.js'
import { isPlainObject } from '../shared/options.js'
import { describeValue } from '../shared/describe-value.js'
import { getKnownType } from '../shared/reports/report-kinds.js'
import type { Column } from './column.js'
import { OptionError } from '../shared/errors.js'
import { isColumnType, type ColumnType } from './types/column-type.js'

/** One column of a file; a receipt lists them as its `schema`. */
export interface ColumnSchema {
  /** The name in the file. */
  readonly name: string
  /** The prefixed name, such as `variable:amount`; only present if it differs from `name`. */
  readonly source?: string
  /**
   * The type: `'string'`, `'int64'`, `'double'`, `'boolean'`, `'timestamp'`, `'date'`, `'decimal(p,s)'` or `'json'`; `{ list: type }`,
   * `{ struct: [{ name, type }] }` or `{ map: 'string' }`. In a CSV file: the type that the API documents for the field, else `'string'`.
   */
  readonly type: ColumnType
  /**
   * How the type was chosen: `'declared'` by an option, `'inferred'` from the cells, `'known'` from the API's data model, where variables
   * are text. Every column of a CSV file is `'known'`, and so is the column of `lateColumns: 'overflow'`.
   */
  readonly chosen: 'declared' | 'known' | 'inferred'
}

export const getSourceName = ({ name, source = name }: ColumnSchema): string => source

export function createColumnSchema(
  { id, name }: Pick<Column, 'id' | 'name'>,
  type: ColumnType,
  chosen: ColumnSchema['chosen'],
): ColumnSchema {
  return id === name ? { name, type, chosen } : { name, source: id, type, chosen }
}

export const createKnownColumnSchema = (column: Column): ColumnSchema =>
  createColumnSchema(column, getKnownType(column.id) ?? 'string', 'known')

const chosenRule = rule.oneOf('declared', 'known', 'inferred')

/** A rule for a receipt with a `schema`, or for the `schema` itself. */
export const schemaRule: rule.Rule<readonly ColumnSchema[]> = {
  expected: 'a receipt with a schema, or a schema: an array of { name, type, chosen }',
  parse: (value, { where, option }) => {
    const entries: unknown = isPlainObject(value) ? value['schema'] : value
    if (!Array.isArray(entries) || entries.length === 0) return undefined
    const seen = new Set<string>()
    return Object.freeze(
      entries.map((entry: unknown, index) => {
        const entryPath = `${option}[${index}]`
        const column = parseColumn(entry)
        if (!column)
          throw new OptionError(where, entryPath, `expected { name, type, chosen }, got ${describeEntry(entry)}`)
        const source = getSourceName(column)
        if (seen.has(source))
          throw new OptionError(where, entryPath, `expected each column once, got ${describeValue(source)} again`)
        seen.add(source)
        return column
      }),
    )
  },
}

const describeEntry = (entry: unknown) => describeValue(isPlainObject(entry) ? JSON.stringify(entry) : entry)

function parseColumn(entry: unknown): ColumnSchema | undefined {
  if (!isPlainObject(entry)) return undefined
  const { name, source = name, type, chosen = 'declared' } = entry
  if (typeof name !== 'string' || typeof source !== 'string' || !isColumnType(type)) return undefined
  const parsedChosen = chosenRule.parse(chosen, { where: '', option: '' })
  return parsedChosen && createColumnSchema({ id: source, name }, type, parsedChosen)
}
