// Finds the columns of records. The keys of a record are compared with those of the one before, so a record like it costs
// one comparison per key and no look-up. A new column is returned at once, never dropped.
import { isJsonObject } from '../json.js'
import { nestedFields } from '../reports/nested-fields.js'
import { kindOf, fieldsOf } from '../reports/report.js'
import type { ExportRecord, Row } from '../types.js'
import { ownReader, readerOf, withDigits, type Column, type ReadCell } from './column.js'
import { ColumnNames } from './column-names.js'
import { cellsOf, collisionOf, isNestedName } from './flatten.js'
import { RecordWatch } from './record-watch.js'
import { keysOf, type Selection } from './selection.js'

const NONE: readonly Column[] = []
const PREFIXED = 100
const UNKNOWN = 1000

interface Known {
  readonly column: Column
  readonly rank: number
}

/** The columns of a stream of records, in the order of Optimize's own CSV download; later ones are appended. */
export class ColumnSet {
  readonly #selection: Selection
  readonly #whole: ReadonlySet<string>
  readonly #known = new Map<string, Known>()
  readonly #names: ColumnNames
  readonly #watch: RecordWatch

  /** @param whole nested fields that are one column each, rather than a column a key */
  constructor(selection: Selection, whole: readonly string[] = []) {
    this.#selection = selection
    this.#names = new ColumnNames(selection)
    this.#whole = new Set(whole)
    this.#watch = new RecordWatch(this.#whole)
  }

  /** Adds the columns of a record; returns those that are new, most often none. */
  discover(record: Row): readonly Column[] {
    return this.#watch.isLikeTheLast(record) ? NONE : this.#look(record)
  }

  /** Adds a column by its prefixed name. */
  declare(id: string, rank = 0, read = this.#declaredReader(id)): Column {
    const column = this.#names.columnOf(id, read)
    this.#known.set(id, { column, rank })
    return column
  }

  /** Adds a column as {@link discover} would. */
  expect(id: string, rank: number): Column {
    return this.declare(id, rank, this.#readerOf(id))
  }

  /** From now on the names of the columns so far stay, because they may have been written. */
  fixNames(): void {
    this.#names.fix()
  }

  /** Whether there is no column so far. */
  get isEmpty(): boolean {
    return this.#known.size === 0
  }

  /** All columns so far, grouped as Optimize groups them: fields, counts, durations, variables, then the rest. */
  ordered(): Column[] {
    return [...this.#known.values()].sort((a, b) => a.rank - b.rank).map(({ column }) => column)
  }

  #declaredReader(id: string): ReadCell {
    return isNestedName(id) ? this.#wholeReader(id) : readerOf(id)
  }

  /** A nested field as one cell, without the keys that are not wanted. */
  #wholeReader(field: string): ReadCell {
    const read = ownReader(field)
    const inside = this.#selection.inside(field)
    if (typeof inside === 'string') return read
    return (record) => {
      const holder = read(record)
      return isJsonObject(holder) ? keysOf(holder, inside) : holder
    }
  }

  /** A nested field that is no object in one record is a column a key in the others; a whole one is never looked into. */
  #readerOf(id: string): ReadCell {
    if (nestedFields.some(({ field, prefix }) => this.#whole.has(field) && id.startsWith(prefix))) return ownReader(id)
    if (!isNestedName(id)) return readerOf(id)
    if (this.#whole.has(id)) return this.#wholeReader(id)
    return withDigits((record) => (isJsonObject(record[id]) ? undefined : record[id]), ownReader(id).digits)
  }

  #wants(id: string): boolean {
    return this.#whole.has(id) ? this.#selection.inside(id) !== 'none' : this.#selection.wants(id)
  }

  #look(record: Row): readonly Column[] {
    const rankOf = ranksFor(record)
    const fresh: Column[] = []
    const here = new Set<string>()
    for (const [id] of cellsOf(record, this.#whole)) {
      if (!this.#wants(id)) continue
      if (here.has(id)) throw collisionOf(this.#selection.where, this.#selection.nameOf(id), [id, id])
      here.add(id)
      if (!this.#known.has(id)) fresh.push(this.declare(id, rankOf(id), this.#readerOf(id)))
    }
    this.#watch.remember(record)
    return fresh
  }
}

/** Where a column of this record belongs: known records have Optimize's order, rows of the user's keep their own. */
function ranksFor(record: Row): (id: string) => number {
  const kind = kindOf(record as ExportRecord)
  if (kind === undefined) return () => 0
  const fields = fieldsOf[kind]
  return (id) => {
    const field = fields.indexOf(id)
    if (field >= 0) return field
    const group = nestedFields.findIndex(({ field, prefix }) => id === field || id.startsWith(prefix))
    return group >= 0 ? PREFIXED + group : UNKNOWN
  }
}
