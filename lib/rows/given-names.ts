// The names that a caller gave, compared with the names that the records have. A misspelt name would otherwise change
// the output without an error: an omitted column stays, a picked one is missing.
import { ExportError } from '../errors.js'
import { either, flag, nearestOf, oneOf, type Rule } from '../options.js'
import type { Row } from '../types.js'
import { foldedName } from './alike-names.js'
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
  const tail = (text: string) => foldedName(text.replace(/^(?:[a-z]+:|[a-zA-Z]+\.)/, ''))
  return (
    known.find((other) => foldedName(other) === foldedName(name)) ??
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

const SHOWN_NAMES = 5

function unmatchedError(where: string, wrong: readonly UnmatchedName[]): ExportError {
  const more = wrong.length > SHOWN_NAMES ? `; and ${wrong.length - SHOWN_NAMES} more` : ''
  return new ExportError(
    'ERR_UNMATCHED_NAME',
    `${where}: ${wrong.slice(0, SHOWN_NAMES).map(complaintOf).join('; ')}${more}`,
  )
}

/** The error of a selection that leaves nothing of the records. */
export function nothingLeft(where: string, unmatched: readonly UnmatchedName[]): ExportError {
  const reasons = unmatched.slice(0, SHOWN_NAMES).map((name) => `; ${complaintOf(name)}`)
  return new ExportError(
    'ERR_UNMATCHED_NAME',
    `${where}: the selection leaves no column of the report${reasons.join('')}`,
  )
}

const complaintOf = ({ option, name, nearest }: UnmatchedName) =>
  `${option}: no record has ${JSON.stringify(name)}${nearest === undefined ? '' : `, did you mean ${JSON.stringify(nearest)}`}`
