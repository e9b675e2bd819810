// Appends cells to the rows from the bytes of their values. A function that returns false did not append the cell.
import { LF, CR, QUOTE } from '../../../shared/ascii'
import { out } from '../../common/kernel/output'
import { unescaped, unescape } from '../../common/kernel/unescape'

export function putUnlessQuotesNeeded(at: usize, length: i32, delimiter: u8): bool {
  if (needsQuotes(at, length, delimiter)) return false
  out.append(at, length)
  return true
}

/** Appends a cell in quotes. The cell must not contain quotes. */
export function putQuoted(at: usize, length: i32): void {
  out.push(QUOTE)
  out.append(at, length)
  out.push(QUOTE)
}

/** Appends JSON text in quotes. Returns false if the text contains no quote: then the cell may need no quotes, and the caller writes it. */
export function putJson(at: usize, length: i32): bool {
  const before = out.length
  putDoublingQuotes(at, length)
  if (out.length - before > length + 2) return true
  out.length = before
  return false
}

/** Appends the unescaped text in quotes. Returns false if the text needs no quotes, or has an escape such as `\u00e9`. */
export function putEscaped(at: usize, length: i32, delimiter: u8): bool {
  if (!unescape(at, length) || !needsQuotes(unescaped.at, unescaped.length, delimiter)) return false
  putDoublingQuotes(unescaped.at, unescaped.length)
  return true
}

function needsQuotes(at: usize, length: i32, delimiter: u8): bool {
  const delimiters = i8x16.splat(delimiter)
  let from = at
  for (let left = length; left > 0; left -= 16) {
    const bytes = v128.load(from)
    const breaks = v128.or(i8x16.eq(bytes, i8x16.splat(CR as u8)), i8x16.eq(bytes, i8x16.splat(LF as u8)))
    const quotes = v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE as u8)), i8x16.eq(bytes, delimiters))
    let bits = i8x16.bitmask(v128.or(breaks, quotes))
    if (left < 16) bits &= (1 << left) - 1
    if (bits != 0) return true
    from += 16
  }
  return false
}

export function putDoublingQuotes(at: usize, length: i32): void {
  out.reserve(2 * length + 18)
  const quotes = i8x16.splat(QUOTE as u8)
  let from = at
  let to = out.end
  store<u8>(to++, QUOTE)
  for (let left = length; left > 0;) {
    const bytes = v128.load(from)
    const bits = i8x16.bitmask(i8x16.eq(bytes, quotes))
    const plain = min(left, bits == 0 ? 16 : (ctz(bits) as i32))
    v128.store(to, bytes)
    to += plain as usize
    from += plain as usize
    left -= plain
    if (plain == 16 || left == 0) continue
    store<u16>(to, 0x2222)
    to += 2
    from++
    left--
  }
  store<u8>(to++, QUOTE)
  out.length = (to - out.at) as i32
}
