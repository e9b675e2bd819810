// Converts the JSON of records from UTF-8 to Latin-1, which has one byte for each character. A character that Latin-1 does not have becomes
// an escape such as `\u2013`. AssemblyScript, called by `../record-parser.ts`.
import { GrowingBytes } from '../../common/kernel/growing-bytes'
import { BOUNDS_OFFSET, JSON_OFFSET, RESULT, SOURCE_OFFSET } from './latin1-kernel-memory'

const source = new GrowingBytes()
const bounds = new GrowingBytes()
const json = new GrowingBytes()

/** Makes room for the bytes and the bounds of records, and writes the addresses to {@link RESULT}. */
export function allocate(bytes: i32, records: i32): void {
  source.reserve(bytes)
  bounds.reserve(8 * records)
  store<u32>(RESULT, source.at as u32, SOURCE_OFFSET)
  store<u32>(RESULT, bounds.at as u32, BOUNDS_OFFSET)
}

/** Converts the records, and changes their bounds into bounds in the json. Returns the length of the json. */
export function convert(records: i32): i32 {
  json.length = 0
  for (let record = 0; record < records; record++) {
    const at = bounds.at + ((record as usize) << 3)
    const start = load<i32>(at)
    const end = load<i32>(at, 4)
    store<i32>(at, json.length)
    putJson(source.at + (start as usize), end - start)
    store<i32>(at, json.length, 4)
  }
  store<u32>(RESULT, json.at as u32, JSON_OFFSET)
  return json.length
}

function putJson(from: usize, length: i32): void {
  // a character of four bytes becomes twelve
  json.reserve(3 * length)
  const end = from + (length as usize)
  let to = json.end
  while (from < end) {
    const bytes = v128.load(from)
    v128.store(to, bytes)
    const nonAscii = i8x16.bitmask(bytes)
    const ascii: usize = nonAscii == 0 ? 16 : (ctz(nonAscii) as usize)
    from += ascii
    to += ascii
    if (nonAscii == 0) continue
    if (from >= end) break
    const lead = load<u8>(from) as i32
    const second = (load<u8>(from, 1) as i32) & 0x3f
    if (lead < 0xc4) {
      store<u8>(to++, (lead << 6) | second)
      from += 2
    } else if (lead < 0xe0) {
      to = putEscape(to, ((lead & 0x1f) << 6) | second)
      from += 2
    } else {
      const third = (load<u8>(from, 2) as i32) & 0x3f
      if (lead < 0xf0) {
        to = putEscape(to, ((lead & 0xf) << 12) | (second << 6) | third)
        from += 3
      } else {
        const fourth = (load<u8>(from, 3) as i32) & 0x3f
        const character = ((lead & 7) << 18) | (second << 12) | (third << 6) | fourth
        // the two halves of a surrogate pair
        to = putEscape(to, 0xd800 | ((character - 0x10000) >> 10))
        to = putEscape(to, 0xdc00 | (character & 0x3ff))
        from += 4
      }
    }
  }
  // the last 16 bytes may go beyond the end
  json.length = (to - json.at - (from - end)) as i32
}

function putEscape(to: usize, unit: i32): usize {
  store<u16>(to, 0x755c /* \u */)
  store<u8>(to, hexDigit(unit >> 12), 2)
  store<u8>(to, hexDigit((unit >> 8) & 0xf), 3)
  store<u8>(to, hexDigit((unit >> 4) & 0xf), 4)
  store<u8>(to, hexDigit(unit & 0xf), 5)
  return to + 6
}

function hexDigit(value: i32): i32 {
  return value < 10 ? 48 + value : 87 + value
}
