// The first rows, which decide the columns. Only those are kept that say something new about a column.
import type { Column } from '../rows/column.js'
import type { ColumnSet } from '../rows/column-set.js'
import type { Row } from '../types.js'
import type { Format } from './format.js'
import { Witnesses } from './witnesses.js'

export class Sample {
  /** The first row, and one for every vote; none for a format in which cells have no say. */
  readonly rows: Row[] = []
  /** How many rows more decide. */
  room: number
  readonly #set: ColumnSet
  readonly #format: Format
  readonly #columns: Column[] = []
  readonly #witnesses = new Witnesses()

  /** @param room how many rows decide, 0 where something else does */
  constructor(set: ColumnSet, format: Format, room: number) {
    this.#set = set
    this.#format = format
    this.room = room
  }

  /** Takes rows, no more than there is room for. */
  take(rows: readonly Row[]): void {
    this.room -= rows.length
    for (const row of rows) {
      for (const column of this.#set.discover(row)) {
        this.#witnesses.add(this.#format.voteOn?.(column))
        this.#columns.push(column)
      }
      if (this.#format.voteOn && this.#witnesses.isNeeded(this.#columns.map(({ read }) => read(row))))
        this.rows.push(row)
    }
  }
}
