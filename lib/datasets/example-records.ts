// Selects a few records that have all columns, and all kinds of values in each column. An encoder that gets only these records decides the
// same columns and types as an encoder that gets all records.
import { ExampleRowSelector } from '../encode/table/example-rows.js'
import type { Format, SignatureFunction } from '../encode/format.js'
import { getSignatureFunction } from '../encode/typed/decide-column-type.js'
import { MISSING_SLOT } from '../spans/column-slots.js'
import type { LayoutRun } from '../spans/record-spans.js'
import type { RecordLayout } from '../spans/record-layout.js'
import type { Column } from '../schema/column.js'
import type { Row } from '../shared/types.js'

/** With these options the cells of every column are observed, unless the API documents the type of the column. */
const undeclaredTypeOptions = {
  types: {},
  earlierColumns: new Map(),
  inferTypes: true,
  mapFields: [],
  canWriteNested: true,
}

/** A format without a file: a table encoder gives it columns and rows. */
export class ExampleRecords implements Format {
  readonly records: Row[] = []
  readonly #selector = new ExampleRowSelector()
  readonly #columns: Column[] = []
  /** The indexes of the columns that no selected record has. */
  readonly #missing = new Set<number>()
  readonly #layouts = new Set<RecordLayout>()

  open(columns: readonly Column[]): void {
    this.addColumns(columns)
  }

  addColumns(columns: readonly Column[]): void {
    for (const column of columns) {
      this.#missing.add(this.#columns.length)
      this.#columns.push(column)
      this.#selector.addColumn(this.getSignatureFunction(column))
    }
  }

  encode(rows: readonly Row[]): void {
    for (const row of rows) {
      const cells = this.#columns.map(({ read }) => read(row))
      const shouldKeep = this.#selector.shouldKeep(cells)
      if (this.#takeMissing((index) => cells[index] !== undefined) || shouldKeep) this.records.push(row)
    }
  }

  encodeSpans(runs: readonly LayoutRun[]): void {
    for (const run of runs) {
      const layout = run.spans.getLayout(run.from)
      const isNewLayout = !this.#layouts.has(layout)
      this.#layouts.add(layout)
      const hasNewColumn = isNewLayout && this.#takeMissing((index) => run.columnSlots[index]! !== MISSING_SLOT)
      for (let index = run.from; index < run.to; index++)
        if (this.#selector.shouldKeepSpans(run, index) || (hasNewColumn && index === run.from))
          this.records.push(run.spans.getRecord(index))
    }
  }

  getSignatureFunction(column: Column): SignatureFunction | undefined {
    return getSignatureFunction(column, undeclaredTypeOptions)
  }

  close(): void {
    // there is no file
  }

  /** Removes the columns of a record from the missing columns. Returns true if it had a missing one. Then the record must be selected. */
  #takeMissing(has: (index: number) => boolean): boolean {
    const found = [...this.#missing].filter(has)
    for (const index of found) this.#missing.delete(index)
    return found.length > 0
  }
}
