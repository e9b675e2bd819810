// Makes the messages of a stream: schema, record batches, end. The sole importer of apache-arrow, an optional peer dependency.
import type * as apacheArrow from 'apache-arrow'
import type { Data, DataType, Field, RecordBatch, Schema, Struct } from 'apache-arrow'
import { importPeer } from '../../shared/import-peer.js'
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
} from '../../schema/types/column-type.js'
import type { ArrowLeafBuilder } from './arrow-leaf.js'

export type ArrowModule = typeof apacheArrow

export const loadArrow = (where: string): Promise<ArrowModule> =>
  importPeer(where, 'apache-arrow', () => import('apache-arrow'), { option: 'format' })

const END_BYTES = 8

export class ArrowMessages {
  readonly start: Uint8Array
  readonly end: Uint8Array
  readonly #arrow: ArrowModule
  readonly #schema: Schema
  readonly #rowType: Struct
  readonly #types: readonly ColumnType[]

  constructor(
    arrow: ArrowModule,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    metadata: Readonly<Record<string, string>>,
  ) {
    this.#arrow = arrow
    this.#types = columns.map(({ type }) => type)
    const fields = columns.map(({ name, type }) => createField(arrow, name, type))
    this.#rowType = new arrow.Struct(fields)
    this.#schema = new arrow.Schema(fields, new Map(Object.entries(metadata)))
    const empty = this.#encode([])
    this.start = empty.subarray(0, -END_BYTES)
    this.end = empty.subarray(-END_BYTES)
  }

  /** @param leaves the leaves of each column */
  encodeBatch(rows: number, leaves: readonly (readonly ArrowLeafBuilder[])[]): Uint8Array {
    const arrow = this.#arrow
    const children = this.#types.map((type, index) =>
      createData(arrow, this.#schema.fields[index]!.type as DataType, type, rows, leaves[index]!),
    )
    const data = arrow.makeData({ type: this.#rowType, length: rows, nullCount: 0, children })
    // a stream with one batch begins with the same bytes as a stream without a batch
    return this.#encode([new arrow.RecordBatch(this.#schema, data)]).subarray(this.start.length, -END_BYTES)
  }

  #encode(batches: RecordBatch[]): Uint8Array {
    const { Table, tableToIPC } = this.#arrow
    return tableToIPC(new Table(this.#schema, batches), 'stream')
  }
}

/** The extension type of JSON text. Source: https://arrow.apache.org/docs/format/CanonicalExtensions.html#json */
const jsonMetadata = new Map([
  ['ARROW:extension:name', 'arrow.json'],
  ['ARROW:extension:metadata', ''],
])

function createField(arrow: ArrowModule, name: string, type: ColumnType, isNullable = true): Field<DataType> {
  return new arrow.Field(name, createType(arrow, type), isNullable, type === 'json' ? jsonMetadata : undefined)
}

function createType(arrow: ArrowModule, type: ColumnType): DataType {
  if (isScalar(type)) return createScalarType(arrow, type)
  if (isStruct(type)) return createStructType(arrow, type)
  if (isList(type)) return new arrow.List(createField(arrow, 'item', type.list))
  const entries = new arrow.Struct<{ key: DataType; value: DataType }>([
    createField(arrow, 'key', 'string', false),
    createField(arrow, 'value', 'string'),
  ])
  return new arrow.Map_(new arrow.Field('entries', entries as never, false), false)
}

const createStructType = (arrow: ArrowModule, { struct }: StructType) =>
  new arrow.Struct(struct.map((field) => createField(arrow, field.name, field.type)))

function createScalarType(arrow: ArrowModule, type: ScalarType): DataType {
  if (!isDecimal(type)) return arrowTypes[type](arrow)
  const { precision, scale } = getDecimalSize(type)
  return new arrow.Decimal(scale, precision, 128)
}

const arrowTypes: Readonly<Record<PlainType, (arrow: ArrowModule) => DataType>> = {
  string: ({ Utf8 }) => new Utf8(),
  int64: ({ Int64 }) => new Int64(),
  double: ({ Float64 }) => new Float64(),
  boolean: ({ Bool }) => new Bool(),
  timestamp: ({ TimestampMillisecond }) => new TimestampMillisecond('UTC'),
  date: ({ DateDay }) => new DateDay(),
  json: ({ Utf8 }) => new Utf8(),
}

function createData(
  arrow: ArrowModule,
  arrowType: DataType,
  type: ColumnType,
  length: number,
  leaves: readonly ArrowLeafBuilder[],
): Data {
  if (isScalar(type)) return createLeafData(arrow, arrowType, leaves[0]!)
  if (isStruct(type)) return createStructData(arrow, arrowType, length, leaves, structInRow)
  const [child] = arrowType.children
  const { offsets, ...validity } = readListLevels(leaves[0]!, length)
  const elements = offsets.at(-1)!
  const childType = child!.type as DataType
  const isLeafList = isList(type) && isScalar(type.list)
  const childData = isLeafList
    ? createLeafData(arrow, childType, leaves[0]!)
    : createStructData(arrow, childType, elements, leaves, isList(type) ? structInList : entryInMap)
  return makeData(arrow, { type: arrowType, length, ...validity, valueOffsets: offsets, child: childData })
}

/** The lowest definition level of a struct, and the lowest of a struct that is not null. */
interface StructLevels {
  readonly first: number
  readonly present: number
}

const structInRow: StructLevels = { first: 0, present: 1 }
const structInList: StructLevels = { first: 2, present: 3 }
const entryInMap: StructLevels = { first: 2, present: 2 }

function createStructData(
  arrow: ArrowModule,
  type: DataType,
  length: number,
  leaves: readonly ArrowLeafBuilder[],
  { first, present }: StructLevels,
): Data {
  const children = type.children.map((field, index) => createLeafData(arrow, field.type as DataType, leaves[index]!))
  const levels = [...leaves[0]!.definitions.content].filter((level) => level >= first)
  return makeData(arrow, { type, length, ...createValidity(levels.map((level) => level >= present)), children })
}

function createLeafData(arrow: ArrowModule, type: DataType, leaf: ArrowLeafBuilder): Data {
  const { validity, values, bits, offsets } = leaf
  const { length, ones } = validity
  const nullBitmap = validity.finish()
  const common = { type, length, nullCount: length - ones, nullBitmap }
  if (bits.length > 0) return makeData(arrow, { ...common, data: bits.finish() })
  if (offsets.length === 0) return makeData(arrow, { ...common, data: values.content })
  return makeData(arrow, { ...common, valueOffsets: toInt32Array(offsets.content), data: values.content })
}

/** Computes the nulls and the offsets of a list or a map from the levels of a leaf inside. */
function readListLevels({ definitions, repetitions }: ArrowLeafBuilder, rows: number) {
  const [levels, repetitionLevels] = [definitions.content, repetitions.content]
  const offsets = new Int32Array(rows + 1)
  const isPresent: boolean[] = []
  let elements = 0
  for (let at = 0; at < levels.length; at++) {
    if (repetitionLevels[at] === 0) isPresent.push(levels[at]! >= 1)
    if (levels[at]! >= 2) elements++
    offsets[isPresent.length] = elements
  }
  return { offsets, ...createValidity(isPresent) }
}

function createValidity(isPresent: readonly boolean[]): { nullCount: number; nullBitmap: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(isPresent.length / 8))
  let nullCount = 0
  for (const [at, isSet] of isPresent.entries())
    if (isSet) nullBitmap[at >> 3]! |= 1 << (at & 7)
    else nullCount++
  return { nullCount, nullBitmap }
}

const toInt32Array = (bytes: Uint8Array) => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)

/** Without the type check: `makeData` has an overload for each type, but the type is known only at run time. */
const makeData = (arrow: ArrowModule, properties: object): Data => arrow.makeData(properties as never)
