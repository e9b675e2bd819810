// The only file that knows parquetjs-lite. Its schema, pages, row groups and footer are used; its row shredder is not: that
// sends an int64 through parseInt, where integers beyond 2^53 change, and fails on a bad value only at the end of a group.
import parquet, { type ColumnData, type Envelope, type ParquetSchema, type RowBuffer } from 'parquetjs-lite'
import type { Emit } from '../format.js'
import type { TypedColumn } from './column-types.js'
import type { OpenEngine, ParquetEngine } from './engine.js'
import { ValueBuilder } from './value-builder.js'
import type { Value } from './types.js'

const types = {
  string: 'UTF8',
  json: 'JSON',
  int64: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_MILLIS',
} as const

const codecs = { snappy: 'SNAPPY', gzip: 'GZIP', uncompressed: 'UNCOMPRESSED' } as const

/** Rows of one page, parquetjs-lite's own default. */
const PAGE_ROWS = 8192

type FlatType = keyof typeof types

/** Begins a file that parquetjs-lite writes; columns must not be nested, the codec not be zstd. */
export const openParquetjs: OpenEngine = (columns, codec, emit) =>
  new ParquetjsEngine(columns, schemaOf(columns, codec as keyof typeof codecs), emit)

/**
 * Columns get their names after the schema is built: it keeps them as keys of plain objects, where `__proto__` is none and
 * `7` comes first. Bounds of text are left out, since they are taken in UTF-16 order and readers would skip matching rows.
 */
function schemaOf(columns: readonly TypedColumn[], codec: keyof typeof codecs): ParquetSchema {
  const fields = columns.map(({ type }, at) => {
    const statistics = type !== 'string' && type !== 'json'
    return [
      `c${at}`,
      { type: types[type as FlatType], optional: true, compression: codecs[codec], statistics },
    ] as const
  })
  const schema = new parquet.ParquetSchema(Object.fromEntries(fields))
  for (const [at, { name }] of columns.entries()) Object.assign(schema.fieldList[at]!, { name, path: [name] })
  return schema
}

const nothing = () => undefined

class ParquetjsEngine implements ParquetEngine {
  readonly builders: readonly ValueBuilder[]
  readonly #columns: readonly TypedColumn[]
  readonly #schema: ParquetSchema
  readonly #file: Envelope

  constructor(columns: readonly TypedColumn[], schema: ParquetSchema, emit: Emit) {
    this.builders = columns.map(
      ({ type, scalars }) => new ValueBuilder(scalars[type as FlatType], type === 'string' || type === 'json'),
    )
    this.#columns = columns
    this.#schema = schema
    // its offset index holds NaN from the second page on
    this.#file = new parquet.ParquetEnvelopeWriter(schema, emit, nothing, 0, { pageIndex: false })
    this.#file.writeHeader()
  }

  async writeGroup(rows: number): Promise<void> {
    const columns = this.builders.map((builder) => builder.take())
    const group: RowBuffer = { rowCount: rows, pageRowCount: 0, columnData: named(), pages: named() }
    for (const { name } of this.#columns) group.pages[name] = []
    const dates = this.#columns.map(() => new Map<number, Date>())
    for (let from = 0; from < rows; from += PAGE_ROWS) {
      const to = Math.min(from + PAGE_ROWS, rows)
      group.pageRowCount = to - from
      for (const [at, { name, type }] of this.#columns.entries())
        group.columnData[name] = columnData(type as FlatType, columns[at]!.slice(from, to), dates[at]!)
      await this.#encodePages(group)
    }
    await this.#file.writeRowGroup(group)
  }

  async finish(metadata: Readonly<Record<string, string>>): Promise<void> {
    await this.#file.writeFooter({ ...metadata })
  }

  /** Only a ParquetWriter encodes pages; with a file that takes nothing, that is all it does. */
  async #encodePages(group: RowBuffer): Promise<void> {
    const writer = new parquet.ParquetWriter(this.#schema, nowhere, {})
    writer.rowBuffer = group
    await writer.close()
  }
}

const nowhere: Envelope = {
  useDataPageV2: true,
  writeHeader: nothing,
  writeRowGroup: nothing,
  writeIndex: nothing,
  writeFooter: nothing,
  close: nothing,
}

/** An object for keys of any name. */
const named = <T>() => Object.create(null) as Record<string, T>

/** The values of a page as the encoders take them. */
function columnData(type: FlatType, values: readonly Value[], dates: Map<number, Date>): ColumnData {
  const present = values.filter((value) => value !== null)
  return {
    dlevels: values.map((value) => (value === null ? 0 : 1)),
    rlevels: [],
    values: present,
    distinct_values: new Set(boundsOf(type, present, dates)),
    count: values.length,
  }
}

/** What bounds are taken from: no NaN, which no bound can be, and a timestamp as a Date, or one before 1970 is refused. */
function boundsOf(type: FlatType, present: readonly Value[], dates: Map<number, Date>): readonly unknown[] {
  if (type === 'string' || type === 'json') return []
  if (type === 'double') return present.filter((value) => !Number.isNaN(value))
  return type === 'timestamp' ? (present as readonly number[]).map((value) => interned(value, dates)) : present
}

function interned(value: number, dates: Map<number, Date>): Date {
  const known = dates.get(value)
  if (known) return known
  const date = new Date(value)
  dates.set(value, date)
  return date
}
