// Writes lines of JSON from the bytes of records: literals, and values between them. AssemblyScript, called by
// `../json-kernel.ts`.
import { addressOffset, endOf, flagsOf, spanOf, startOf } from '../../common/kernel/block'
import { GrowingBytes } from '../../common/kernel/growing-bytes'
import { NON_CANONICAL, NULL, TEXT } from '../../../spans/span-flags'
import {
  LINES_ADDRESS_OFFSET,
  LINES_BYTES_OFFSET,
  NO_SLOT,
  PIECE_WORDS,
  RESULT,
  STOPPED_PIECE_OFFSET,
  STOPPED_RECORD_OFFSET,
} from './json-kernel-memory'
export { allocateBlock } from '../../common/kernel/block'

const out = new GrowingBytes()
const pieceWords = new GrowingBytes()
const literals = new GrowingBytes()
let pieces: i32 = 0
let record: i32 = 0
let piece: i32 = 0

export function reservePieces(count: i32): usize {
  pieces = count
  pieceWords.reserve(count * PIECE_WORDS * 4)
  return pieceWords.at
}

export function reserveLiterals(bytes: i32): usize {
  literals.reserve(bytes)
  return literals.at
}

export function begin(first: i32): void {
  record = first
  piece = 0
}

export function clear(): void {
  out.clear()
  store<i32>(RESULT, 0, LINES_BYTES_OFFSET)
}

/** Continues with the lines of the records before `to`. Returns false if it stopped at a value with the flag NON_CANONICAL. */
export function putLines(to: i32): bool {
  while (record < to) {
    while (piece < pieces) {
      const words = pieceWords.at + ((piece * PIECE_WORDS * 4) as usize)
      out.append(literals.at + (load<i32>(words, 4) as usize), load<i32>(words, 8))
      if (!putValue(load<i32>(words))) return writeResult(false)
      piece++
    }
    record++
    piece = 0
  }
  return writeResult(true)
}

export function reserveValue(maxBytes: i32): usize {
  out.reserve(maxBytes)
  return out.end
}

export function endValue(bytes: i32): void {
  out.length += bytes
  piece++
}

function putValue(slot: i32): bool {
  if (slot == NO_SLOT) return true
  const span = spanOf(record, slot)
  const flags = flagsOf(span)
  if ((flags & NON_CANONICAL) != 0) return false
  if ((flags & NULL) != 0) {
    out.reserve(4)
    store<u32>(out.end, 0x6c6c756e /* null */)
    out.length += 4
    return true
  }
  const quote = (flags & TEXT) != 0 ? 1 : 0
  const start = startOf(span) - quote
  out.append((start + addressOffset) as usize, endOf(span) + quote - start)
  return true
}

function writeResult(isDone: bool): bool {
  store<i32>(RESULT, record, STOPPED_RECORD_OFFSET)
  store<i32>(RESULT, piece, STOPPED_PIECE_OFFSET)
  store<u32>(RESULT, out.at as u32, LINES_ADDRESS_OFFSET)
  store<i32>(RESULT, out.length, LINES_BYTES_OFFSET)
  return isDone
}
