// Renders the pages of a raw data report when they are requested, and caches them if the option `cachePages` is true.
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET } from '../../shared/ascii.js'
import type { Zone } from '../dates.js'
import type { RecordSource } from './record-source.js'
import { type Variable, selectPageVariables } from './variables.js'

/** Records that follow each other: the index of the first one and their number. */
export interface RecordRange {
  readonly start: number
  readonly count: number
}

export class PageRenderer {
  readonly #records: RecordSource
  readonly #variables: readonly Variable[]
  readonly #cache: Map<string, Buffer> | undefined
  #scratch = Buffer.alloc(0)

  constructor(records: RecordSource, variables: readonly Variable[], shouldCache: boolean) {
    this.#records = records
    this.#variables = variables
    this.#cache = shouldCache ? new Map<string, Buffer>() : undefined
  }

  renderRecords(range: RecordRange, zone: Zone): string[] {
    const variables = selectPageVariables(this.#variables, range.start, range.count)
    return Array.from({ length: range.count }, (_, n) => this.#records.render(range.start + n, zone, variables))
  }

  renderArray(range: RecordRange, zone: Zone): Buffer {
    const key = `${range.start} ${range.count} ${zone.name}`
    const cached = this.#cache?.get(key)
    if (cached) return cached
    const encoded = this.#encode(range, zone)
    this.#cache?.set(key, encoded)
    return encoded
  }

  getId(index: number): string {
    return this.#records.getId(index)
  }

  /** Encodes record by record, so that the memory of each text can be freed before the next one. */
  #encode({ start, count }: RecordRange, zone: Zone): Buffer {
    const variables = selectPageVariables(this.#variables, start, count)
    let at = 0
    for (let index = start; index < start + count; index++) {
      const text = this.#records.render(index, zone, variables)
      const maxLength = at + 3 * text.length + 2
      if (maxLength > this.#scratch.length) this.#scratch = Buffer.concat([this.#scratch], 2 * maxLength)
      this.#scratch[at] = at === 0 ? OPEN_BRACKET : COMMA
      at += 1 + this.#scratch.write(text, at + 1)
    }
    if (at === 0) return Buffer.from('[]')
    this.#scratch[at] = CLOSE_BRACKET
    return Buffer.from(this.#scratch.subarray(0, at + 1))
  }
}
