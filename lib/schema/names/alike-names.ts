import { ExportError } from '../../shared/errors.js'
import type { StrictMode } from './name-matcher.js'

/**
 * Several columns, or fields of NDJSON, have names that many readers treat as the same. For each of the names DuckDB returns the
 * first column, and Spark an error.
 */
export interface AlikeNamesWarning {
  /** Which warning it is. */
  readonly code: 'WARN_ALIKE_NAMES'
  /** The names in the file. For NDJSON: the names that the fields would have as columns. */
  readonly columns: readonly string[]
  /** The same in words. */
  readonly message: string
}

/** Returns the name in lower case, trimmed and in Unicode form NFC. Many programs treat two names as equal if these results are equal. */
export const normalizeName = (name: string): string => name.normalize('NFC').trim().toLowerCase()

/** Returns the groups of names that differ only in case, in blanks around them or in their Unicode form. */
export function groupAlikeNames(names: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const normalized = normalizeName(name)
    const group = groups.get(normalized)
    if (group) group.push(name)
    else groups.set(normalized, [name])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

const columnWording = { subject: 'columns', remedy: 'use naming or omit to tell them apart' }
export const fieldWording = { subject: 'fields', remedy: 'use omit to leave one out' }

/** @throws ExportError `ERR_COLUMN_COLLISION` if `strict` is true and there is a group */
export function createAlikeNamesWarnings(
  where: string,
  groups: readonly (readonly string[])[],
  strict: StrictMode,
  { subject, remedy } = columnWording,
): AlikeNamesWarning[] {
  const warnings = groups.map((columns): AlikeNamesWarning => {
    const names = columns.map((name) => JSON.stringify(name)).join(', ')
    const message = `${where}: ${subject} ${names} differ only in case, blanks or Unicode form, and many readers treat them as the same; ${remedy}`
    return { code: 'WARN_ALIKE_NAMES', columns, message }
  })
  const [first] = warnings
  if (first && strict === true) throw new ExportError('ERR_COLUMN_COLLISION', first.message)
  return warnings
}
