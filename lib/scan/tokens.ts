// The values of which most of a page consists: texts, numbers and words, each in one pass, with what it is as a number of flags.
import { BOOLEAN, ESCAPED, LOOSE, NULL, NUMBER, TEXT } from './span.js'
import { escapeEnd, isLooseEscape, isLooseNumber, numberEnd, QUOTE, STOP, textClass, wordEnd } from './walk.js'

const MINUS = 45
const LETTER_N = 110

export class Tokens {
  /** What the value found last is (`span.ts`). */
  kind = 0

  /** Where the text whose quote is at `at` ends, behind the other quote; -1 where it does not. */
  textEnd(bytes: Buffer, at: number): number {
    const classes = textClass
    let kind = TEXT
    let end = at + 1
    for (;;) {
      let mark = classes[bytes[end]!]!
      while (mark < STOP) {
        kind |= mark
        mark = classes[bytes[++end]!]!
      }
      if (bytes[end] === QUOTE) break
      const next = escapeEnd(bytes, end)
      if (next < 0) return -1
      kind |= isLooseEscape(bytes, end) ? ESCAPED | LOOSE : ESCAPED
      end = next
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
    const end = numberEnd(bytes, at)
    this.kind = end >= 0 && isLooseNumber(bytes, at, end) ? NUMBER | LOOSE : NUMBER
    return end
  }
}
