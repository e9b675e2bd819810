import { oneOf } from '../shared/options.js'

export const loadModes = ['replace', 'merge', 'append'] as const

/** How a load writes its rows. */
export type LoadMode = (typeof loadModes)[number]

interface ModeFacts {
  /** True if the load finds the rows of the table by the id of their instance; `since` and `deleteMissing` need that. */
  readonly needsKey: boolean
  /** The number that must not become much smaller than in the last complete load: rows of the table, or records of the report. */
  readonly suspectsLossOf: 'rows' | 'records'
}

export const modeFacts: Readonly<Record<LoadMode, ModeFacts>> = {
  replace: { needsKey: false, suspectsLossOf: 'rows' },
  merge: { needsKey: true, suspectsLossOf: 'records' },
  append: { needsKey: false, suspectsLossOf: 'records' },
}

/** Returns the modes that need the key, or those that do not, for messages: `'replace' or 'append'`. */
export const listModes = (needsKey: boolean): string =>
  oneOf(...loadModes.filter((mode) => modeFacts[mode].needsKey === needsKey)).expected
