import { isJsonObject } from '../shared/json/json.js'
import { findNestedField, isNestedField, nestedFields } from '../shared/reports/nested-fields.js'
import { detectKindOfRecord, fieldsByKind } from '../shared/reports/report-kinds.js'
import type { ExportRecord, RecordOrRow } from '../shared/types.js'
import { createPropertyReader, createCellReader, addDigitsReader, type Column, type CellReader } from './column.js'
import { ColumnNames, createSameIdError } from './names/column-names.js'
import { iterateCells } from './rows/flatten.js'
import { getPairRowRanks } from './rows/group-rows.js'
import { KeysOfLastRecord } from './names/keys-of-last-record.js'
import { pickKeys, type Selection } from './selection.js'

const NO_COLUMNS: readonly Column[] = []
const NESTED_COLUMN_RANK = 100
const UNKNOWN_COLUMN_RANK = 1000

interface RankedColumn {
  readonly column: Column
  readonly rank: number
}

export class ColumnSet {
  readonly #selection: Selection
  readonly #singleColumnFields: ReadonlySet<string>
  readonly #columnsById = new Map<string, RankedColumn>()
  readonly #names: ColumnNames
  readonly #lastKeys: KeysOfLastRecord

  /** @param singleColumnFields nested fields that become one column instead of one column per key */
  constructor(selection: Selection, singleColumnFields: readonly string[] = []) {
    this.#selection = selection
    this.#names = new ColumnNames(selection)
    this.#singleColumnFields = new Set(singleColumnFields)
    this.#lastKeys = new KeysOfLastRecord(this.#singleColumnFields)
  }

  /** Adds the selected columns of a record. Returns the new columns. */
  discover(record: RecordOrRow): readonly Column[] {
    return this.#lastKeys.hasSameKeys(record) ? NO_COLUMNS : this.#addNewColumns(record)
  }

  /** @param read reads the cells; by default as for a name in the option `columns`, where a nested field is one column */
  add(id: string, rank = 0, read = this.#createDeclaredColumnReader(id)): Column {
    const column = this.#names.createColumn(id, read)
    this.#columnsById.set(id, { column, rank })
    return column
  }

  /** Adds the selected columns of an earlier file, with the same readers as {@link discover} gives them. */
  addFromSchema(ids: readonly string[]): void {
    for (const [rank, id] of ids.filter((id) => this.#isSelected(id)).entries())
      this.add(id, rank, this.#createReader(id))
  }

  /** Adds the columns of a file without records. The name of a key adds its nested field, if that is one column. */
  addForEmptyFile(ids: readonly string[]): void {
    const toColumnId = (id: string) => {
      const field = findNestedField(id)?.field ?? id
      return this.#singleColumnFields.has(field) ? field : id
    }
    const columnIds = new Set(ids.filter(this.#selection.isSelected).map(toColumnId))
    for (const [rank, id] of [...columnIds].entries()) this.add(id, rank)
  }

  freezeNames(): void {
    this.#names.freeze()
  }

  get isEmpty(): boolean {
    return this.#columnsById.size === 0
  }

  /** Returns all columns so far by their ranks. Columns of the same rank keep the order in which they were added. */
  getOrderedColumns(): Column[] {
    return [...this.#columnsById.values()].sort((a, b) => a.rank - b.rank).map(({ column }) => column)
  }

  #createDeclaredColumnReader(id: string): CellReader {
    return isNestedField(id) ? this.#createSingleColumnReader(id) : createCellReader(id)
  }

  /** Returns the reader of a nested field that is one column. Its cell has the selected keys only. */
  #createSingleColumnReader(field: string): CellReader {
    const read = createPropertyReader(field)
    const selectedKeys = this.#selection.getSelectedKeys(field)
    if (typeof selectedKeys === 'string') return read
    return (record) => {
      const holder = read(record)
      return isJsonObject(holder) ? pickKeys(holder, selectedKeys) : holder
    }
  }

  /**
   * Returns the reader of a column that a record has. A nested field outside `singleColumnFields` may be an object in one record and a
   * plain value in another. The keys of the object have columns of their own, so the reader of the field returns only plain values.
   */
  #createReader(id: string): CellReader {
    if (this.#singleColumnFields.has(findNestedField(id)?.field ?? '')) return createPropertyReader(id)
    if (!isNestedField(id)) return createCellReader(id)
    if (this.#singleColumnFields.has(id)) return this.#createSingleColumnReader(id)
    const { readDigits } = createPropertyReader(id)
    return addDigitsReader((record) => (isJsonObject(record[id]) ? undefined : record[id]), readDigits)
  }

  #isSelected(id: string): boolean {
    return this.#singleColumnFields.has(id)
      ? this.#selection.getSelectedKeys(id) !== 'none'
      : this.#selection.isSelected(id)
  }

  #addNewColumns(record: RecordOrRow): readonly Column[] {
    const getRank = createRankFunction(record)
    const newColumns: Column[] = []
    const idsInRecord = new Set<string>()
    for (const [id] of iterateCells(record, this.#singleColumnFields)) {
      if (!this.#isSelected(id)) continue
      if (idsInRecord.has(id)) throw createSameIdError(this.#selection.where, this.#selection.getColumnName(id), id)
      idsInRecord.add(id)
      if (!this.#columnsById.has(id)) newColumns.push(this.add(id, getRank(id), this.#createReader(id)))
    }
    this.#lastKeys.remember(record)
    return newColumns
  }
}

/** Returns the function that ranks the columns of a record: in Optimize's order (docs/server.md 9.3). In a flat row all are equal. */
function createRankFunction(record: RecordOrRow): (id: string) => number {
  const pairRanks = getPairRowRanks(record)
  if (pairRanks) return (id) => pairRanks.get(id) ?? UNKNOWN_COLUMN_RANK
  const kind = detectKindOfRecord(record as ExportRecord)
  if (kind === undefined) return () => 0
  const fields = fieldsByKind[kind]
  return (id) => {
    const field = fields.indexOf(id)
    if (field >= 0) return field
    const nestedIndex = nestedFields.findIndex(({ field, prefix }) => id === field || id.startsWith(prefix))
    return nestedIndex >= 0 ? NESTED_COLUMN_RANK + nestedIndex : UNKNOWN_COLUMN_RANK
  }
}
