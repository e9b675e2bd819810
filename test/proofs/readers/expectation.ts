// What a reader must find in a file, worked out from the JSON of the source and not by the code of the library.

/** How a cell is written down: null, or as the type says. */
export type CellType =
  /** A string. */
  | 'string'
  /** A string of digits, so that no digit is lost on the way. */
  | 'int64'
  /** A number. */
  | 'double'
  | 'boolean'
  /** Milliseconds since 1970. */
  | 'timestamp'
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

/** A file and what is in it. */
export interface Expectation {
  readonly name: string
  readonly format: 'csv' | 'parquet' | 'ndjson'
  readonly path: string
  readonly columns: readonly Column[]
  /** Cells in the order of the columns; of NDJSON one cell, the record. */
  readonly rows: readonly (readonly unknown[])[]
  /** CSV: what stands between cells. */
  readonly delimiter?: string
  /** NDJSON: a field has values of several types, which most readers of JSON refuse. */
  readonly mixed?: boolean
  /** Readers are asked for parts of the file, by each column. */
  readonly filtered?: boolean
}

type Json = Record<string, unknown>

const integers = new Set(['duration'])
const dates = new Set(['startDate', 'endDate', 'evaluationDateTime'])

/** The typed cells of a record, by the names of Optimize's own CSV download. */
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

/** The cells of a record as the text of a CSV file. */
export function textsOf(record: Json): [Column, unknown][] {
  return cellsOf(record).map(([{ name, type }, value]) => {
    const text = { name, type: 'string' } as const
    if (type === 'timestamp') return [text, record[name] ?? '']
    if (type === 'list') return [{ name, type: 'json' }, JSON.stringify(record[name])]
    return [text, typeof value === 'number' ? String(value) : (value ?? '')]
  })
}

/** A table of records: the union of their columns, null where a record has none. */
export function tableOf(records: readonly [Column, unknown][][], absent: unknown = null) {
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

/** A variable of type Object is a list of JSON texts. */
const textOf = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : value)

/** One output is itself, several are a JSON array, none is null. */
function outputOf(entry: unknown): unknown {
  const values = (entry as { values: readonly unknown[] }).values
  return values.length > 1 ? JSON.stringify(values) : values[0]
}

function withInstants(node: Json): Json {
  return { ...node, startDate: instantOf(node['startDate']), endDate: instantOf(node['endDate']) }
}

const instantOf = (value: unknown) => (typeof value === 'string' ? Date.parse(value) : null)
