// Checks the names in the options of an encoder, and the names of its columns.
import { groupAlikeNames, createAlikeNamesWarnings } from '../schema/names/alike-names.js'
import {
  NameMatcher,
  createEmptySelectionError,
  createUnmatchedWarnings,
  type NamesInOption,
  type StrictMode,
} from '../schema/names/name-matcher.js'
import type { EncoderStats } from './encoder.js'
import type { Warn } from './record-encoder.js'

export interface NamesPlan {
  readonly where: string
  readonly strict: StrictMode
  readonly namesInOptions: readonly NamesInOption[]
}

export class NameCheck extends NameMatcher {
  readonly #plan: NamesPlan
  readonly #stats: EncoderStats
  readonly #warn: Warn

  constructor(plan: NamesPlan, stats: EncoderStats, warn: Warn) {
    super(plan.namesInOptions)
    this.#plan = plan
    this.#stats = stats
    this.#warn = warn
  }

  /** Throws the error about a selection without columns. Does nothing if no record was compared. */
  rejectEmptySelection(): void {
    if (this.hasSeenNames) throw createEmptySelectionError(this.#plan.where, this.unmatched)
  }

  /** Sets the figures and emits the warnings, or throws. Called before the file ends, so that an error leaves no complete file. */
  finish(isSelectionEmpty: boolean): void {
    const picked = this.#plan.namesInOptions.find(({ option }) => option === 'pick')
    if (isSelectionEmpty || (picked !== undefined && this.hasNoMatch(picked.names))) this.rejectEmptySelection()
    const { where, strict } = this.#plan
    const stats = this.#stats
    const columns = stats.schema ?? []
    stats.unmatched = this.unmatched
    stats.alikeColumns = groupAlikeNames(columns.map(({ name }) => name))
    stats.columnNames = Object.fromEntries(
      columns.flatMap(({ source, name }) => (source === undefined ? [] : [[source, name]])),
    )
    const warnings = [
      ...createUnmatchedWarnings(where, stats.unmatched, strict),
      ...createAlikeNamesWarnings(where, stats.alikeColumns, strict),
    ]
    for (const warning of warnings) this.#warn(warning)
  }
}
