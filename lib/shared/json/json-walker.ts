// Walks over JSON in bytes and refuses everything that JSON.parse refuses. Source: RFC 8259. A function `skip…` gets the start of a token
// or value and returns its end. The result -1 means invalid JSON, or nesting that is too deep; the caller then uses JSON.parse.
import * as ascii from '../ascii.js'
import { MAX_SCANNED_DEPTH, SAFE_DIGITS } from './json-limits.js'

/** 1 for each byte that needs no escape inside a text. */
const isPlainByte = new Uint8Array(256).map((_, byte) =>
  byte < 32 || byte === ascii.QUOTE || byte === ascii.BACKSLASH ? 0 : 1,
)

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ascii.ZERO && byte <= ascii.NINE
const isSpace = (byte: number | undefined) => byte === 32 || byte === 10 || byte === 13 || byte === 9

export function skipSpace(bytes: Uint8Array, at: number): number {
  let end = at
  while (isSpace(bytes[end])) end++
  return end
}

function skipEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== ascii.BACKSLASH) return -1
  const letter = bytes[at + 1]
  if (letter === ascii.LOWER_U) return hasFourHexDigits(bytes, at + 2) ? at + 6 : -1
  return letter !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(letter)) ? at + 2 : -1
}

function hasFourHexDigits(bytes: Uint8Array, at: number): boolean {
  for (let digit = at; digit < at + 4; digit++) {
    const byte = bytes[digit] ?? 0
    if (!isDigit(byte) && !((byte | 32) >= 97 && (byte | 32) <= 102)) return false
  }
  return true
}

function mayBeNonCanonicalEscape(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === ascii.LOWER_U || bytes[at + 1] === ascii.SLASH
}

function skipNumber(bytes: Uint8Array, at: number): number {
  let end = bytes[at] === ascii.MINUS ? at + 1 : at
  if (!isDigit(bytes[end])) return -1
  end = bytes[end] === ascii.ZERO ? end + 1 : skipDigits(bytes, end)
  if (bytes[end] === ascii.POINT) {
    if (!isDigit(bytes[end + 1])) return -1
    end = skipDigits(bytes, end + 1)
  }
  if (bytes[end] !== ascii.LOWER_E && bytes[end] !== ascii.CAPITAL_E) return end
  end += bytes[end + 1] === ascii.PLUS || bytes[end + 1] === ascii.MINUS ? 2 : 1
  return isDigit(bytes[end]) ? skipDigits(bytes, end) : -1
}

function skipDigits(bytes: Uint8Array, at: number): number {
  let end = at
  while (isDigit(bytes[end])) end++
  return end
}

function mayBeNonCanonicalNumber(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at] === ascii.MINUS ? at + 1 : at
  if (end - first > SAFE_DIGITS || (bytes[first] === ascii.ZERO && first > at)) return true
  return skipDigits(bytes, first) !== end
}

function skipKeyword(bytes: Uint8Array, at: number): number {
  const keyword = bytes[at] === ascii.LOWER_T ? 'true' : bytes[at] === ascii.LOWER_F ? 'false' : 'null'
  for (let letter = 0; letter < keyword.length; letter++)
    if (bytes[at + letter] !== keyword.charCodeAt(letter)) return -1
  return at + keyword.length
}

export class JsonWalker {
  /** True if JSON.stringify may write one of the values so far in another way. The walker never sets it to false again. */
  mayBeNonCanonical = false

  skipValue(bytes: Uint8Array, at: number, depth = 0): number {
    const first = bytes[at]
    if (first === ascii.QUOTE) return this.skipText(bytes, at)
    if (first === ascii.OPEN_BRACE) return this.#skipObject(bytes, at, depth)
    if (first === ascii.OPEN_BRACKET) return this.#skipArray(bytes, at, depth)
    if (first !== ascii.MINUS && !isDigit(first)) return skipKeyword(bytes, at)
    const end = skipNumber(bytes, at)
    if (end >= 0 && mayBeNonCanonicalNumber(bytes, at, end)) this.mayBeNonCanonical = true
    return end
  }

  /** Begins at the opening quote of a text, and returns the position after the closing quote. */
  skipText(bytes: Uint8Array, at: number): number {
    let end = at + 1
    for (;;) {
      while (isPlainByte[bytes[end]!] === 1) end++
      if (bytes[end] === ascii.QUOTE) return end + 1
      const next = skipEscape(bytes, end)
      if (next < 0) return -1
      if (mayBeNonCanonicalEscape(bytes, end)) this.mayBeNonCanonical = true
      end = next
    }
  }

  #skipArray(bytes: Uint8Array, at: number, depth: number): number {
    if (depth === MAX_SCANNED_DEPTH) return -1
    let end = this.#skipSpace(bytes, at + 1)
    if (bytes[end] === ascii.CLOSE_BRACKET) return end + 1
    for (;;) {
      end = this.skipValue(bytes, end, depth + 1)
      if (end < 0) return -1
      end = this.#skipSpace(bytes, end)
      if (bytes[end] === ascii.CLOSE_BRACKET) return end + 1
      if (bytes[end] !== ascii.COMMA) return -1
      end = this.#skipSpace(bytes, end + 1)
    }
  }

  /**
   * JSON.stringify may write an object with other bytes if it has keys: a key may appear twice, or may be an integer, which JSON.parse
   * moves to the front.
   */
  #skipObject(bytes: Uint8Array, at: number, depth: number): number {
    if (depth === MAX_SCANNED_DEPTH) return -1
    let end = this.#skipSpace(bytes, at + 1)
    if (bytes[end] === ascii.CLOSE_BRACE) return end + 1
    this.mayBeNonCanonical = true
    for (;;) {
      end = this.skipKey(bytes, end)
      if (end < 0) return -1
      end = this.skipValue(bytes, end, depth + 1)
      if (end < 0) return -1
      end = this.#skipSpace(bytes, end)
      if (bytes[end] === ascii.CLOSE_BRACE) return end + 1
      if (bytes[end] !== ascii.COMMA) return -1
      end = this.#skipSpace(bytes, end + 1)
    }
  }

  /** Returns the start of the value after the key at `at`. */
  skipKey(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== ascii.QUOTE) return -1
    const end = this.skipText(bytes, at)
    if (end < 0) return -1
    const colon = this.#skipSpace(bytes, end)
    return bytes[colon] === ascii.COLON ? this.#skipSpace(bytes, colon + 1) : -1
  }

  #skipSpace(bytes: Uint8Array, at: number): number {
    const end = skipSpace(bytes, at)
    if (end > at) this.mayBeNonCanonical = true
    return end
  }
}
