import { getSourceName, schemaRule, type ColumnSchema } from '../../schema/column-schema.js'
import { isPlainObject } from '../../shared/options.js'
import { compareSchemas, type ChangeWording, type LoadChange } from './load-changes.js'
import { describeColumnType, type RecordedColumn, type RecordedSchema } from '../history/recorded-schema.js'

const fileWording: ChangeWording = {
  describeVanished: ({ source }) => `the report no longer has the column ${source}`,
  describeAppeared: ({ source, type }) => `the report has a new column ${source}, ${describeColumnType(type)}`,
}

/**
 * Compares the receipts of two exports of a report. Returns the columns and definitions that appeared or vanished, the types that
 * changed, and another kind of the report. Columns are compared only if both receipts have a schema; the receipt of an NDJSON file has
 * none. Definitions are compared only if `optimize-export run` wrote both receipts. If a receipt is of an empty report, or if a value is
 * no receipt, the result is empty.
 *
 * @param before the JSON of the receipt of the earlier export
 * @param after the JSON of the receipt of the later export
 * @example compareReceipts(JSON.parse(await readFile('old.parquet.json', 'utf8')), JSON.parse(await readFile('new.parquet.json', 'utf8')))
 */
export function compareReceipts(before: unknown, after: unknown): LoadChange[] {
  const [last, now] = dropColumnsIfOneHasNone(readReceiptSchema(before), readReceiptSchema(after))
  if (!last || !now) return []
  const sources = new Set(now.columns.map(({ source }) => source))
  const vanished = last.columns.filter(({ source }) => !sources.has(source))
  const markedVanished = vanished.map((column): RecordedColumn => ({ ...column, hasVanished: true }))
  return compareSchemas(last, { ...now, columns: [...now.columns, ...markedVanished] }, fileWording)
}

interface ReceiptSchema extends Omit<RecordedSchema, 'columns'> {
  readonly columns: readonly RecordedColumn[] | undefined
}

/** Drops the columns of both schemas if one has none, so that only kind and definitions are compared. */
function dropColumnsIfOneHasNone(...schemas: (ReceiptSchema | undefined)[]): (RecordedSchema | undefined)[] {
  const hasColumns = schemas.every((schema) => schema?.columns)
  return schemas.map((schema) => schema && { ...schema, columns: hasColumns ? schema.columns! : [] })
}

function readReceiptSchema(receipt: unknown): ReceiptSchema | undefined {
  if (!isPlainObject(receipt)) return undefined
  const { kind, schema, definitions } = receipt
  const columns = readColumns(schema)
  // an empty report has no kind, and only the columns that are documented
  if (typeof kind !== 'string' || kind === 'empty') return undefined
  return {
    kind,
    columns: columns?.map((column) => ({
      name: column.name,
      source: getSourceName(column),
      type: column.type,
      filledRows: 0,
    })),
    ...(isTexts(definitions) ? { definitions } : {}),
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

function readColumns(schema: unknown): readonly ColumnSchema[] | undefined {
  try {
    return schemaRule.parse(schema, { where: 'compareReceipts', option: 'schema' })
  } catch {
    return undefined
  }
}
