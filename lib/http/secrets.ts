// Keeps secrets out of all that leaves the library: errors, their causes, events, stats. A server may send a secret back in
// any encoding, or shortened, so the text is decoded first, and the secret is looked for in what was decoded.
import { decodedText } from './decoded-text.js'

/** The characters of all secrets that are kept; then the ones kept first are forgotten, so that memory stays flat. */
const MAX_CHARACTERS = 2 ** 20
/** A shorter text is no secret. */
const MIN_SECRET_CHARACTERS = 4
/** Of a secret this long, its beginning is one too: servers shorten long values. */
const LONG_SECRET_CHARACTERS = 16
const BEGINNING_CHARACTERS = 8

/** Remembers the secrets of an export, earlier cursors included, and masks them in text and errors. */
export class Secrets {
  /** Each with its decoded forms, which are made when they are first needed. */
  readonly #known = new Map<string, readonly string[] | undefined>()
  #characters = 0

  /** From now on `value` is masked. */
  keep(value: string): void {
    if (value.length < MIN_SECRET_CHARACTERS) return
    const forms = this.#known.get(value)
    if (!this.#known.delete(value)) this.#characters += value.length
    this.#known.set(value, forms)
    for (const oldest of this.#known.keys()) {
      if (this.#characters <= MAX_CHARACTERS || oldest === value) break
      this.#known.delete(oldest)
      this.#characters -= oldest.length
    }
  }

  /**
   * The text with every known secret masked: as it is, percent-encoded, form-encoded, in JSON, in HTML, or the first 8
   * characters and more of one that has at least 16. Every query string and every user in a URL is masked as well.
   */
  mask(text: string): string {
    const bare = text.replace(/(https?:\/\/[^\s?#]*)\?[^\s]*/g, '$1?…').replace(/(https?:\/\/)[^\s/?#@]*@/g, '$1…@')
    const decoded = decodedText(bare)
    const ranges = this.#forms().flatMap((form) => rangesOf(form, decoded.bytes))
    let masked = ''
    let at = 0
    for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
      const [start, end] = [decoded.starts[from]!, decoded.starts[to]!]
      if (start >= at) masked += `${bare.slice(at, start)}…`
      at = Math.max(at, end)
    }
    return masked + bare.slice(at)
  }

  /** A copy of an error that is safe to hand out: its name, code and masked message, and so on down its causes. */
  maskError(error: unknown, depth = 4): unknown {
    if (!(error instanceof Error)) return typeof error === 'string' ? this.mask(error) : undefined
    const { name, message, cause } = error
    const copy = new Error(
      this.mask(message),
      cause === undefined || depth === 0 ? undefined : { cause: this.maskError(cause, depth - 1) },
    )
    copy.name = name
    copy.stack = `${name}: ${copy.message}`
    return Object.assign(copy, codeOf(error))
  }

  /** Each secret decoded, since its own characters may look like an encoding, and as it is. */
  #forms(): string[] {
    for (const [value, forms] of this.#known)
      if (forms === undefined) this.#known.set(value, [decodedText(value).bytes, decodedText(value, false).bytes])
    return [...this.#known.values()].flatMap((forms) => forms!)
  }
}

/** The ranges of the bytes, from and to, that are the form, or enough of its beginning. */
function rangesOf(form: string, bytes: string): [number, number][] {
  const head = form.length < LONG_SECRET_CHARACTERS ? form : form.slice(0, BEGINNING_CHARACTERS)
  const ranges: [number, number][] = []
  for (let from = bytes.indexOf(head); from >= 0; from = bytes.indexOf(head, ranges.at(-1)![1])) {
    let length = head.length
    while (length < form.length && form[length] === bytes[from + length]) length++
    ranges.push([from, from + length])
  }
  return ranges
}

function codeOf(error: Error): { code?: string } {
  const code: unknown = (error as { code?: unknown }).code
  return typeof code === 'string' ? { code } : {}
}
