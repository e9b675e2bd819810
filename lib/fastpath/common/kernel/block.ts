// A block of records with their spans, in the memory of a kernel that encodes.
import { BLOCK, ENDS_OFFSET, VALUE_OFFSETS_OFFSET, FLAGS_OFFSET, SOURCE_OFFSET, STARTS_OFFSET } from './block-memory'
import { GrowingBytes } from './growing-bytes'

const source = new GrowingBytes()
const starts = new GrowingBytes()
const ends = new GrowingBytes()
const flags = new GrowingBytes()
const valueOffsets = new GrowingBytes()

/** Position in the page + `addressOffset` = address in memory. */
export let addressOffset: i32 = 0

/** Makes room for a block whose bytes begin at `start` in the page, and writes the addresses to {@link BLOCK}. */
export function allocateBlock(start: i32, bytes: i32, spanCount: i32, recordCount: i32): void {
  source.reserve(bytes)
  starts.reserve(4 * spanCount)
  ends.reserve(4 * spanCount)
  flags.reserve(spanCount)
  valueOffsets.reserve(4 * recordCount)
  addressOffset = (source.at as i32) - start
  store<u32>(BLOCK, source.at as u32, SOURCE_OFFSET)
  store<u32>(BLOCK, starts.at as u32, STARTS_OFFSET)
  store<u32>(BLOCK, ends.at as u32, ENDS_OFFSET)
  store<u32>(BLOCK, flags.at as u32, FLAGS_OFFSET)
  store<u32>(BLOCK, valueOffsets.at as u32, VALUE_OFFSETS_OFFSET)
}

export function spanOf(record: i32, slot: i32): i32 {
  return load<i32>(valueOffsets.at + ((record as usize) << 2)) + slot
}

export function startOf(span: i32): i32 {
  return load<i32>(starts.at + ((span as usize) << 2))
}

export function endOf(span: i32): i32 {
  return load<i32>(ends.at + ((span as usize) << 2))
}

export function flagsOf(span: i32): i32 {
  return load<u8>(flags.at + (span as usize)) as i32
}
