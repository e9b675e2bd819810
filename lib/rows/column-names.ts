// The names of columns in the output: no two alike, and the same whatever order the columns come in.
import { collisionOf } from './flatten.js'
import type { Column, ReadCell } from './column.js'
import type { Selection } from './selection.js'

interface Named {
  readonly id: string
  name: string
  readonly read: ReadCell
}

export class ColumnNames {
  readonly #selection: Selection
  readonly #taken = new Map<string, Named>()
  #areFixed = false

  constructor(selection: Selection) {
    this.#selection = selection
  }

  /**
   * Names a column. If another one has its name and the naming can tell them apart, both get another name, so that
   * neither depends on which of them came first.
   *
   * @throws ExportError `ERR_COLUMN_COLLISION` if it cannot.
   */
  columnOf(id: string, read: ReadCell): Column {
    const { nameOf, distinctNameOf } = this.#selection
    const column: Named = { id, name: nameOf(id), read }
    const other = this.#taken.get(column.name)
    if (other && distinctNameOf) {
      column.name = distinctNameOf(id)
      if (!this.#areFixed && other.name === nameOf(other.id)) this.#take(distinctNameOf(other.id), other)
    }
    this.#take(column.name, column)
    return column
  }

  /** From now on the names of the columns so far stay, because they may have been written. */
  fix(): void {
    this.#areFixed = true
  }

  #take(name: string, column: Named): void {
    const other = this.#taken.get(name)
    if (other && other !== column) throw collisionOf(this.#selection.where, name, [other.id, column.id])
    column.name = name
    this.#taken.set(name, column)
  }
}
