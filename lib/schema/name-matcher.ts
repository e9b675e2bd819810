// The names that a caller gave, compared with the names that the records have. A misspelt name would otherwise change
// the output without an error: an omitted column stays, a picked one is missing.
import { ExportError } from '../shared/errors.js'
import { either, flag, findNearest, oneOf, type Rule } from '../shared/options.js'
import type { Row } from '../shared/types.js'
import { foldName } from './alike-names.js'
import { iterateNames } from './record-names.js'
import { LastRecordKeys } from './last-record-keys.js'

/** The names in one option. */
export interface OptionNames {
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
export type StrictMode = boolean | 'omit'

export const strictRule: Rule<StrictMode> = either(flag, oneOf('omit'))

/** The names of one stream's options. */
export class NameMatcher {
  readonly #optionNames: readonly OptionNames[]
  readonly #unmatchedNames: Set<string>
  readonly #recordNames = new Set<string>()
  readonly #lastKeys = new LastRecordKeys()

  constructor(optionNames: readonly OptionNames[]) {
    this.#optionNames = optionNames
    this.#unmatchedNames = new Set(optionNames.flatMap(({ names }) => names))
  }

  /** Whether any name is still to be found; then records have to be compared. */
  get hasUnmatchedNames(): boolean {
    return this.#unmatchedNames.size > 0
  }

  /** Compares the names of a record; costs nothing once every name was found. */
  matchRecord(record: Row): void {
    if (!this.hasUnmatchedNames || this.#lastKeys.hasSameKeys(record)) return
    this.#lastKeys.remember(record)
    for (const name of iterateNames(record)) {
      this.#recordNames.add(name)
      this.#unmatchedNames.delete(name)
    }
  }

  /** Whether any record with names was compared. */
  get hasSeenNames(): boolean {
    return this.#recordNames.size > 0
  }

  /** Whether none of these names was found. */
  hasNoMatch(names: readonly string[]): boolean {
    return names.every((name) => this.#unmatchedNames.has(name))
  }

  /** The names that no record had; none if there were no records, since there was nothing to compare. */
  get unmatched(): readonly UnmatchedName[] {
    if (!this.hasSeenNames) return []
    return this.#optionNames.flatMap(({ option, names }) =>
      names
        .filter((name) => this.#unmatchedNames.has(name))
        .map((name) => ({ option, name, nearest: findNearestName(name, [...this.#recordNames]) })),
    )
  }
}

/** The same name but for case, blanks, Unicode form or prefix, else the one with the fewest differences. */
function findNearestName(name: string, known: readonly string[]): string | undefined {
  const normalizeWithoutPrefix = (text: string) => foldName(text.replace(/^(?:[a-z]+:|[a-zA-Z]+\.)/, ''))
  return (
    known.find((other) => foldName(other) === foldName(name)) ??
    known.find((other) => normalizeWithoutPrefix(other) === normalizeWithoutPrefix(name)) ??
    findNearest(name, known)
  )
}

/**
 * What follows from names that matched nothing: a warning each.
 *
 * @throws ExportError `ERR_UNMATCHED_NAME` for those that `strict` makes errors.
 */
export function createUnmatchedWarnings(
  where: string,
  unmatched: readonly UnmatchedName[],
  strict: StrictMode,
): UnmatchedNameWarning[] {
  const rejected = unmatched.filter(({ option }) => strict === true || strict === option)
  if (rejected.length > 0) throw createUnmatchedError(where, rejected)
  return unmatched.map((name) => ({
    code: 'WARN_UNMATCHED_NAME',
    ...name,
    message: `${where}: ${describeUnmatchedName(name)}`,
  }))
}

const MAX_NAMES_IN_MESSAGE = 5

function createUnmatchedError(where: string, rejected: readonly UnmatchedName[]): ExportError {
  const more = rejected.length > MAX_NAMES_IN_MESSAGE ? `; and ${rejected.length - MAX_NAMES_IN_MESSAGE} more` : ''
  return new ExportError(
    'ERR_UNMATCHED_NAME',
    `${where}: ${rejected.slice(0, MAX_NAMES_IN_MESSAGE).map(describeUnmatchedName).join('; ')}${more}`,
  )
}

/** The error of a selection that leaves nothing of the records. */
export function createEmptySelectionError(where: string, unmatched: readonly UnmatchedName[]): ExportError {
  const reasons = unmatched.slice(0, MAX_NAMES_IN_MESSAGE).map((name) => `; ${describeUnmatchedName(name)}`)
  return new ExportError(
    'ERR_UNMATCHED_NAME',
    `${where}: the selection leaves no column of the report${reasons.join('')}`,
  )
}

const describeUnmatchedName = ({ option, name, nearest }: UnmatchedName) =>
  `${option}: no record has ${JSON.stringify(name)}${nearest === undefined ? '' : `, did you mean ${JSON.stringify(nearest)}`}`
