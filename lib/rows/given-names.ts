// The names that a caller gave, compared with the names that the records have. A misspelt name would otherwise change
// the output without an error: an omitted column stays, a picked one is missing.
import { ExportError } from '../errors.js'
import { either, flag, nearestOf, oneOf, type Rule } from '../options.js'
import type { Row } from '../types.js'
import { namesIn } from './record-names.js'
import { RecordWatch } from './record-watch.js'

/** The names in one option. */
export interface NamesOf {
  readonly option: string
  readonly names: readonly string[]
}

/** A name that no record had. */
export interface UnmatchedName {
  /** The option that holds it: `columns`, `pick`, `omit`, `fields` or `types`. */
  readonly option: string
  /** The name as it was given. */
  readonly name: string
  /** A name that the records have and that is nearly the same; undefined if there is none. */
  readonly nearest: string | undefined
}

/** A name in an option matched nothing. */
export interface UnmatchedNameWarning extends UnmatchedName {
  /** Which warning it is. */
  readonly code: 'WARN_UNMATCHED_NAME'
  /** The same in words. */
  readonly message: string
}

/** Columns, or fields of NDJSON, have names that many readers take for one: DuckDB reads the first for each, Spark reads none. */
export interface ColumnCaseWarning {
  /** Which warning it is. */
  readonly code: 'WARN_COLUMN_CASE'
  /** The names in the file; of NDJSON those of the columns that the fields would be. */
  readonly columns: readonly string[]
  /** The same in words. */
  readonly message: string
}

/** Which unmatched names are errors: all, those in `omit`, or none. */
export type Strict = boolean | 'omit'

export const strictRule: Rule<Strict> = either(flag, oneOf('omit'))

/** The names of one stream's options. */
export class GivenNames {
  readonly #given: readonly NamesOf[]
  readonly #open: Set<string>
  readonly #seen = new Set<string>()
  readonly #watch = new RecordWatch()

  constructor(given: readonly NamesOf[]) {
    this.#given = given
    this.#open = new Set(given.flatMap(({ names }) => names))
  }

  /** Whether any name is still to be found; then records have to be compared. */
  get isOpen(): boolean {
    return this.#open.size > 0
  }

  /** Compares the names of a record; costs nothing once every name was found. */
  look(record: Row): void {
    if (!this.isOpen || this.#watch.isLikeTheLast(record)) return
    this.#watch.remember(record)
    for (const name of namesIn(record)) {
      this.#seen.add(name)
      this.#open.delete(name)
    }
  }

  /** Whether any record with names was compared. */
  get hasSeen(): boolean {
    return this.#seen.size > 0
  }

  /** Whether none of these names was found. */
  areAllUnmatched(names: readonly string[]): boolean {
    return names.every((name) => this.#open.has(name))
  }

  /** The names that no record had; none if there were no records, since there was nothing to compare. */
  get unmatched(): readonly UnmatchedName[] {
    if (!this.hasSeen) return []
    return this.#given.flatMap(({ option, names }) =>
      names
        .filter((name) => this.#open.has(name))
        .map((name) => ({ option, name, nearest: nearestName(name, [...this.#seen]) })),
    )
  }
}

/** The same name but for case, blanks, Unicode form or prefix, else the one with the fewest differences. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.normalize('NFC').trim().toLowerCase()
  const tail = (text: string) => plain(text.replace(/^(?:[a-z]+:|[a-zA-Z]+\.)/, ''))
  return (
    known.find((other) => plain(other) === plain(name)) ??
    known.find((other) => tail(other) === tail(name)) ??
    nearestOf(name, known)
  )
}

/**
 * What follows from names that matched nothing: a warning each.
 *
 * @throws ExportError `ERR_UNMATCHED_NAME` for those that `strict` makes errors.
 */
export function unmatchedWarnings(
  where: string,
  unmatched: readonly UnmatchedName[],
  strict: Strict,
): UnmatchedNameWarning[] {
  const wrong = unmatched.filter(({ option }) => strict === true || strict === option)
  if (wrong.length > 0) throw unmatchedError(where, wrong)
  return unmatched.map((name) => ({
    code: 'WARN_UNMATCHED_NAME',
    ...name,
    message: `${where}: ${complaintOf(name)}`,
  }))
}

const SHOWN = 5

function unmatchedError(where: string, wrong: readonly UnmatchedName[]): ExportError {
  const more = wrong.length > SHOWN ? `; and ${wrong.length - SHOWN} more` : ''
  return new ExportError('ERR_UNMATCHED_NAME', `${where}: ${wrong.slice(0, SHOWN).map(complaintOf).join('; ')}${more}`)
}

/** What the names are called in messages, and what tells them apart. */
export const ofColumns = { what: 'columns', remedy: 'use naming or omit to tell them apart' }
export const ofFields = { what: 'fields', remedy: 'use omit to leave one out' }

/**
 * What follows from columns whose names are nearly one: a warning for each group.
 *
 * @throws ExportError `ERR_COLUMN_COLLISION` if `strict` is true.
 */
export function alikeWarnings(
  where: string,
  groups: readonly (readonly string[])[],
  strict: Strict,
  { what, remedy } = ofColumns,
): ColumnCaseWarning[] {
  const warnings = groups.map((columns): ColumnCaseWarning => {
    const names = columns.map((name) => JSON.stringify(name)).join(', ')
    const message = `${where}: ${what} ${names} differ only in case, blanks or Unicode form, and many readers take them for one; ${remedy}`
    return { code: 'WARN_COLUMN_CASE', columns, message }
  })
  const [first] = warnings
  if (first && strict === true) throw new ExportError('ERR_COLUMN_COLLISION', first.message)
  return warnings
}

/** The error of a selection that leaves nothing of the records. */
export function nothingLeft(where: string, unmatched: readonly UnmatchedName[]): ExportError {
  const reasons = unmatched.slice(0, SHOWN).map((name) => `; ${complaintOf(name)}`)
  return new ExportError(
    'ERR_UNMATCHED_NAME',
    `${where}: the selection leaves no column of the report${reasons.join('')}`,
  )
}

const complaintOf = ({ option, name, nearest }: UnmatchedName) =>
  `${option}: no record has ${JSON.stringify(name)}${nearest === undefined ? '' : `, did you mean ${JSON.stringify(nearest)}`}`
