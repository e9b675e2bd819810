// The values of which most of a page consists: texts, numbers and words, each in one pass, with what it is as a number of flags.
import { BOOLEAN, ESCAPED, LOOSE, NULL, NUMBER, TEXT } from './span.js'
import { escapeEnd, integerEnd, isLooseEscape, isLooseNumber, numberEnd, isPlain, QUOTE, wordEnd } from './walk.js'
import { plainEnd } from './words.js'

const MINUS = 45
const LETTER_N = 110

export class Tokens {
  /** What the value found last is (`span.ts`). */
  kind = 0

  /** Where a text ends, behind its closing quote; `at` is within, most often where {@link plainEnd} stopped. -1 where it does not end. */
  textEnd(bytes: Buffer, view: DataView, at: number): number {
    let kind = TEXT
    let end = at
    for (;;) {
      while (isPlain[bytes[end]!] === 1) end++
      if (bytes[end] === QUOTE) break
      const next = escapeEnd(bytes, end)
      if (next < 0) return -1
      kind |= isLooseEscape(bytes, end) ? ESCAPED | LOOSE : ESCAPED
      end = plainEnd(view, next)
    }
    this.kind = kind
    return end + 1
  }

  /** Where the number or word at `at` ends; -1 where there is none. */
  bareEnd(bytes: Buffer, at: number): number {
    const first = bytes[at]!
    if (first === MINUS || (first >= 48 && first <= 57)) return this.#numberEnd(bytes, at)
    this.kind = first === LETTER_N ? NULL : BOOLEAN
    return wordEnd(bytes, at)
  }

  #numberEnd(bytes: Buffer, at: number): number {
    const end = integerEnd(bytes, at)
    this.kind = NUMBER
    return end >= 0 ? end : this.#oddNumberEnd(bytes, at)
  }

  #oddNumberEnd(bytes: Buffer, at: number): number {
    const end = numberEnd(bytes, at)
    if (end >= 0 && isLooseNumber(bytes, at, end)) this.kind = NUMBER | LOOSE
    return end
  }
}
