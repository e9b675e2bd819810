// Two passes for a format that must know all columns, or all values, before its first byte. Rows wait in a spool as lists of
// cells, so that the keys of a wide record are not written and read a thousand times.
import { deserialize, serialize } from 'node:v8'
import type { Column } from '../rows/column.js'
import type { Cell, Row } from '../types.js'
import type { Format, Vote } from './format.js'
import { Spool } from './spool.js'

/** Rows read back at a time. */
const FRAME = 200

/** A list of cells in the place of a row; only the columns of {@link readAt} read it. */
const asRow = (cells: Cell[]) => cells as unknown as Row

/** The column for lists of cells; lists from before the column are too short to have one. */
function readAt({ id, name }: Column, at: number): Column {
  return { id, name, read: (row) => (row as unknown as Cell[])[at] }
}

/** A column whose cells decide something: a row with a vote nobody cast before belongs into the sample. */
interface Ballot {
  readonly at: number
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
  #held: Cell[][] = []

  constructor(format: Format) {
    this.#format = format
  }

  open(columns: readonly Column[]): void {
    this.append(columns)
  }

  append(columns: readonly Column[]): void {
    for (const column of columns) {
      this.#columns.push(column)
      const vote = this.#format.voteOn?.(column)
      if (vote) this.#ballots.push({ at: this.#columns.length - 1, vote, cast: new Set() })
    }
  }

  async encode(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const cells = this.#columns.map(({ read }) => read(row))
      this.#held.push(cells)
      if (this.#hasNewVote(cells)) this.#sample.push(asRow(cells))
      if (this.#held.length >= FRAME) await this.#setAside()
    }
  }

  async close(): Promise<void> {
    if (this.#held.length > 0) await this.#setAside()
    await this.#format.open(this.#columns.map(readAt), this.#sample)
    let first = 1
    for await (const { bytes } of this.#spool.frames()) {
      const rows = (deserialize(bytes) as Cell[][]).map(asRow)
      await this.#format.encode(rows, first)
      first += rows.length
    }
    await this.#format.close()
  }

  async dispose(): Promise<void> {
    await this.#spool.dispose()
    await this.#format.dispose?.()
  }

  #hasNewVote(cells: readonly Cell[]): boolean {
    let isNew = false
    for (const { at, vote, cast } of this.#ballots) {
      const size = cast.size
      cast.add(vote(cells[at]))
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
