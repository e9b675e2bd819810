// Finds the columns of records. The keys of a record are compared with those of the one before, so a record like it costs
// one comparison per key and no look-up. A new column is returned at once, never dropped.
import { isJsonObject } from '../shared/json.js'
import { nestedFields } from '../shared/reports/nested-fields.js'
import { detectKind, fieldsByKind } from '../shared/reports/report-kinds.js'
import type { ExportRecord, Row } from '../shared/types.js'
import { createOwnReader, createCellReader, addDigitsReader, type Column, type CellReader } from './column.js'
import { ColumnNames } from './column-names.js'
import { iterateCells, createCollisionError, isNestedField } from './flatten.js'
import { LastRecordKeys } from './last-record-keys.js'
import { pickKeys, type Selection } from './selection.js'

const NO_COLUMNS: readonly Column[] = []
const NESTED_COLUMN_RANK = 100
const UNKNOWN_COLUMN_RANK = 1000

interface RankedColumn {
  readonly column: Column
  readonly rank: number
}

/** The columns of a stream of records, in the order of Optimize's own CSV download; later ones are appended. */
export class ColumnSet {
  readonly #selection: Selection
  readonly #singleColumnFields: ReadonlySet<string>
  readonly #columnsById = new Map<string, RankedColumn>()
  readonly #names: ColumnNames
  readonly #lastKeys: LastRecordKeys

  /** @param singleColumnFields nested fields that are one column each, rather than a column a key */
  constructor(selection: Selection, singleColumnFields: readonly string[] = []) {
    this.#selection = selection
    this.#names = new ColumnNames(selection)
    this.#singleColumnFields = new Set(singleColumnFields)
    this.#lastKeys = new LastRecordKeys(this.#singleColumnFields)
  }

  /** Adds the columns of a record; returns those that are new, most often none. */
  discover(record: Row): readonly Column[] {
    return this.#lastKeys.hasSameKeys(record) ? NO_COLUMNS : this.#addNewColumns(record)
  }

  /** Adds a column by its prefixed name. */
  declare(id: string, rank = 0, read = this.#createDeclaredReader(id)): Column {
    const column = this.#names.createColumn(id, read)
    this.#columnsById.set(id, { column, rank })
    return column
  }

  /** Adds a column as {@link discover} would. */
  declareFromSchema(id: string, rank: number): Column {
    return this.declare(id, rank, this.#createReader(id))
  }

  /** From now on the names of the columns so far stay, because they may have been written. */
  freezeNames(): void {
    this.#names.freeze()
  }

  /** Whether there is no column so far. */
  get isEmpty(): boolean {
    return this.#columnsById.size === 0
  }

  /** All columns so far, grouped as Optimize groups them: fields, counts, durations, variables, then the rest. */
  getOrderedColumns(): Column[] {
    return [...this.#columnsById.values()].sort((a, b) => a.rank - b.rank).map(({ column }) => column)
  }

  #createDeclaredReader(id: string): CellReader {
    return isNestedField(id) ? this.#createSingleColumnReader(id) : createCellReader(id)
  }

  /** A nested field as one cell, without the keys that are not wanted. */
  #createSingleColumnReader(field: string): CellReader {
    const read = createOwnReader(field)
    const selectedKeys = this.#selection.getSelectedKeys(field)
    if (typeof selectedKeys === 'string') return read
    return (record) => {
      const holder = read(record)
      return isJsonObject(holder) ? pickKeys(holder, selectedKeys) : holder
    }
  }

  /** A nested field that is no object in one record is a column a key in the others; a whole one is never looked into. */
  #createReader(id: string): CellReader {
    if (nestedFields.some(({ field, prefix }) => this.#singleColumnFields.has(field) && id.startsWith(prefix)))
      return createOwnReader(id)
    if (!isNestedField(id)) return createCellReader(id)
    if (this.#singleColumnFields.has(id)) return this.#createSingleColumnReader(id)
    return addDigitsReader((record) => (isJsonObject(record[id]) ? undefined : record[id]), createOwnReader(id).digits)
  }

  #isSelected(id: string): boolean {
    return this.#singleColumnFields.has(id)
      ? this.#selection.getSelectedKeys(id) !== 'none'
      : this.#selection.isSelected(id)
  }

  #addNewColumns(record: Row): readonly Column[] {
    const getRank = createRankFunction(record)
    const newColumns: Column[] = []
    const idsInRecord = new Set<string>()
    for (const [id] of iterateCells(record, this.#singleColumnFields)) {
      if (!this.#isSelected(id)) continue
      if (idsInRecord.has(id))
        throw createCollisionError(this.#selection.where, this.#selection.getColumnName(id), [id, id])
      idsInRecord.add(id)
      if (!this.#columnsById.has(id)) newColumns.push(this.declare(id, getRank(id), this.#createReader(id)))
    }
    this.#lastKeys.remember(record)
    return newColumns
  }
}

/** Where a column of this record belongs: known records have Optimize's order, rows of the user's keep their own. */
function createRankFunction(record: Row): (id: string) => number {
  const kind = detectKind(record as ExportRecord)
  if (kind === undefined) return () => 0
  const fields = fieldsByKind[kind]
  return (id) => {
    const field = fields.indexOf(id)
    if (field >= 0) return field
    const group = nestedFields.findIndex(({ field, prefix }) => id === field || id.startsWith(prefix))
    return group >= 0 ? NESTED_COLUMN_RANK + group : UNKNOWN_COLUMN_RANK
  }
}
