import type { CompareOptions, LoadOptions } from '../../index.js'
import { switchKind, toKebabCase, type Flag, type FlagGroup } from './flags.js'
import {
  databaseFlags,
  eventTableFlags,
  incrementalFlags,
  loadFlags,
  tableColumnFlags,
  tableFlags,
} from './load-flags.js'
import { joinWithAnd } from '../output/format-text.js'
import { selectionFlags } from './selection-flags.js'

export const dictionaryFlags: readonly Flag[] = [
  { name: 'all', kind: switchKind, description: 'read the whole report, not only the first records' },
  { name: 'markdown', kind: switchKind, description: 'print the dictionary of the columns as a Markdown table' },
]

/** The options of a load that have no effect on its comparison. */
export const optionsWithoutEffect: Readonly<Record<Exclude<keyof LoadOptions, keyof CompareOptions>, undefined>> = {
  deleteMissing: undefined,
  since: undefined,
  sortedBy: undefined,
  lookback: undefined,
  dryRun: undefined,
  keepFiles: undefined,
}

const flagsWithoutEffect = Object.keys(optionsWithoutEffect).map((name) => `--${toKebabCase(name)}`)

/** `--compare`, and the flags of the load to compare with. */
export const compareFlags: readonly FlagGroup[] = [
  {
    title: 'Compare with the last load:',
    flags: [
      {
        name: 'compare',
        kind: switchKind,
        description: `show what a load into --table would change, without loading; use the flags of that load; ${joinWithAnd(flagsWithoutEffect)} have no effect here`,
      },
      ...tableFlags.flags,
    ],
  },
  loadFlags,
  incrementalFlags,
  tableColumnFlags,
  eventTableFlags,
  databaseFlags,
  selectionFlags,
]
