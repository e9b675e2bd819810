// The cells that a reader must find in a file, computed from the JSON of the source without the code of the library.

/** The type of a column, and the form of its cells in the manifest; every cell may be null. */
export type CellType =
  /** A string. */
  | 'string'
  /** A string of digits, so that no digit is lost. */
  | 'int64'
  /** A number. */
  | 'double'
  | 'boolean'
  /** Milliseconds since 1970. */
  | 'timestamp'
  /** A day: `2026-05-31`. */
  | 'date'
  /** A number with all digits after the point: `12.50`. */
  | 'decimal'
  /** JSON text; two texts are equal when their values are. */
  | 'json'
  /** A list of objects, whose dates are milliseconds since 1970. */
  | 'list'
  /** An object of strings. */
  | 'map'

export interface Column {
  readonly name: string
  readonly type: CellType
}

/** Cells in the order of the columns. */
export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly unknown[])[]
}

/** A file and its cells; in NDJSON each row has one cell, the record. */
export interface Expectation extends Table {
  readonly name: string
  readonly format: 'csv' | 'parquet' | 'ndjson'
  readonly path: string
  /** CSV: the delimiter. @default ',' */
  readonly delimiter?: string
  /** CSV: every cell has quotes. */
  readonly quoted?: boolean
  /** CSV: no cell has a line break, so a reader may take one line for one row. */
  readonly oneLine?: boolean
  /** CSV: the cells for a reader whose columns have types. */
  readonly typed?: Table | undefined
  /** True if readers also read parts of the file, with filters on each column. */
  readonly filtered?: boolean
}

type Json = Record<string, unknown>

const integers = new Set(['duration'])
const dates = new Set(['startDate', 'endDate', 'evaluationDateTime'])

/** Returns the typed cells of a record, with the column names of Optimize's own CSV download. */
export function cellsOf(record: Json, variables: 'columns' | 'map' = 'columns'): [Column, unknown][] {
  const cells: [Column, unknown][] = []
  const put = (name: string, type: CellType, value: unknown) => cells.push([{ name, type }, value ?? null])
  for (const [field, value] of Object.entries(record)) {
    if (field === 'counts') putAll(value, (name, count) => put(`count:${name}`, 'int64', String(count)))
    else if (field === 'flowNodeDurations')
      putAll(value, (name, node) => put(`dur:${name}`, 'int64', String((node as Json)['value'])))
    else if (field === 'variables' && variables === 'map') put('variables', 'map', value)
    else if (field === 'variables') putAll(value, (name, one) => put(`variable:${name}`, 'string', textOf(one)))
    else if (field === 'inputVariables')
      putAll(value, (name, one) => put(`input:${name}`, 'string', (one as Json)['value']))
    else if (field === 'outputVariables') putAll(value, (name, one) => put(`output:${name}`, 'string', outputOf(one)))
    else if (field === 'flowNodeInstances') put(field, 'list', (value as Json[]).map(withInstants))
    else if (dates.has(field)) put(field, 'timestamp', instantOf(value))
    else if (integers.has(field)) put(field, 'int64', typeof value === 'number' ? String(value) : null)
    else put(field, typeof value === 'number' ? 'double' : 'string', value)
  }
  return cells
}

/** Returns the cells of a record as texts of a CSV file. */
export function textsOf(record: Json): [Column, unknown][] {
  return cellsOf(record).map(([{ name, type }, value]) => {
    const text = { name, type: 'string' } as const
    if (type === 'timestamp') return [text, record[name] ?? '']
    if (type === 'list') return [{ name, type: 'json' }, JSON.stringify(record[name])]
    return [text, typeof value === 'number' ? String(value) : (value ?? '')]
  })
}

/** Returns a text as `lineBreaks: 'escape'` writes it, according to the reference. */
export const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\u2028', '\\u2028')

/** Returns the table of some records: all of their columns, and `absent` in the cells that a record lacks. */
export function tableOf(records: readonly [Column, unknown][][], absent: unknown = null): Table {
  const columns = new Map<string, Column>()
  for (const record of records)
    for (const [column, value] of record)
      if (!columns.has(column.name) || value !== absent) columns.set(column.name, columns.get(column.name) ?? column)
  const all = [...columns.values()]
  const rows = records.map((record) => {
    const byName = new Map(record.map(([{ name }, value]) => [name, value]))
    return all.map(({ name }) => (byName.has(name) ? byName.get(name) : absent))
  })
  return { columns: all, rows }
}

function putAll(value: unknown, put: (name: string, value: unknown) => void): void {
  for (const [name, one] of Object.entries(value as Json)) put(name, one)
}

/** Returns the text of a variable; one of type Object is a list of JSON texts. */
const textOf = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : value)

/** Returns the value of an output clause: one value as it is, several values as a JSON array. */
function outputOf(entry: unknown): unknown {
  const values = (entry as { values: readonly unknown[] }).values
  return values.length > 1 ? JSON.stringify(values) : values[0]
}

function withInstants(node: Json): Json {
  return { ...node, startDate: instantOf(node['startDate']), endDate: instantOf(node['endDate']) }
}

const instantOf = (value: unknown) => (typeof value === 'string' ? Date.parse(value) : null)
