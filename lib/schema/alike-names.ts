// Finds columns whose names differ so little that many readers take them for one column.
import { ExportError } from '../shared/errors.js'
import type { StrictMode } from './name-matcher.js'

/** Columns, or fields of NDJSON, have names that many readers take for one: DuckDB reads the first for each, Spark reads none. */
export interface ColumnCaseWarning {
  /** Which warning it is. */
  readonly code: 'WARN_COLUMN_CASE'
  /** The names in the file; of NDJSON those of the columns that the fields would be. */
  readonly columns: readonly string[]
  /** The same in words. */
  readonly message: string
}

/** A name without what many readers do not tell apart: case, blanks around it, its Unicode form. */
export const foldName = (name: string): string => name.normalize('NFC').trim().toLowerCase()

/** Groups of names that differ only in case, in blanks around them or in their Unicode form; many readers take each group for one name. */
export function groupAlikeNames(names: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const folded = foldName(name)
    const group = groups.get(folded)
    if (group) group.push(name)
    else groups.set(folded, [name])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

/** The word for the names in messages, and the remedy: for columns, and for fields of NDJSON. */
export const columnWording = { subject: 'columns', remedy: 'use naming or omit to tell them apart' }
export const fieldWording = { subject: 'fields', remedy: 'use omit to leave one out' }

/**
 * Returns a warning for each group of {@link groupAlikeNames}.
 *
 * @throws ExportError `ERR_COLUMN_COLLISION` if `strict` is true.
 */
export function createColumnCaseWarnings(
  where: string,
  groups: readonly (readonly string[])[],
  strict: StrictMode,
  { subject, remedy } = columnWording,
): ColumnCaseWarning[] {
  const warnings = groups.map((columns): ColumnCaseWarning => {
    const names = columns.map((name) => JSON.stringify(name)).join(', ')
    const message = `${where}: ${subject} ${names} differ only in case, blanks or Unicode form, and many readers take them for one; ${remedy}`
    return { code: 'WARN_COLUMN_CASE', columns, message }
  })
  const [first] = warnings
  if (first && strict === true) throw new ExportError('ERR_COLUMN_COLLISION', first.message)
  return warnings
}
