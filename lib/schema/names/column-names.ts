// The names of columns in the output. Each name is unique. Until `freeze`, no name depends on the order in which the columns appear.
import { ExportError } from '../../shared/errors.js'
import type { Column, CellReader } from '../column.js'
import type { Selection } from '../selection.js'

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
   * Returns a column with its name. If another column has the same name and the naming has distinct names, both columns get distinct
   * names. After `freeze` only the new column gets one.
   *
   * @throws ExportError `ERR_COLUMN_COLLISION` if two columns would have the same name.
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

  /** From now on existing columns keep their names, because the names may already be in the file. */
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

export function createCollisionError(
  where: string,
  name: string,
  ids: readonly string[],
  remedy = 'use naming or omit to tell them apart',
): ExportError {
  const quotedIds = ids.map((id) => JSON.stringify(id)).join(' and ')
  return new ExportError(
    'ERR_COLUMN_COLLISION',
    `${where}: columns ${quotedIds} would have the same name, ${JSON.stringify(name)}; ${remedy}`,
  )
}

/** The error of a record in which two fields have the same prefixed name: `variables: { a }` and `'variable:a'`. */
export const createSameIdError = (where: string, name: string, id: string): ExportError =>
  createCollisionError(where, name, [id, id], 'omit would leave out both, so rename one in a transform')
