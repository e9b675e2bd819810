// Writes lines of JSON from the bytes of records: literals, and values between them. AssemblyScript, called by `../json-kernel.ts`.
import { addressOffset, endOf, flagsOf, spanOf, startOf } from '../../common/kernel/block'
import { GrowingBytes } from '../../common/kernel/growing-bytes'
import { out, writeResult } from '../../common/kernel/output'
import { NON_CANONICAL, NULL, TEXT } from '../../../spans/span-flags'
import { NO_SLOT, PIECE_WORDS } from './json-kernel-memory'
export { allocateBlock } from '../../common/kernel/block'
export { clear, reserveValue } from '../../common/kernel/output'

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

/** Continues with the lines of the records before `to`. Returns false if it stopped at a value with the flag NON_CANONICAL. */
export function putRecords(to: i32): bool {
  while (record < to && putPieces()) {
    record++
    piece = 0
  }
  writeResult(record, piece)
  return record >= to
}

function putPieces(): bool {
  for (; piece < pieces; piece++) {
    const words = pieceWords.at + ((piece * PIECE_WORDS * 4) as usize)
    out.append(literals.at + (load<i32>(words, 4) as usize), load<i32>(words, 8))
    if (!putValue(load<i32>(words))) return false
  }
  return true
}

/** Continues after a value that the caller has written behind the output. */
export function skipWrittenValue(bytes: i32): void {
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
