// Removes secrets from errors, their causes, events and stats. A server may send a secret back encoded or shortened. Therefore the text
// is decoded first, and secrets are searched in the decoded text.
import { decodeText } from './decode-text.js'

/** The limit for the total length of all secrets. If it is exceeded, the oldest secrets are removed, so that memory does not grow. */
const MAX_REGISTERED_CHARACTERS = 2 ** 20
/** A shorter text is not treated as a secret. */
const MIN_SECRET_CHARACTERS = 4
/** If a secret has at least this length, its beginning alone is redacted too, because servers shorten long values. */
const LONG_SECRET_CHARACTERS = 16
const PREFIX_CHARACTERS = 8

/** The texts that are searched for a secret. */
interface SecretForms {
  /** The secret as it is and decoded, because the characters of a secret may look like an encoding. */
  readonly plain: readonly string[]
  readonly base64: readonly string[]
}

export class Redactor {
  /** Each secret with its forms, which are computed at the first use. */
  readonly #secrets = new Map<string, SecretForms | undefined>()
  #characters = 0

  register(value: string, minCharacters = MIN_SECRET_CHARACTERS): void {
    if (value.length < minCharacters) return
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
   * Returns the text without the known secrets: plain, percent-encoded, form-encoded, in base64, in JSON, in HTML or with line breaks. A
   * secret of at least 16 characters is also found by its first 8 characters. Query strings and users in HTTP URLs are removed too.
   */
  redact(text: string): string {
    const stripped = text.replace(/(https?:\/\/[^\s?#]*)\?[^\s]*/g, '$1?…').replace(/(https?:\/\/)[^\s/?#@]*@/g, '$1…@')
    const decoded = decodeText(stripped)
    const ranges = this.#listForms().flatMap(({ plain, base64 }) => [
      ...plain.flatMap((form) => findRanges(form, decoded.bytes)),
      ...base64.flatMap((form) => findRanges(form, decoded.bytes).map((range) => widenRange(range, decoded.bytes))),
    ])
    let redacted = ''
    let at = 0
    for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
      const [start, end] = [decoded.starts[from]!, decoded.ends[to - 1]!]
      if (start >= at) redacted += `${stripped.slice(at, start)}…`
      at = Math.max(at, end)
    }
    return redacted + stripped.slice(at)
  }

  /** Returns a redacted copy of an error (name, code, message, up to four causes), or a redacted string; undefined for any other value. */
  redactError(error: unknown, depth = 4): unknown {
    if (!(error instanceof Error)) return typeof error === 'string' ? this.redact(error) : undefined
    const { name, message, cause } = error
    const copy = new Error(
      this.redact(message),
      cause === undefined || depth === 0 ? undefined : { cause: this.redactError(cause, depth - 1) },
    )
    copy.name = this.redact(name)
    copy.stack = `${copy.name}: ${copy.message}`
    return Object.assign(copy, pickCode(error))
  }

  #listForms(): SecretForms[] {
    for (const [value, forms] of this.#secrets) if (forms === undefined) this.#secrets.set(value, createForms(value))
    return [...this.#secrets.values()].map((forms) => forms!)
  }
}

function createForms(value: string): SecretForms {
  const plain = [decodeText(value).bytes, decodeText(value, false).bytes].filter((form) => form !== '')
  const base64 = [0, 1, 2].map((bytesBefore) => encodeBase64Inside(value, bytesBefore))
  // decodeText makes a space of a plus sign
  const forms = base64.flatMap((form) => [form.replaceAll('+', ' '), form.replaceAll('+', '-').replaceAll('/', '_')])
  return { plain, base64: [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_CHARACTERS) }
}

/** Returns the characters of base64 that the value alone decides if other bytes are before and after it. */
function encodeBase64Inside(value: string, bytesBefore: number): string {
  const bytes = Buffer.concat([Buffer.alloc(bytesBefore), Buffer.from(value)])
  return bytes.toString('base64').slice(Math.ceil((bytesBefore * 4) / 3), Math.floor((bytes.length * 4) / 3))
}

/** Adds the characters of base64 at both ends that hold bits of the secret and of its neighbours. */
function widenRange([from, to]: [number, number], bytes: string): [number, number] {
  const isBase64At = (index: number) => /[\w/-]/.test(bytes.charAt(index))
  return [from > 0 && isBase64At(from - 1) ? from - 1 : from, isBase64At(to) ? to + 1 : to]
}

/** Returns the ranges of the bytes that contain the form, or enough of its beginning. */
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
