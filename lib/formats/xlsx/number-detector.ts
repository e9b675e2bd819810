import { MAX_DIGITS } from './excel-limits.js'

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.(\d+))?$/
/** The lowest precision of a suggested decimal, so that larger numbers of later exports fit. */
const SUGGESTED_PRECISION = 18

export class NumberDetector {
  readonly id: string
  #areNumbers = true
  #scale = 0

  constructor(id: string) {
    this.id = id
  }

  add(text: string): void {
    if (!this.#areNumbers) return
    const found = numberPattern.exec(text)
    this.#areNumbers = found !== null && text.replace(/\D/g, '').length <= MAX_DIGITS
    this.#scale = Math.max(this.#scale, found?.[1]?.length ?? 0)
  }

  /** The type that holds all values, or undefined if they are not all numbers, or none has a fraction. */
  get type(): string | undefined {
    if (!this.#areNumbers || this.#scale === 0) return undefined
    return `decimal(${Math.max(SUGGESTED_PRECISION, MAX_DIGITS + this.#scale)},${this.#scale})`
  }
}
