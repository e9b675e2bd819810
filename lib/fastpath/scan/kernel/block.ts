// Records whose spans are known, as a kernel has them that encodes.
import { BLOCK, ENDS, VALUE_INDEX, FLAGS, SOURCE, STARTS } from './block-memory'
import { Bytes } from './growing-bytes'

const source = new Bytes()
const starts = new Bytes()
const ends = new Bytes()
const flags = new Bytes()
const valueIndex = new Bytes()

/** What is added to a place in the page to have it in memory. */
export let origin: i32 = 0

/** Makes room for a block: its bytes begin at this place in the page. {@link BLOCK} says where things belong. */
export function allocateBlock(pageStart: i32, bytes: i32, spans: i32, records: i32): void {
  source.reserve(bytes)
  starts.reserve(4 * spans)
  ends.reserve(4 * spans)
  flags.reserve(spans)
  valueIndex.reserve(4 * records)
  origin = (source.at as i32) - pageStart
  store<u32>(BLOCK, source.at as u32, SOURCE)
  store<u32>(BLOCK, starts.at as u32, STARTS)
  store<u32>(BLOCK, ends.at as u32, ENDS)
  store<u32>(BLOCK, flags.at as u32, FLAGS)
  store<u32>(BLOCK, valueIndex.at as u32, VALUE_INDEX)
}

/** The number in the block of a record's value. */
export function spanOf(record: i32, slot: i32): i32 {
  return load<i32>(valueIndex.at + ((record as usize) << 2)) + slot
}

/** Where the value starts and ends in the page, and what it is. */
export function startOf(span: i32): i32 {
  return load<i32>(starts.at + ((span as usize) << 2))
}

export function endOf(span: i32): i32 {
  return load<i32>(ends.at + ((span as usize) << 2))
}

export function flagsOf(span: i32): i32 {
  return load<u8>(flags.at + (span as usize)) as i32
}
