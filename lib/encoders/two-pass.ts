// Two passes for a format that must know all columns, or all values, before its first byte: rows wait in a spool.
import { deserialize, serialize } from 'node:v8'
import type { Column } from '../rows/column.js'
import type { Row } from '../types.js'
import type { Format } from './format.js'
import { Spool } from './spool.js'

/** Rows read back at a time. */
const FRAME = 500

/** Looks at rows on their first pass. */
export type Observe = (rows: readonly Row[]) => void

/** Gives a format its columns after the last row was seen, and then the rows. */
export class TwoPass implements Format {
  readonly #format: Format
  readonly #observe: Observe
  readonly #spool = new Spool()
  #columns: Column[] = []
  #sample: Row[] = []
  #late: readonly Column[] = []
  #held: Row[] = []

  constructor(format: Format, observe: Observe = () => undefined) {
    this.#format = format
    this.#observe = observe
  }

  open(columns: readonly Column[], sample: readonly Row[]): void {
    this.#columns = [...columns]
    this.#sample = [...sample]
  }

  append(columns: readonly Column[]): void {
    this.#columns.push(...columns)
    this.#late = columns
  }

  async encode(rows: readonly Row[]): Promise<void> {
    this.#observe(rows)
    this.#addToSample(rows)
    for (const row of rows) this.#held.push(row)
    if (this.#held.length >= FRAME) await this.#setAside()
  }

  async close(): Promise<void> {
    if (this.#held.length > 0) await this.#setAside()
    await this.#format.open(this.#columns, this.#sample)
    let first = 1
    for await (const { bytes } of this.#spool.frames()) {
      const rows = deserialize(bytes) as Row[]
      await this.#format.encode(rows, first)
      first += rows.length
    }
    await this.#format.close()
  }

  async dispose(): Promise<void> {
    await this.#spool.dispose()
    await this.#format.dispose?.()
  }

  /** A late column has its first cell in the sample too. */
  #addToSample(rows: readonly Row[]): void {
    for (const { read } of this.#late) {
      const row = rows.find((candidate) => (read(candidate) ?? null) !== null)
      if (row) this.#sample.push(row)
    }
    this.#late = []
  }

  async #setAside(): Promise<void> {
    const rows = this.#held
    this.#held = []
    await this.#spool.write(0, serialize(rows))
  }
}
