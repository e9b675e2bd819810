// Builds column chunks of a Parquet file from the bytes of records or from values. AssemblyScript, called by
// `../chunk-kernel.ts`.
import { addressOffset, endOf, flagsOf, spanOf, startOf } from '../../common/kernel/block'
import { BOOLEAN, ESCAPED, NON_CANONICAL, NULL, NUMBER, TEXT } from '../../../spans/span-flags'
import { unescaped, unescape } from '../../common/kernel/unescape'
import { GrowingBytes } from '../../common/kernel/growing-bytes'
import { ColumnChunk } from './column-chunk'
import {
  COUNTED_BYTES_OFFSET,
  DICTIONARY_ADDRESS_OFFSET,
  DICTIONARY_BYTES_OFFSET,
  DICTIONARY_ENTRIES_OFFSET,
  MAP_ENTRY_WORDS,
  MAX_ADDRESS_OFFSET,
  MAX_BYTES_OFFSET,
  MIN_ADDRESS_OFFSET,
  MIN_BYTES_OFFSET,
  NULL_COUNT_OFFSET,
  RESULT,
  STOPPED_MAP_ENTRY_OFFSET,
  VALUE_COUNT_OFFSET,
} from './chunk-kernel-memory'
import {
  BOOLEAN_LEAF,
  DOUBLE_LEAF,
  INT64_LEAF,
  JSON_LEAF,
  BASE_COUNTED_BYTES,
  STRING_LEAF,
  TIMESTAMP_LEAF,
  LONG_BYTES,
} from '../../../leaves/leaf-kinds'
import { ANY_NOTATION } from '../../../leaves/number-notations'
import { isBooleanText, parsedDouble, parsedLong, tryParseDouble, tryParseInteger, tryParseTime } from './parse-values'

export { allocateBlock } from '../../common/kernel/block'

/** The value was not appended, because the caller must read it first to find out whether it fits. */
const UNSUPPORTED = -1

const scratch = new GrowingBytes()

/** Creates a chunk. {@link reset} empties it for the next row group. */
export function createChunk(id: i32, kind: i32, definition: i32, repetition: i32): ColumnChunk {
  return new ColumnChunk(id, kind, definition, repetition)
}

export function setNotations(chunk: ColumnChunk, notations: i32): void {
  chunk.notations = notations
}

export function reserveScratch(bytes: i32): usize {
  scratch.reserve(bytes)
  return scratch.at
}

/**
 * Appends the values in this slot of the block's records `from` up to `to`. Returns the first record whose value was not
 * appended, or `to`. The counted bytes are in {@link RESULT}.
 */
export function putSpans(chunk: ColumnChunk, slot: i32, from: i32, to: i32): i32 {
  let countedBytes = 0
  let record = from
  while (record < to) {
    const span = spanOf(record, slot)
    const bytes = putSpan(chunk, startOf(span), endOf(span), flagsOf(span), 0)
    if (bytes == UNSUPPORTED) break
    countedBytes += bytes
    record++
  }
  store<i32>(RESULT, countedBytes, COUNTED_BYTES_OFFSET)
  return record
}

/** The entries of a map: for each the slot of its value, and the start and the length of its key. */
const mapEntryWords = new GrowingBytes()
const keyBytes = new GrowingBytes()

export function reserveMapEntries(count: i32): usize {
  mapEntryWords.reserve(count * MAP_ENTRY_WORDS * 4)
  return mapEntryWords.at
}

export function reserveMapKeys(bytes: i32): usize {
  keyBytes.reserve(bytes)
  return keyBytes.at
}

/**
 * Appends the maps of the block's records `from` up to `to`, from entry `firstEntry` of the first record on. Returns the record of the
 * first entry that was not appended, or `to`; the number of that entry and the counted bytes are in {@link RESULT}.
 */
export function putMaps(keys: ColumnChunk, values: ColumnChunk, count: i32, from: i32, firstEntry: i32, to: i32): i32 {
  let countedBytes = 0
  let record = from
  let entry = firstEntry
  for (; record < to; record++) {
    for (; entry < count; entry++) {
      const words = mapEntryWords.at + ((entry * MAP_ENTRY_WORDS * 4) as usize)
      const span = spanOf(record, load<i32>(words))
      const repetition = entry == 0 ? 0 : 1
      const bytes = putSpan(values, startOf(span), endOf(span), flagsOf(span), repetition)
      if (bytes == UNSUPPORTED) {
        store<i32>(RESULT, countedBytes, COUNTED_BYTES_OFFSET)
        store<i32>(RESULT, entry, STOPPED_MAP_ENTRY_OFFSET)
        return record
      }
      countedBytes +=
        bytes +
        BASE_COUNTED_BYTES +
        putText(keys, keyBytes.at + (load<i32>(words, 4) as usize), load<i32>(words, 8), repetition)
    }
    countedBytes += BASE_COUNTED_BYTES
    entry = 0
  }
  store<i32>(RESULT, countedBytes, COUNTED_BYTES_OFFSET)
  return record
}

/** Appends the value of a span of the block. Returns its counted bytes, or UNSUPPORTED. */
export function putSpan(chunk: ColumnChunk, start: i32, end: i32, flags: i32, repetition: i32): i32 {
  if ((flags & NULL) != 0) return putNull(chunk, repetition)
  const at = (start + addressOffset) as usize
  const endAddress = (end + addressOffset) as usize
  if (end == start && (flags & TEXT) != 0 && chunk.kind != STRING_LEAF) return putNull(chunk, repetition)
  switch (chunk.kind) {
    case STRING_LEAF:
      if ((flags & ESCAPED) != 0)
        return unescape(at, end - start) ? putText(chunk, unescaped.at, unescaped.length, repetition) : UNSUPPORTED
      return (flags & (TEXT | NON_CANONICAL)) != NON_CANONICAL
        ? putText(chunk, at, end - start, repetition)
        : UNSUPPORTED
    case JSON_LEAF:
      return (flags & (TEXT | NON_CANONICAL)) == 0 ? putText(chunk, at, end - start, repetition) : UNSUPPORTED
    case INT64_LEAF:
      return (flags & (TEXT | NUMBER)) != 0 && tryParseInteger(at, endAddress)
        ? putLong(chunk, parsedLong, repetition)
        : UNSUPPORTED
    case TIMESTAMP_LEAF:
      return (flags & TEXT) != 0 && tryParseTime(at, endAddress) ? putLong(chunk, parsedLong, repetition) : UNSUPPORTED
    case DOUBLE_LEAF:
      return (flags & (TEXT | NUMBER)) != 0 &&
        tryParseDouble(at, endAddress, (flags & NUMBER) != 0 ? ANY_NOTATION : chunk.notations)
        ? putDouble(chunk, parsedDouble, repetition)
        : UNSUPPORTED
    case BOOLEAN_LEAF:
      return (flags & BOOLEAN) != 0 || ((flags & TEXT) != 0 && isBooleanText(at, endAddress))
        ? putBit(chunk, endAddress - at == 4, repetition)
        : UNSUPPORTED
    default:
      return UNSUPPORTED
  }
}

export function putText(chunk: ColumnChunk, at: usize, length: i32, repetition: i32): i32 {
  chunk.putText(at, length, repetition)
  return length + BASE_COUNTED_BYTES
}

export function putLong(chunk: ColumnChunk, long: i64, repetition: i32): i32 {
  chunk.putLong(long, repetition)
  return LONG_BYTES
}

/** Appends a safe integer as an int64. */
export function putInteger(chunk: ColumnChunk, integer: f64, repetition: i32): i32 {
  return putLong(chunk, integer as i64, repetition)
}

export function putDouble(chunk: ColumnChunk, double: f64, repetition: i32): i32 {
  return putLong(chunk, reinterpret<i64>(double), repetition)
}

export function putBit(chunk: ColumnChunk, bit: bool, repetition: i32): i32 {
  chunk.putBit(bit, repetition)
  return BASE_COUNTED_BYTES
}

/** Appends a null that is not inside a null list or struct. */
export function putNull(chunk: ColumnChunk, repetition: i32): i32 {
  chunk.putNullAtLevel(chunk.definition - 1, repetition)
  return BASE_COUNTED_BYTES
}

export function putNullAtLevel(chunk: ColumnChunk, definition: i32, repetition: i32): void {
  chunk.putNullAtLevel(definition, repetition)
}

/** Finishes a chunk, and writes its metadata to {@link RESULT}. The bytes at the addresses there are valid until {@link reset}. */
export function finish(chunk: ColumnChunk): void {
  chunk.finish()
  const dictionary = chunk.dictionary
  const bounds = chunk.bounds
  store<i32>(RESULT, chunk.valueCount, VALUE_COUNT_OFFSET)
  store<i32>(RESULT, chunk.nullCount, NULL_COUNT_OFFSET)
  store<u32>(RESULT, dictionary.entries.at as u32, DICTIONARY_ADDRESS_OFFSET)
  store<i32>(RESULT, dictionary.entries.length, DICTIONARY_BYTES_OFFSET)
  store<i32>(RESULT, chunk.needsDictionary ? dictionary.entryCount : 0, DICTIONARY_ENTRIES_OFFSET)
  store<u32>(RESULT, bounds.min as u32, MIN_ADDRESS_OFFSET)
  store<i32>(RESULT, bounds.minBytes, MIN_BYTES_OFFSET)
  store<u32>(RESULT, bounds.max as u32, MAX_ADDRESS_OFFSET)
  store<i32>(RESULT, bounds.maxBytes, MAX_BYTES_OFFSET)
}

export function reset(chunk: ColumnChunk): void {
  chunk.reset()
}
