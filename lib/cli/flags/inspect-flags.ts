import { switchKind, type Flag, type FlagGroup } from './flags.js'
import { databaseFlags, eventTableFlags, loadFlags, tableColumnFlags, tableFlags } from './load-flags.js'

export const dictionaryFlags: readonly Flag[] = [
  { name: 'all', kind: switchKind, description: 'read the whole report, not only the first records' },
  { name: 'markdown', kind: switchKind, description: 'print the dictionary of the columns as a Markdown table' },
]

/** The flags of `loadFlags` that a comparison does not have. */
const loadOnlyNames = ['deleteMissing', 'dryRun', 'keepFiles']

/** The flags of `inspect --compare`: `--compare`, and flags of the load to compare with. */
export const compareFlags: readonly FlagGroup[] = [
  {
    title: 'Compare with the last load:',
    flags: [
      {
        name: 'compare',
        kind: switchKind,
        description: 'show what a load into --table would change, without loading; use the flags of that load',
      },
      ...tableFlags.flags,
      ...loadFlags.flags.filter(({ name }) => !loadOnlyNames.includes(name)),
    ],
  },
  tableColumnFlags,
  eventTableFlags,
  databaseFlags,
]
