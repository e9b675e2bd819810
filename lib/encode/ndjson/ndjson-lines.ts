// The bytes of records as lines. A region is a range of records whose bytes can be copied in one piece.
import { LF } from '../../shared/ascii.js'
import type { RecordSpans } from '../../spans/record-spans.js'

/** The limit for the bytes of a region. A longer record is a region of its own. */
const MAX_REGION_BYTES = 1024 * 1024

/** Returns the end of the region that starts at `index`: canonical records, with one byte between each two. The region may be empty. */
export function findRegionEnd(records: RecordSpans, index: number): number {
  const { starts, ends, length } = records
  let to = index
  while (
    to < length &&
    !records.mayBeNonCanonical(to) &&
    (to === index || (starts[to] === ends[to - 1]! + 1 && ends[to]! - starts[index]! < MAX_REGION_BYTES))
  )
    to++
  return to
}

/**
 * Returns records as lines: LF replaces the byte after each record, in the page itself, or in a copy if another encoder reads the page.
 */
export function extractLines(records: RecordSpans, from: number, to: number, isShared: boolean): Buffer {
  const { bytes, starts, ends } = records
  const start = starts[from]!
  const region = bytes.subarray(start, ends[to - 1]! + 1)
  const lines = isShared ? Buffer.from(region) : region
  for (let index = from; index < to; index++) lines[ends[index]! - start] = LF
  return escapeLines(lines)
}

/** Characters that JSON allows in a text and at which some readers end a line. Source: Unicode, chapter 5.8. */
const separators = ['\u2028', '\u2029', '\u0085'] as const
const [lineSeparator, paragraphSeparator, nextLine] = separators.map((separator) => Buffer.from(separator))

/** The first byte of U+2028 and U+2029. Most pages do not have it, so one search is enough for both. */
const FIRST_BYTE = lineSeparator![0]!

const hasSeparators = (lines: Buffer) =>
  (lines.includes(FIRST_BYTE) && (lines.includes(lineSeparator!) || lines.includes(paragraphSeparator!))) ||
  lines.includes(nextLine!)

export const escapeLines = (lines: Buffer): Buffer =>
  hasSeparators(lines) ? Buffer.from(escapeSeparators(lines.toString())) : lines

/** Writes {@link separators} as escapes, which do not change the value. */
export function escapeSeparators(json: string): string {
  if (!separators.some((separator) => json.includes(separator))) return json
  return json.replace(/[\u2028\u2029\u0085]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
