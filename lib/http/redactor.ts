// Keeps secrets out of all that leaves the library: errors, their causes, events, stats. A server may send a secret back in
// any encoding, or shortened, so the text is decoded first, and the secret is looked for in what was decoded.
import { decodeText } from './decode-text.js'

/** The characters of all secrets that are kept; then the ones kept first are forgotten, so that memory stays flat. */
const MAX_REGISTERED_CHARACTERS = 2 ** 20
/** A shorter text is no secret. */
const MIN_SECRET_CHARACTERS = 4
/** Of a secret this long, its beginning is one too: servers shorten long values. */
const LONG_SECRET_CHARACTERS = 16
const PREFIX_CHARACTERS = 8

/** Remembers the secrets of an export, earlier cursors included, and masks them in text and errors. */
export class Redactor {
  /** Each with its decoded forms, which are made when they are first needed. */
  readonly #secrets = new Map<string, readonly string[] | undefined>()
  #characters = 0

  /** From now on `value` is masked. */
  register(value: string): void {
    if (value.length < MIN_SECRET_CHARACTERS) return
    const forms = this.#secrets.get(value)
    if (!this.#secrets.delete(value)) this.#characters += value.length
    this.#secrets.set(value, forms)
    for (const oldest of this.#secrets.keys()) {
      if (this.#characters <= MAX_REGISTERED_CHARACTERS || oldest === value) break
      this.#secrets.delete(oldest)
      this.#characters -= oldest.length
    }
  }

  /**
   * The text with every known secret masked: as it is, percent-encoded, form-encoded, in JSON, in HTML, or the first 8
   * characters and more of one that has at least 16. Every query string and every user in a URL is masked as well.
   */
  redact(text: string): string {
    const stripped = text.replace(/(https?:\/\/[^\s?#]*)\?[^\s]*/g, '$1?…').replace(/(https?:\/\/)[^\s/?#@]*@/g, '$1…@')
    const decoded = decodeText(stripped)
    const ranges = this.#listForms().flatMap((form) => findRanges(form, decoded.bytes))
    let redacted = ''
    let at = 0
    for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
      const [start, end] = [decoded.starts[from]!, decoded.starts[to]!]
      if (start >= at) redacted += `${stripped.slice(at, start)}…`
      at = Math.max(at, end)
    }
    return redacted + stripped.slice(at)
  }

  /** A copy of an error that is safe to hand out: its name, code and masked message, and so on down its causes. */
  redactError(error: unknown, depth = 4): unknown {
    if (!(error instanceof Error)) return typeof error === 'string' ? this.redact(error) : undefined
    const { name, message, cause } = error
    const copy = new Error(
      this.redact(message),
      cause === undefined || depth === 0 ? undefined : { cause: this.redactError(cause, depth - 1) },
    )
    copy.name = name
    copy.stack = `${name}: ${copy.message}`
    return Object.assign(copy, pickCode(error))
  }

  /** Each secret decoded, since its own characters may look like an encoding, and as it is. */
  #listForms(): string[] {
    for (const [value, forms] of this.#secrets)
      if (forms === undefined) this.#secrets.set(value, [decodeText(value).bytes, decodeText(value, false).bytes])
    return [...this.#secrets.values()].flatMap((forms) => forms!)
  }
}

/** The ranges of the bytes, from and to, that are the form, or enough of its beginning. */
function findRanges(form: string, bytes: string): [number, number][] {
  const prefix = form.length < LONG_SECRET_CHARACTERS ? form : form.slice(0, PREFIX_CHARACTERS)
  const ranges: [number, number][] = []
  for (let from = bytes.indexOf(prefix); from >= 0; from = bytes.indexOf(prefix, ranges.at(-1)![1])) {
    let length = prefix.length
    while (length < form.length && form[length] === bytes[from + length]) length++
    ranges.push([from, from + length])
  }
  return ranges
}

function pickCode(error: Error): { code?: string } {
  const code: unknown = (error as { code?: unknown }).code
  return typeof code === 'string' ? { code } : {}
}
