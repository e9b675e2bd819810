// Column chunks of a Parquet file, from the bytes of a page or from values. AssemblyScript, https://www.assemblyscript.org.
// Called by `../chunk-kernel.ts`.
import { endOf, flagsOf, origin, spanOf, startOf } from '../../../scan/kernel/block'
import { BOOLEAN, ESCAPED, LOOSE, NULL, NUMBER, TEXT } from '../../../scan/kernel/kinds'
import { meaning, unescape } from '../../../scan/kernel/unescape'
import { Bytes } from '../../../scan/kernel/growing'
import { Chunk } from './chunk'
import {
  COUNTED,
  DOUBLE,
  ENTRIES,
  ENTRY_BYTES,
  ENTRY_COUNT,
  INT64,
  JSON_TEXT,
  MAX,
  MAX_BYTES,
  MIN,
  MIN_BYTES,
  NULLS,
  PLACE,
  REPORT,
  STRING,
  TIMESTAMP,
  VALUES,
  WORD,
} from './memory'
import { isInteger, isTime, value } from './values'

export { makeRoom } from '../../../scan/kernel/block'

/** What was not appended, since only its value can tell whether it fits. */
const ODD = -1

const scratch = new Bytes()

/** A chunk, to be filled over and over; for its numbers see {@link Chunk}. */
export function newChunk(id: i32, kind: i32, definition: i32, repetition: i32): Chunk {
  return new Chunk(id, kind, definition, repetition)
}

/** Where so many bytes of a text can be put. */
export function makeScratch(bytes: i32): usize {
  scratch.reserve(bytes)
  return scratch.at
}

/**
 * Appends the values of a block's records `from` up to `to`, each the one with this number in its record. Returns how far it came:
 * to the first that only its value can tell about. What they count for is in {@link REPORT}.
 */
export function putSpans(chunk: Chunk, slot: i32, from: i32, to: i32): i32 {
  let counted = 0
  let record = from
  while (record < to) {
    const span = spanOf(record, slot)
    const bytes = putSpan(chunk, startOf(span), endOf(span), flagsOf(span), 0)
    if (bytes == ODD) break
    counted += bytes
    record++
  }
  store<i32>(REPORT, counted, COUNTED)
  return record
}

/** Appends the value of a span within the block; returns what it counts for, or -1 where only its value can tell. */
export function putSpan(chunk: Chunk, start: i32, end: i32, kinds: i32, repetition: i32): i32 {
  if ((kinds & NULL) != 0) return putMissing(chunk, repetition)
  const at = (start + origin) as usize
  const stop = (end + origin) as usize
  switch (chunk.kind) {
    case STRING:
      if ((kinds & ESCAPED) != 0)
        return unescape(at, end - start) ? putText(chunk, meaning.at, meaning.length, repetition) : ODD
      return (kinds & (TEXT | LOOSE)) != LOOSE ? putText(chunk, at, end - start, repetition) : ODD
    case JSON_TEXT:
      return (kinds & (TEXT | LOOSE)) == 0 ? putText(chunk, at, end - start, repetition) : ODD
    case INT64:
      return (kinds & (TEXT | NUMBER)) != 0 && isInteger(at, stop) ? putLong(chunk, value, repetition) : ODD
    case TIMESTAMP:
      return (kinds & TEXT) != 0 && isTime(at, stop) ? putLong(chunk, value, repetition) : ODD
    case DOUBLE:
      return (kinds & NUMBER) != 0 && isInteger(at, stop) ? putDouble(chunk, value as f64, repetition) : ODD
    default:
      return (kinds & BOOLEAN) != 0 ? putBit(chunk, stop - at == 4, repetition) : ODD
  }
}

export function putText(chunk: Chunk, at: usize, length: i32, repetition: i32): i32 {
  chunk.putText(at, length, repetition)
  return length + PLACE
}

export function putLong(chunk: Chunk, long: i64, repetition: i32): i32 {
  chunk.putWord(long, repetition)
  return WORD
}

/** A safe integer, as an int64. */
export function putInteger(chunk: Chunk, integer: f64, repetition: i32): i32 {
  return putLong(chunk, integer as i64, repetition)
}

export function putDouble(chunk: Chunk, double: f64, repetition: i32): i32 {
  return putLong(chunk, reinterpret<i64>(double), repetition)
}

export function putBit(chunk: Chunk, bit: bool, repetition: i32): i32 {
  chunk.putBit(bit, repetition)
  return PLACE
}

/** Appends that there is no value, but all that is around it. */
export function putMissing(chunk: Chunk, repetition: i32): i32 {
  chunk.none(chunk.definition - 1, repetition)
  return PLACE
}

/** Appends that up to this definition level there is something. */
export function putNone(chunk: Chunk, definition: i32, repetition: i32): void {
  chunk.none(definition, repetition)
}

/** Ends a chunk; the rest is in {@link REPORT}, and good until {@link restart}. */
export function finish(chunk: Chunk): void {
  chunk.finish()
  const dictionary = chunk.dictionary
  const bounds = chunk.bounds
  store<i32>(REPORT, chunk.values, VALUES)
  store<i32>(REPORT, chunk.nulls, NULLS)
  store<u32>(REPORT, dictionary.entries.at as u32, ENTRIES)
  store<i32>(REPORT, dictionary.entries.length, ENTRY_BYTES)
  store<i32>(REPORT, chunk.isIndexed ? dictionary.size : 0, ENTRY_COUNT)
  store<u32>(REPORT, bounds.min as u32, MIN)
  store<i32>(REPORT, bounds.minBytes, MIN_BYTES)
  store<u32>(REPORT, bounds.max as u32, MAX)
  store<i32>(REPORT, bounds.maxBytes, MAX_BYTES)
}

/** Begins a chunk anew. */
export function restart(chunk: Chunk): void {
  chunk.restart()
}
