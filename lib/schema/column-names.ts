// The names of columns in the output: no two alike, and the same whatever order the columns come in.
import { createCollisionError } from './flatten.js'
import type { Column, CellReader } from './column.js'
import type { Selection } from './selection.js'

interface NamedColumn {
  readonly id: string
  name: string
  readonly read: CellReader
}

export class ColumnNames {
  readonly #selection: Selection
  readonly #columnsByName = new Map<string, NamedColumn>()
  #isFrozen = false

  constructor(selection: Selection) {
    this.#selection = selection
  }

  /**
   * Names a column. If another one has its name and the naming can tell them apart, both get another name, so that
   * neither depends on which of them came first.
   *
   * @throws ExportError `ERR_COLUMN_COLLISION` if it cannot.
   */
  createColumn(id: string, read: CellReader): Column {
    const { getColumnName, getDistinctColumnName } = this.#selection
    const column: NamedColumn = { id, name: getColumnName(id), read }
    const other = this.#columnsByName.get(column.name)
    if (other && getDistinctColumnName) {
      column.name = getDistinctColumnName(id)
      if (!this.#isFrozen && other.name === getColumnName(other.id))
        this.#assignName(getDistinctColumnName(other.id), other)
    }
    this.#assignName(column.name, column)
    return column
  }

  /** From now on the names of the columns so far stay, because they may have been written. */
  freeze(): void {
    this.#isFrozen = true
  }

  #assignName(name: string, column: NamedColumn): void {
    const other = this.#columnsByName.get(name)
    if (other && other !== column) throw createCollisionError(this.#selection.where, name, [other.id, column.id])
    column.name = name
    this.#columnsByName.set(name, column)
  }
}
