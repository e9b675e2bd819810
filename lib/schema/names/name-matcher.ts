// Compares the names in the options with the names in the records. Without this check a misspelt name would change the output without an
// error: a column to omit would stay, a column to pick would be missing.
import { ExportError } from '../../shared/errors.js'
import { findNearest } from '../../shared/find-nearest.js'
import * as rule from '../../shared/options.js'
import type { RecordOrRow } from '../../shared/types.js'
import { normalizeName } from './alike-names.js'
import { iterateNames } from './record-names.js'
import { KeysOfLastRecord } from './keys-of-last-record.js'

export interface NamesInOption {
  readonly option: string
  readonly names: readonly string[]
}

/** A name that no record had. */
export interface UnmatchedName {
  /** The option that contains the name: `columns`, `pick`, `omit`, `fields`, `types` or `partitionBy`. */
  readonly option: string
  /** The name in the option. */
  readonly name: string
  /** The most similar name that the records have, or undefined if none is similar. */
  readonly nearest: string | undefined
}

/** An option contains a name that no record has. */
export interface UnmatchedNameWarning extends UnmatchedName {
  /** Which warning it is. */
  readonly code: 'WARN_UNMATCHED_NAME'
  /** The same in words. */
  readonly message: string
}

/** Which unmatched names are errors: with `'omit'` the names in `omit`, with `true` all. With `true`, alike names are errors too. */
export type StrictMode = boolean | 'omit'

export const strictRule: rule.Rule<StrictMode> = rule.either(rule.boolean, rule.oneOf('omit'))

export class NameMatcher {
  readonly #namesInOptions: readonly NamesInOption[]
  readonly #unmatchedNames: Set<string>
  readonly #recordNames = new Set<string>()
  readonly #lastKeys = new KeysOfLastRecord()

  constructor(namesInOptions: readonly NamesInOption[]) {
    this.#namesInOptions = namesInOptions
    this.#unmatchedNames = new Set(namesInOptions.flatMap(({ names }) => names))
  }

  get hasUnmatchedNames(): boolean {
    return this.#unmatchedNames.size > 0
  }

  matchRecord(record: RecordOrRow): void {
    if (!this.hasUnmatchedNames || this.#lastKeys.hasSameKeys(record)) return
    this.#lastKeys.remember(record)
    for (const name of iterateNames(record)) {
      this.#recordNames.add(name)
      this.#unmatchedNames.delete(name)
    }
  }

  get hasSeenNames(): boolean {
    return this.#recordNames.size > 0
  }

  hasNoMatch(names: readonly string[]): boolean {
    return names.every((name) => this.#unmatchedNames.has(name))
  }

  /** The names in the options that no record had. Empty if no record with names was compared. */
  get unmatched(): readonly UnmatchedName[] {
    if (!this.hasSeenNames) return []
    return this.#namesInOptions.flatMap(({ option, names }) =>
      names
        .filter((name) => this.#unmatchedNames.has(name))
        .map((name) => ({ option, name, nearest: findNearestName(name, [...this.#recordNames]) })),
    )
  }
}

/** Returns a known name that differs only in case, blanks, Unicode form or prefix, else a similar one; undefined if none is similar. */
function findNearestName(name: string, known: readonly string[]): string | undefined {
  const normalizeWithoutPrefix = (text: string) => normalizeName(text.replace(/^(?:[a-z]+:|[a-zA-Z]+\.)/, ''))
  return (
    known.find((other) => normalizeName(other) === normalizeName(name)) ??
    known.find((other) => normalizeWithoutPrefix(other) === normalizeWithoutPrefix(name)) ??
    findNearest(name, known)
  )
}

/** @throws ExportError `ERR_UNMATCHED_NAME` if `strict` makes one of the names an error */
export function createUnmatchedWarnings(
  where: string,
  unmatched: readonly UnmatchedName[],
  strict: StrictMode,
): UnmatchedNameWarning[] {
  throwIfUnmatched(where, unmatched, strict)
  return unmatched.map((name) => ({
    code: 'WARN_UNMATCHED_NAME',
    ...name,
    message: `${where}: ${describeUnmatchedName(name)}`,
  }))
}

const MAX_NAMES_IN_MESSAGE = 5

/** @throws ExportError `ERR_UNMATCHED_NAME` if `strict` makes one of the names an error */
export function throwIfUnmatched(where: string, unmatched: readonly UnmatchedName[], strict: StrictMode): void {
  const rejected = unmatched.filter(({ option }) => strict === true || strict === option)
  if (rejected.length === 0) return
  const more = rejected.length > MAX_NAMES_IN_MESSAGE ? `; and ${rejected.length - MAX_NAMES_IN_MESSAGE} more` : ''
  throw new ExportError(
    'ERR_UNMATCHED_NAME',
    `${where}: ${rejected.slice(0, MAX_NAMES_IN_MESSAGE).map(describeUnmatchedName).join('; ')}${more}`,
  )
}

export function createEmptySelectionError(where: string, unmatched: readonly UnmatchedName[]): ExportError {
  const reasons = unmatched.slice(0, MAX_NAMES_IN_MESSAGE).map((name) => `; ${describeUnmatchedName(name)}`)
  const message = `${where}: the selection leaves no column of the report${reasons.join('')}`
  return new ExportError('ERR_UNMATCHED_NAME', message, { reason: 'emptySelection' })
}

const describeUnmatchedName = ({ option, name, nearest }: UnmatchedName) =>
  `${option}: no record has ${JSON.stringify(name)}${nearest === undefined ? '' : `, did you mean ${JSON.stringify(nearest)}`}`
