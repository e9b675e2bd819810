// Checks the names in the options of an encoder: figures, warnings, or an error before the file ends.
import type { Column } from '../rows/column.js'
import { alikeNames, alikeWarnings } from '../rows/alike-names.js'
import { GivenNames, nothingLeft, unmatchedWarnings, type NamesOf, type Strict } from '../rows/given-names.js'
import type { EncoderStats, Warn } from './encoder.js'

/** The names in the options of an encoder. */
export interface NamesPlan {
  readonly where: string
  readonly strict: Strict
  /** The names that the caller gave. */
  readonly given: readonly NamesOf[]
}

export class NameCheck extends GivenNames {
  readonly #plan: NamesPlan
  readonly #stats: EncoderStats
  readonly #warn: Warn

  constructor(plan: NamesPlan, stats: EncoderStats, warn: Warn) {
    super(plan.given)
    this.#plan = plan
    this.#stats = stats
    this.#warn = warn
  }

  /** Refuses an output without columns, unless the records have no names either. */
  refuseIf(isEmpty: boolean): void {
    if (isEmpty && this.hasSeen) throw nothingLeft(this.#plan.where, this.unmatched)
  }

  /** Called after the last record and before the file ends, so that an error leaves no file. */
  finish(isEmpty: boolean, columns: readonly Column[] = []): void {
    const picked = this.#plan.given.find(({ option }) => option === 'pick')
    this.refuseIf(isEmpty || (picked !== undefined && this.areAllUnmatched(picked.names)))
    const { where, strict } = this.#plan
    const stats = this.#stats
    stats.unmatched = this.unmatched
    stats.alikeColumns = alikeNames(columns.map(({ name }) => name))
    stats.columnNames = Object.fromEntries(columns.flatMap(({ id, name }) => (id === name ? [] : [[id, name]])))
    const warnings = [
      ...unmatchedWarnings(where, stats.unmatched, strict),
      ...alikeWarnings(where, stats.alikeColumns, strict),
    ]
    for (const warning of warnings) this.#warn(warning)
  }
}
