// The sole importer of parquetjs-lite, which writes the pages and row groups; the footer is created here. Its row shredder is not used: the
// shredder changes integers beyond 2^53, and fails on a bad value only at the end of a group.
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
import type { Emit } from '../../format.js'
import type { TypedColumn } from '../../typed/decide-column-type.js'
import type { ColumnEngine, GetMetadata } from '../../typed/column-engine.js'
import { selectConverter } from '../../typed/convert-cell.js'
import { ParquetjsColumnWriter } from './parquetjs-column-writer.js'
import { isText, type ScalarType, type Value } from '../../../schema/types/column-type.js'
import { getScalarElement, plainElements } from '../bytes/scalar-element.js'
import { memoize } from '../../../shared/memoize.js'
import { formatCreatedBy } from '../../../shared/package-version.js'

/** The default of parquetjs-lite. */
const PAGE_ROWS = 8192

/**
 * Creates the schema. Columns get their names after the schema is built, because the schema stores names as keys of plain objects, where
 * `__proto__` is lost and `7` moves to the front. Text has no bounds, because parquetjs-lite compares texts in UTF-16 order, and
 * readers would skip matching rows.
 */
function createSchema(columns: readonly TypedColumn[], codec: string): ParquetSchema {
  const fields = columns.map(({ type }, index) => {
    const { type: physicalType, converted_type: convertedType } = getScalarElement(type as ScalarType)
    const statistics = !isText(type as ScalarType)
    return [
      `c${index}`,
      { type: convertedType ?? physicalType, optional: true, compression: codec, statistics },
    ] as const
  })
  const schema = new parquet.ParquetSchema(Object.fromEntries(fields))
  for (const [index, { name }] of columns.entries()) Object.assign(schema.fieldList[index]!, { name, path: [name] })
  return schema
}

const doNothing = () => undefined

export class ParquetjsEngine implements ColumnEngine {
  readonly columnWriters: readonly ParquetjsColumnWriter[]
  readonly #columns: readonly TypedColumn[]
  readonly #schema: ParquetSchema
  readonly #file: Envelope
  readonly #emit: Emit
  readonly #getMetadata: GetMetadata

  /** @param codec the name in parquetjs-lite @param columns without nested types */
  constructor(codec: string, columns: readonly TypedColumn[], emit: Emit, getMetadata: GetMetadata) {
    this.#emit = emit
    this.#getMetadata = getMetadata
    this.columnWriters = columns.map(
      ({ type, converters }) =>
        new ParquetjsColumnWriter(selectConverter(converters, type as ScalarType), isText(type as ScalarType)),
    )
    this.#columns = columns
    this.#schema = createSchema(columns, codec)
    // the offset index of parquetjs-lite contains NaN from the second page on
    this.#file = new parquet.ParquetEnvelopeWriter(this.#schema, emit, doNothing, 0, { pageIndex: false })
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
    const toDates = this.#columns.map(() => memoize((ms: number) => new Date(ms)))
    for (let from = 0; from < rows; from += PAGE_ROWS) {
      const to = Math.min(from + PAGE_ROWS, rows)
      group.pageRowCount = to - from
      for (const [index, { name, type }] of this.#columns.entries())
        group.columnData[name] = createColumnData(type as ScalarType, columns[index]!.slice(from, to), toDates[index]!)
      await this.#encodePages(group)
    }
    await this.#file.writeRowGroup(group)
    for (const [index, { type }] of this.#columns.entries())
      if (type === 'double')
        fixBounds(this.#file.rowGroups.at(-1)!.columns[index]!.meta_data.statistics, columns[index]!)
  }

  async finish(): Promise<void> {
    const footer = util.serializeThrift(createFooter(this.#file, this.#schema, this.#getMetadata()))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    await this.#emit(Buffer.concat([footer, length, Buffer.from('PAR1')]))
  }

  /** Adds the encoded pages to the group. Only a ParquetWriter can encode pages; its file discards everything else. */
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

type ToDate = (ms: number) => Date

/** Returns an object that accepts any key, including `__proto__`. */
const createNullPrototypeObject = <T>() => Object.create(null) as Record<string, T>

/** Fixes the bounds of a chunk of doubles as the specification requires: none if there is a NaN, and a bound of 0 includes -0 and 0. */
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

/** The footer of parquetjs-lite lacks the name of the program, the time zone of timestamps and the order of bounds. */
function createFooter({ rowCount, rowGroups }: Envelope, { fieldList }: ParquetSchema, metadata: object): Thrift {
  const leaves = fieldList.map(
    ({ name, primitiveType, originalType }) =>
      new thrift.SchemaElement({
        name,
        type: Type[primitiveType],
        repetition_type: FieldRepetitionType['OPTIONAL'],
        converted_type: originalType && ConvertedType[originalType],
        logicalType: originalType === plainElements.timestamp.converted_type ? utcTimestampType : undefined,
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

function createColumnData(type: ScalarType, values: readonly Value[], toDate: ToDate): ColumnData {
  const present = values.filter((value) => value !== null)
  return {
    dlevels: values.map((value) => (value === null ? 0 : 1)),
    rlevels: [],
    values: present,
    distinct_values: new Set(selectBoundValues(type, present, toDate)),
    count: values.length,
  }
}

/**
 * Returns the values from which parquetjs-lite computes bounds: no texts and no NaN. Timestamps are Dates, because parquetjs-lite refuses
 * numbers before 1970.
 */
function selectBoundValues(type: ScalarType, present: readonly Value[], toDate: ToDate): readonly unknown[] {
  if (isText(type)) return []
  if (type === 'double') return present.filter((value) => !Number.isNaN(value))
  return type === 'timestamp' ? (present as readonly number[]).map(toDate) : present
}
