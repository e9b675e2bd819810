// Two passes for a format that must know all columns, or all values, before its first byte: rows wait in a spool.
import { deserialize, serialize } from 'node:v8'
import type { Column, ReadCell } from '../rows/column.js'
import type { Row } from '../types.js'
import type { Format, Vote } from './format.js'
import { Spool } from './spool.js'

/** Rows read back at a time. */
const FRAME = 200

/** A column whose cells decide something: a row with a vote nobody cast before belongs into the sample. */
interface Ballot {
  readonly read: ReadCell
  readonly vote: Vote
  readonly cast: Set<string>
}

/** Gives a format its columns after the last row was seen, with a row for every vote in the sample, and then the rows. */
export class TwoPass implements Format {
  readonly #format: Format
  readonly #spool = new Spool()
  readonly #columns: Column[] = []
  readonly #ballots: Ballot[] = []
  readonly #sample: Row[] = []
  #held: Row[] = []

  constructor(format: Format) {
    this.#format = format
  }

  open(columns: readonly Column[]): void {
    this.append(columns)
  }

  append(columns: readonly Column[]): void {
    this.#columns.push(...columns)
    for (const column of columns) {
      const vote = this.#format.voteOn?.(column)
      if (vote) this.#ballots.push({ read: column.read, vote, cast: new Set() })
    }
  }

  async encode(rows: readonly Row[]): Promise<void> {
    if (this.#ballots.length > 0) this.#sample.push(...rows.filter((row) => this.#hasNewVote(row)))
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

  #hasNewVote(row: Row): boolean {
    let isNew = false
    for (const { read, vote, cast } of this.#ballots) {
      const size = cast.size
      cast.add(vote(read(row)))
      isNew ||= cast.size > size
    }
    return isNew
  }

  async #setAside(): Promise<void> {
    const rows = this.#held
    this.#held = []
    await this.#spool.write(0, serialize(rows))
  }
}
