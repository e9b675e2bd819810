// The only file that knows parquetjs-lite. Its schema, pages, row groups and footer are used; its row shredder is not: that
// sends an int64 through parseInt, where integers beyond 2^53 change, and fails on a bad value only at the end of a group.
import parquet, {
  type ColumnData,
  type Envelope,
  type ParquetSchema,
  type RowBuffer,
  type Statistics,
  type WriterFile,
} from 'parquetjs-lite'
import thrift, { type Thrift } from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import util from 'parquetjs-lite/lib/util.js'
import type { Emit } from '../format.js'
import type { TypedColumn } from './decide-column-type.js'
import type { OpenEngine, ParquetEngine } from './parquet-engine.js'
import { ArrayColumnWriter } from './array-column-writer.js'
import type { Value } from '../../schema/column-type.js'
import { formatCreatedBy } from '../../shared/package-version.js'

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
  new ParquetjsEngine(columns, createSchema(columns, codec as keyof typeof codecs), emit)

/**
 * Columns get their names after the schema is built: it keeps them as keys of plain objects, where `__proto__` is none and
 * `7` comes first. Bounds of text are left out, since they are taken in UTF-16 order and readers would skip matching rows.
 */
function createSchema(columns: readonly TypedColumn[], codec: keyof typeof codecs): ParquetSchema {
  const fields = columns.map(({ type }, index) => {
    const statistics = type !== 'string' && type !== 'json'
    return [
      `c${index}`,
      { type: types[type as FlatType], optional: true, compression: codecs[codec], statistics },
    ] as const
  })
  const schema = new parquet.ParquetSchema(Object.fromEntries(fields))
  for (const [index, { name }] of columns.entries()) Object.assign(schema.fieldList[index]!, { name, path: [name] })
  return schema
}

const doNothing = () => undefined

class ParquetjsEngine implements ParquetEngine {
  readonly columnWriters: readonly ArrayColumnWriter[]
  readonly #columns: readonly TypedColumn[]
  readonly #schema: ParquetSchema
  readonly #file: Envelope
  readonly #emit: Emit

  constructor(columns: readonly TypedColumn[], schema: ParquetSchema, emit: Emit) {
    this.#emit = emit
    this.columnWriters = columns.map(
      ({ type, converters }) =>
        new ArrayColumnWriter(converters[type as FlatType], type === 'string' || type === 'json'),
    )
    this.#columns = columns
    this.#schema = schema
    // its offset index holds NaN from the second page on
    this.#file = new parquet.ParquetEnvelopeWriter(schema, emit, doNothing, 0, { pageIndex: false })
    this.#file.writeHeader()
  }

  async writeGroup(rows: number): Promise<void> {
    const columns = this.columnWriters.map((columnWriter) => columnWriter.takeValues())
    const group: RowBuffer = {
      rowCount: rows,
      pageRowCount: 0,
      columnData: createNullPrototypeObject(),
      pages: createNullPrototypeObject(),
    }
    for (const { name } of this.#columns) group.pages[name] = []
    const dates = this.#columns.map(() => new Map<number, Date>())
    for (let from = 0; from < rows; from += PAGE_ROWS) {
      const to = Math.min(from + PAGE_ROWS, rows)
      group.pageRowCount = to - from
      for (const [index, { name, type }] of this.#columns.entries())
        group.columnData[name] = columnData(type as FlatType, columns[index]!.slice(from, to), dates[index]!)
      await this.#encodePages(group)
    }
    await this.#file.writeRowGroup(group)
    for (const [index, { type }] of this.#columns.entries())
      if (type === 'double')
        fixBounds(this.#file.rowGroups.at(-1)!.columns[index]!.meta_data.statistics, columns[index]!)
  }

  async finish(metadata: Readonly<Record<string, string>>): Promise<void> {
    const footer = util.serializeThrift(createFooter(this.#file, this.#schema, metadata))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    await this.#emit(Buffer.concat([footer, length, Buffer.from('PAR1')]))
  }

  /** Only a ParquetWriter encodes pages; with a file that takes nothing, that is all it does. */
  async #encodePages(group: RowBuffer): Promise<void> {
    const writer = new parquet.ParquetWriter(this.#schema, discardingFile, {})
    writer.rowBuffer = group
    await writer.close()
  }
}

const discardingFile: WriterFile = {
  useDataPageV2: true,
  writeHeader: doNothing,
  writeRowGroup: doNothing,
  writeIndex: doNothing,
  writeFooter: doNothing,
  close: doNothing,
}

/** An object for keys of any name. */
const createNullPrototypeObject = <T>() => Object.create(null) as Record<string, T>

/** Corrects the bounds of a chunk of doubles as the specification asks: none with a NaN, and zeros may have either sign. */
function fixBounds(statistics: Statistics, values: readonly Value[]): void {
  if (values.some(Number.isNaN)) Object.assign(statistics, { min: null, max: null, min_value: null, max_value: null })
  if (statistics.min_value?.readDoubleLE() === 0) statistics.min_value.writeDoubleLE(-0)
  if (statistics.max_value?.readDoubleLE() === 0) statistics.max_value.writeDoubleLE(0)
}

const { Type, ConvertedType, FieldRepetitionType } = thrift
const utcTimestampType = new thrift.LogicalType({
  TIMESTAMP: new thrift.TimestampType({
    isAdjustedToUTC: true,
    unit: new thrift.TimeUnit({ MILLIS: new thrift.MilliSeconds() }),
  }),
})
const typeDefinedOrder = new thrift.ColumnOrder({ TYPE_ORDER: new thrift.TypeDefinedOrder() })

/** The footer. Its own says neither which program wrote the file, nor that timestamps are UTC, nor the order of bounds. */
function createFooter({ rowCount, rowGroups }: Envelope, { fieldList }: ParquetSchema, metadata: object): Thrift {
  const leaves = fieldList.map(
    ({ name, primitiveType, originalType }) =>
      new thrift.SchemaElement({
        name,
        type: Type[primitiveType],
        repetition_type: FieldRepetitionType['OPTIONAL'],
        converted_type: originalType && ConvertedType[originalType],
        logicalType: originalType === types.timestamp ? utcTimestampType : undefined,
      }),
  )
  return new thrift.FileMetaData({
    version: 1,
    schema: [new thrift.SchemaElement({ name: 'root', num_children: leaves.length }), ...leaves],
    num_rows: rowCount,
    row_groups: rowGroups,
    key_value_metadata: Object.entries(metadata).map(([key, value]) => new thrift.KeyValue({ key, value })),
    created_by: formatCreatedBy('parquetjs-lite'),
    column_orders: leaves.map(() => typeDefinedOrder),
  })
}

/** The values of a page as the encoders take them. */
function columnData(type: FlatType, values: readonly Value[], dates: Map<number, Date>): ColumnData {
  const present = values.filter((value) => value !== null)
  return {
    dlevels: values.map((value) => (value === null ? 0 : 1)),
    rlevels: [],
    values: present,
    distinct_values: new Set(selectBoundValues(type, present, dates)),
    count: values.length,
  }
}

/** What bounds are taken from: no NaN, which no bound can be, and a timestamp as a Date, or one before 1970 is refused. */
function selectBoundValues(type: FlatType, present: readonly Value[], dates: Map<number, Date>): readonly unknown[] {
  if (type === 'string' || type === 'json') return []
  if (type === 'double') return present.filter((value) => !Number.isNaN(value))
  return type === 'timestamp' ? (present as readonly number[]).map((value) => internDate(value, dates)) : present
}

function internDate(value: number, dates: Map<number, Date>): Date {
  const cached = dates.get(value)
  if (cached) return cached
  const date = new Date(value)
  dates.set(value, date)
  return date
}
