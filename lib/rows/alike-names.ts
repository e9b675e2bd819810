// Columns whose names are nearly one: many readers take them for one column.
import { ExportError } from '../errors.js'
import type { Strict } from './given-names.js'

/** Columns have names that many readers take for one: DuckDB reads the first for each of them, Spark reads none. */
export interface ColumnCaseWarning {
  /** Which warning it is. */
  readonly code: 'WARN_COLUMN_CASE'
  /** The names in the file. */
  readonly columns: readonly string[]
  /** The same in words. */
  readonly message: string
}

/** A name without what many readers do not tell apart: case, blanks around it, its Unicode form. */
export const foldedName = (name: string): string => name.normalize('NFC').trim().toLowerCase()

/** Groups of names that differ only in case, in blanks around them or in their Unicode form; many readers take each group for one name. */
export function alikeNames(names: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const folded = foldedName(name)
    const group = groups.get(folded)
    if (group) group.push(name)
    else groups.set(folded, [name])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

/**
 * What follows from columns whose names are nearly one: a warning for each group.
 *
 * @throws ExportError `ERR_COLUMN_COLLISION` if `strict` is true.
 */
export function alikeWarnings(
  where: string,
  groups: readonly (readonly string[])[],
  strict: Strict,
): ColumnCaseWarning[] {
  const warnings = groups.map((columns): ColumnCaseWarning => {
    const names = columns.map((name) => JSON.stringify(name)).join(', ')
    const message = `${where}: columns ${names} differ only in case, blanks or Unicode form, and many readers take them for one; use naming or omit to tell them apart`
    return { code: 'WARN_COLUMN_CASE', columns, message }
  })
  const [first] = warnings
  if (first && strict === true) throw new ExportError('ERR_COLUMN_COLLISION', first.message)
  return warnings
}
