// Selects a few records that have all columns, and all kinds of values in each column. An encoder that gets only these records decides the
// same columns and types as an encoder that gets all records.
import { columnRules, createColumnPlan } from '../encode/column-options.js'
import { createStats } from '../encode/encoder.js'
import { ExampleRowSelector } from '../encode/table/example-rows.js'
import { TableEncoder } from '../encode/table/table-encoder.js'
import type { Format, SignatureFunction } from '../encode/format.js'
import { getSignatureFunction } from '../encode/typed/decide-column-type.js'
import { MISSING_SLOT } from '../spans/column-slots.js'
import { RecordSpans, type PlannedRun } from '../spans/record-spans.js'
import type { RecordLayout } from '../spans/record-layout.js'
import type { Column } from '../schema/column.js'
import { resolveOptions } from '../shared/options.js'
import type { RecordOrRow } from '../shared/types.js'

/** With this plan the cells of every column are observed, unless the API documents the type of the column. */
const undeclaredTypePlan = {
  types: {},
  earlierColumns: new Map(),
  inferTypes: true,
  mapFields: [],
  canWriteNested: true,
}

const returnNothing = () => undefined

/** Gets all records, and keeps the examples. */
export class ExampleFinder {
  readonly #format = new ExampleFormat()
  readonly #encoder: TableEncoder

  constructor(where: string) {
    const columnOptions = resolveOptions(where, { columns: 'all', sampleSize: 1 }, columnRules)
    this.#encoder = new TableEncoder(createColumnPlan(where, columnOptions), this.#format, createStats(), {
      getColumnsIfEmpty: returnNothing,
      isPartOfTable: () => true,
      warn: returnNothing,
    })
  }

  async add(records: readonly RecordOrRow[] | RecordSpans): Promise<void> {
    if (records instanceof RecordSpans) await this.#encoder.writeSpans!(records, true)
    else await this.#encoder.writeRecords(records)
  }

  /** Returns the examples, when all records are added. */
  async finish(): Promise<readonly RecordOrRow[]> {
    await this.#encoder.end()
    return this.#format.examples
  }
}

class ExampleFormat implements Format {
  readonly examples: RecordOrRow[] = []
  readonly #selector = new ExampleRowSelector()
  readonly #columns: Column[] = []
  /** The indexes of the columns that no example has. */
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

  encode(rows: readonly RecordOrRow[]): void {
    for (const row of rows) {
      const cells = this.#columns.map(({ read }) => read(row))
      const shouldKeep = this.#selector.shouldKeep(cells)
      if (this.#takeMissing((index) => cells[index] !== undefined) || shouldKeep) this.examples.push(row)
    }
  }

  encodeSpans(runs: readonly PlannedRun[]): void {
    for (const run of runs) {
      const layout = run.spans.getLayout(run.from)
      const isNewLayout = !this.#layouts.has(layout)
      this.#layouts.add(layout)
      const hasNewColumn = isNewLayout && this.#takeMissing((index) => run.columnSlots[index]! !== MISSING_SLOT)
      for (let index = run.from; index < run.to; index++)
        if (this.#selector.shouldKeepSpans(run, index) || (hasNewColumn && index === run.from))
          this.examples.push(run.spans.getRecord(index))
    }
  }

  getSignatureFunction(column: Column): SignatureFunction | undefined {
    return getSignatureFunction(column, undeclaredTypePlan)
  }

  close(): void {
    // there is no file
  }

  /**
   * Returns true if a record has a column that no example has, so that the record must become an example. These columns then no longer
   * count as missing.
   */
  #takeMissing(has: (index: number) => boolean): boolean {
    const found = [...this.#missing].filter(has)
    for (const index of found) this.#missing.delete(index)
    return found.length > 0
  }
}
