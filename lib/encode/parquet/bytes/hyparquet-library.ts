// The sole importer of hyparquet-writer, which encodes page headers, metadata and the footer. hyparquet-writer expects all metadata of a
// file as objects in one call, which need much memory for a wide file. Here each piece is encoded as soon as it is known, and the footer is
// joined from these bytes.
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js'
import { logicalType } from 'hyparquet-writer/src/metadata.js'
import { snappyCompress } from 'hyparquet-writer/src/snappy.js'
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js'
import { unconvertMinMax } from 'hyparquet-writer/src/unconvert.js'
import { convertedTypes, getScalarElement, physicalTypes } from './scalar-element.js'
import type { SchemaLeaf, SchemaElement } from './hyparquet-schema.js'
import type { Bounds, FinishedChunk, CompressedPage } from '../../../leaves/column-chunk-builder.js'
import { MAX_BOUND_TEXT_BYTES, PLAIN, RLE, RLE_DICTIONARY } from '../../../leaves/parquet-pages.js'

// Parquet's numbers. Source: FieldRepetitionType and PageType in parquet.thrift of apache/parquet-format.
const repetitionIds = { REQUIRED: 0, OPTIONAL: 1, REPEATED: 2 } as const
const DATA_PAGE = 0
const DICTIONARY_PAGE = 2

export const compressSnappyInJs: (bytes: Uint8Array) => Uint8Array = snappyCompress

type ThriftStruct = Record<`field_${number}`, unknown>

const writer = new ByteWriter()

/** Returns the bytes of a struct. The bytes are valid until the next call of any function here. */
function encodeStruct(struct: ThriftStruct): Uint8Array {
  writer.index = 0
  serializeTCompactProtocol(writer, struct)
  return writer.getBytes()
}

/** Returns levels as runs and packed bits. The bytes are valid until the next call of any function here. `highest` is at least 1. */
export function encodeLevels(levels: Uint8Array, highest: number): Uint8Array {
  writer.index = 0
  writeRleBitPackedHybrid(writer, levels, 32 - Math.clz32(highest))
  return writer.getBytes()
}

/** Returns the header of a data page. Levels are RLE and are compressed together with the values. */
export function encodeDataPageHeader({ uncompressedSize, bytes, valueCount, encoding }: CompressedPage): Uint8Array {
  writer.index = 0
  writePageHeader(writer, {
    type: 'DATA_PAGE',
    uncompressed_page_size: uncompressedSize,
    compressed_page_size: bytes.length,
    data_page_header: {
      num_values: valueCount,
      encoding: encoding === PLAIN ? 'PLAIN' : 'RLE_DICTIONARY',
      definition_level_encoding: 'RLE',
      repetition_level_encoding: 'RLE',
    },
  })
  return writer.getBytes()
}

export function encodeDictionaryPageHeader({ uncompressedSize, bytes, valueCount }: CompressedPage): Uint8Array {
  writer.index = 0
  writePageHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: uncompressedSize,
    compressed_page_size: bytes.length,
    dictionary_page_header: { num_values: valueCount, encoding: 'PLAIN' },
  })
  return writer.getBytes()
}

export interface ChunkPosition {
  readonly start: number
  readonly dataStart: number
  readonly end: number
  /** The bytes of the chunk before compression, including page headers. */
  readonly uncompressedSize: number
}

export function encodeChunkMetadata(
  chunk: FinishedChunk,
  { path, type }: SchemaLeaf,
  position: ChunkPosition,
  codecId: number,
): Uint8Array {
  const { start, dataStart, end, uncompressedSize } = position
  return encodeStruct({
    field_2: BigInt(start),
    field_3: {
      field_1: physicalTypes[getScalarElement(type).type],
      field_2: chunk.dictionary ? [PLAIN, RLE, RLE_DICTIONARY] : [PLAIN, RLE],
      field_3: path,
      field_4: codecId,
      field_5: BigInt(chunk.valueCount),
      field_6: BigInt(uncompressedSize),
      field_7: BigInt(end - start),
      field_9: BigInt(dataStart),
      field_11: chunk.dictionary && BigInt(start),
      field_12: type === 'json' ? undefined : createStatistics(chunk, type),
      field_13: chunk.dictionary && countPages(chunk),
    },
  })
}

/** Counts pages by encoding. If all data pages use the dictionary, a reader can skip a chunk whose dictionary lacks a value. */
function countPages({ pages }: FinishedChunk): ThriftStruct[] {
  const count = (encoding: CompressedPage['encoding']) => pages.filter((page) => page.encoding === encoding).length
  const counts = [
    [DICTIONARY_PAGE, PLAIN, 1],
    [DATA_PAGE, RLE_DICTIONARY, count(RLE_DICTIONARY)],
    [DATA_PAGE, PLAIN, count(PLAIN)],
  ] as const
  return counts.filter(([, , pages]) => pages > 0).map(([field_1, field_2, field_3]) => ({ field_1, field_2, field_3 }))
}

function createStatistics({ nullCount, bounds }: FinishedChunk, type: SchemaLeaf['type']): ThriftStruct {
  const cutBounds = bounds && type === 'string' ? cutTextBounds(bounds) : bounds
  return {
    field_3: BigInt(nullCount),
    field_5: cutBounds?.max,
    field_6: cutBounds?.min,
    field_7: bounds && cutBounds && cutBounds.max !== bounds.max ? false : undefined,
    field_8: bounds && cutBounds && cutBounds.min !== bounds.min ? false : undefined,
  }
}

/** Returns bounds of at most {@link MAX_BOUND_TEXT_BYTES}, or undefined if no text of that length is an upper bound. */
function cutTextBounds({ min, max }: Bounds): Bounds | undefined {
  const element = { name: '', ...getScalarElement('string') }
  const upper = unconvertMinMax(max, element, true, MAX_BOUND_TEXT_BYTES)!
  return upper.length > MAX_BOUND_TEXT_BYTES
    ? undefined
    : { min: unconvertMinMax(min, element, false, MAX_BOUND_TEXT_BYTES)!, max: upper }
}

/** Returns the header of a field with a list of structs. The number of the field is the number of the previous field plus 1. */
function encodeListHeader(length: number): Uint8Array {
  writer.index = 0
  writer.appendUint8(LIST_IN_NEXT_FIELD)
  writer.appendUint8(length > 14 ? LONG_LIST_OF_STRUCTS : (length << 4) | STRUCT_TYPE_ID)
  if (length > 14) writer.appendVarInt(length)
  return writer.getBytes()
}

const STRUCT_TYPE_ID = 12
const LIST_IN_NEXT_FIELD = 0x19
const LONG_LIST_OF_STRUCTS = 0xf0 | STRUCT_TYPE_ID

export const encodeGroupStart = (chunkCount: number): Uint8Array => encodeListHeader(chunkCount)

export function encodeGroupEnd(rows: number, uncompressedSize: number, compressedSize: number): Uint8Array {
  return encodeStructRest({
    field_1: true,
    field_2: BigInt(uncompressedSize),
    field_3: BigInt(rows),
    field_6: BigInt(compressedSize),
  })
}

/**
 * Returns the bytes of the fields that are added to a struct after its first fields were written. Thrift stores the
 * number of a field as the distance to the number of the field before. So `struct` must begin with the field that was written last, as
 * `true`. This field is one byte, which is removed.
 */
const encodeStructRest = (struct: ThriftStruct) => encodeStruct(struct).subarray(1)

const FORMAT_VERSION = 2

export function encodeFooterStart(schema: readonly SchemaElement[], rows: number, groupCount: number): Uint8Array {
  const start = encodeStruct({
    field_1: FORMAT_VERSION,
    field_2: schema.map(createSchemaElement),
    field_3: BigInt(rows),
  })
  return Buffer.concat([Buffer.from(start).subarray(0, -1), encodeListHeader(groupCount)])
}

export function encodeFooterEnd(
  metadata: Readonly<Record<string, string>>,
  createdBy: string,
  leafCount: number,
): Uint8Array {
  const pairs = Object.entries(metadata).map(([key, value]) => ({ field_1: key, field_2: value }))
  const orders = Array.from({ length: leafCount }, () => ({ field_1: {} }))
  return encodeStructRest({
    field_4: true,
    // Arrow's Rust reader refuses an empty list, because it has no element type
    field_5: pairs.length > 0 ? pairs : undefined,
    field_6: createdBy,
    field_7: orders,
  })
}

function createSchemaElement({
  name,
  type,
  repetition_type,
  num_children,
  converted_type,
  logical_type,
  type_length,
  precision,
  scale,
}: SchemaElement): ThriftStruct {
  return {
    field_1: type && physicalTypes[type],
    field_2: type_length,
    field_3: repetition_type && repetitionIds[repetition_type],
    field_4: name,
    field_5: num_children,
    field_6: converted_type && convertedTypes[converted_type],
    field_7: scale,
    field_8: precision,
    field_10: logicalType(logical_type),
  }
}
