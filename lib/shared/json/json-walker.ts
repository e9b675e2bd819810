// Walks over JSON in bytes and refuses everything that JSON.parse refuses. Source: RFC 8259. A function `skip…` gets the start of a token
// or value and returns its end. The result -1 means invalid JSON, or nesting that is too deep; the caller then uses JSON.parse.
import { SAFE_DIGITS } from './safe-digits.js'

export const QUOTE = 34
export const COMMA = 44
export const COLON = 58
export const OPEN_BRACKET = 91
export const CLOSE_BRACKET = 93
export const OPEN_BRACE = 123
export const CLOSE_BRACE = 125
const BACKSLASH = 92
const MINUS = 45
const POINT = 46

/** 1 for each byte that needs no escape inside a text. */
const isPlainByte = new Uint8Array(256).map((_, byte) => (byte < 32 || byte === QUOTE || byte === BACKSLASH ? 0 : 1))

const MAX_DEPTH = 100

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57
const isSpace = (byte: number | undefined) => byte === 32 || byte === 10 || byte === 13 || byte === 9

export function skipSpace(bytes: Uint8Array, at: number): number {
  let end = at
  while (isSpace(bytes[end])) end++
  return end
}

function skipEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== BACKSLASH) return -1
  const letter = bytes[at + 1]
  if (letter === 117) return hasFourHexDigits(bytes, at + 2) ? at + 6 : -1
  return letter !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(letter)) ? at + 2 : -1
}

function hasFourHexDigits(bytes: Uint8Array, at: number): boolean {
  for (let digit = at; digit < at + 4; digit++) {
    const byte = bytes[digit] ?? 0
    if (!isDigit(byte) && !((byte | 32) >= 97 && (byte | 32) <= 102)) return false
  }
  return true
}

function isNonCanonicalEscape(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === 117 || bytes[at + 1] === 47
}

function skipNumber(bytes: Uint8Array, at: number): number {
  let end = bytes[at] === MINUS ? at + 1 : at
  if (!isDigit(bytes[end])) return -1
  end = bytes[end] === 48 ? end + 1 : skipDigits(bytes, end)
  if (bytes[end] === POINT) {
    if (!isDigit(bytes[end + 1])) return -1
    end = skipDigits(bytes, end + 1)
  }
  if (bytes[end] !== 101 && bytes[end] !== 69) return end
  end += bytes[end + 1] === 43 || bytes[end + 1] === MINUS ? 2 : 1
  return isDigit(bytes[end]) ? skipDigits(bytes, end) : -1
}

function skipDigits(bytes: Uint8Array, at: number): number {
  let end = at
  while (isDigit(bytes[end])) end++
  return end
}

function isNonCanonicalNumber(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at] === MINUS ? at + 1 : at
  if (end - first > SAFE_DIGITS || (bytes[first] === 48 && first > at)) return true
  return skipDigits(bytes, first) !== end
}

function skipKeyword(bytes: Uint8Array, at: number): number {
  const keyword = bytes[at] === 116 ? 'true' : bytes[at] === 102 ? 'false' : 'null'
  for (let letter = 0; letter < keyword.length; letter++)
    if (bytes[at + letter] !== keyword.charCodeAt(letter)) return -1
  return at + keyword.length
}

export class JsonWalker {
  /** True if JSON.stringify may write one of the values so far in another way. The walker never sets it to false again. */
  mayDiffer = false

  skipValue(bytes: Uint8Array, at: number, depth = 0): number {
    const first = bytes[at]
    if (first === QUOTE) return this.skipText(bytes, at)
    if (first === OPEN_BRACE) return this.#skipObject(bytes, at, depth)
    if (first === OPEN_BRACKET) return this.#skipArray(bytes, at, depth)
    if (first !== MINUS && !isDigit(first)) return skipKeyword(bytes, at)
    const end = skipNumber(bytes, at)
    if (end >= 0 && isNonCanonicalNumber(bytes, at, end)) this.mayDiffer = true
    return end
  }

  /** Begins at the opening quote of a text, and returns the position after the closing quote. */
  skipText(bytes: Uint8Array, at: number): number {
    let end = at + 1
    for (;;) {
      while (isPlainByte[bytes[end]!] === 1) end++
      if (bytes[end] === QUOTE) return end + 1
      const next = skipEscape(bytes, end)
      if (next < 0) return -1
      if (isNonCanonicalEscape(bytes, end)) this.mayDiffer = true
      end = next
    }
  }

  #skipArray(bytes: Uint8Array, at: number, depth: number): number {
    if (depth === MAX_DEPTH) return -1
    let end = this.#skipSpace(bytes, at + 1)
    if (bytes[end] === CLOSE_BRACKET) return end + 1
    for (;;) {
      end = this.skipValue(bytes, end, depth + 1)
      if (end < 0) return -1
      end = this.#skipSpace(bytes, end)
      if (bytes[end] === CLOSE_BRACKET) return end + 1
      if (bytes[end] !== COMMA) return -1
      end = this.#skipSpace(bytes, end + 1)
    }
  }

  /** An object with keys may differ, because its keys may be duplicate, or integers, which JSON.parse moves to the front. */
  #skipObject(bytes: Uint8Array, at: number, depth: number): number {
    if (depth === MAX_DEPTH) return -1
    let end = this.#skipSpace(bytes, at + 1)
    if (bytes[end] === CLOSE_BRACE) return end + 1
    this.mayDiffer = true
    for (;;) {
      end = this.skipKey(bytes, end)
      if (end < 0) return -1
      end = this.skipValue(bytes, end, depth + 1)
      if (end < 0) return -1
      end = this.#skipSpace(bytes, end)
      if (bytes[end] === CLOSE_BRACE) return end + 1
      if (bytes[end] !== COMMA) return -1
      end = this.#skipSpace(bytes, end + 1)
    }
  }

  /** Returns the start of the value after the key at `at`. */
  skipKey(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== QUOTE) return -1
    const end = this.skipText(bytes, at)
    if (end < 0) return -1
    const colon = this.#skipSpace(bytes, end)
    return bytes[colon] === COLON ? this.#skipSpace(bytes, colon + 1) : -1
  }

  #skipSpace(bytes: Uint8Array, at: number): number {
    const end = skipSpace(bytes, at)
    if (end > at) this.mayDiffer = true
    return end
  }
}
