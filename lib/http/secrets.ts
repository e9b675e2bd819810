// Keeps secrets out of whatever leaves the library: errors, their causes, events. URLs are never part of a message at all.

/** Remembers the secrets in use and masks them in text and errors. */
export class Secrets {
  readonly #known = new Map<string, readonly string[]>()

  /** From now on `value` is masked; `slot` says which earlier one it replaces. */
  keep(slot: string, value: string): void {
    if (value.length < 4) return
    const inQuery = new URLSearchParams([['', value]]).toString().slice(1)
    this.#known.set(slot, [value, encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd')), inQuery])
  }

  /** The text with every known secret and every query string masked. */
  mask(text: string): string {
    let masked = text.replace(/(https?:\/\/[^\s?#]*)\?[^\s]*/g, '$1?…')
    for (const form of this.#longestFirst()) masked = masked.replaceAll(form, '…')
    return masked
  }

  /** One secret may begin with another, and its rest would be left. */
  #longestFirst(): string[] {
    return [...this.#known.values()].flat().sort((a, b) => b.length - a.length)
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
}

function codeOf(error: Error): { code?: string } {
  const code: unknown = (error as { code?: unknown }).code
  return typeof code === 'string' ? { code } : {}
}
