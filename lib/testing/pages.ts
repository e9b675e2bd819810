// Pages of a raw data report, rendered when asked for; kept only where the user wants them kept.
import type { Zone } from './dates.js'
import type { Records } from './records.js'
import { type Variable, variablesOnPage } from './variables.js'

const openingBracket = 0x5b
const closingBracket = 0x5d
const comma = 0x2c

/** A run of records: the index of the first one and their number. */
export interface Run {
  readonly start: number
  readonly rows: number
}

export class Pages {
  readonly #records: Records
  readonly #variables: readonly Variable[]
  readonly #kept: Map<string, Buffer> | undefined
  #scratch = Buffer.alloc(0)

  constructor(records: Records, variables: readonly Variable[], keep: boolean) {
    this.#records = records
    this.#variables = variables
    this.#kept = keep ? new Map<string, Buffer>() : undefined
  }

  /** Each record as JSON text. */
  rows(run: Run, zone: Zone): string[] {
    const variables = variablesOnPage(this.#variables, run.start, run.rows)
    return Array.from({ length: run.rows }, (_, n) => this.#records.render(run.start + n, zone, variables))
  }

  /** The JSON array of the records. */
  array(run: Run, zone: Zone): Buffer {
    const key = `${run.start} ${run.rows} ${zone.name}`
    const kept = this.#kept?.get(key)
    if (kept) return kept
    const encoded = this.#encode(run, zone)
    this.#kept?.set(key, encoded)
    return encoded
  }

  idOf(index: number): string {
    return this.#records.idOf(index)
  }

  /** Record by record, so that each text is garbage before the next one: a page of texts would outlive the young generation. */
  #encode({ start, rows }: Run, zone: Zone): Buffer {
    const variables = variablesOnPage(this.#variables, start, rows)
    let at = 0
    for (let index = start; index < start + rows; index++) {
      const text = this.#records.render(index, zone, variables)
      const most = at + 3 * text.length + 2
      if (most > this.#scratch.length) this.#scratch = Buffer.concat([this.#scratch], 2 * most)
      this.#scratch[at] = at === 0 ? openingBracket : comma
      at += 1 + this.#scratch.write(text, at + 1)
    }
    if (at === 0) return Buffer.from('[]')
    this.#scratch[at] = closingBracket
    return Buffer.from(this.#scratch.subarray(0, at + 1))
  }
}
