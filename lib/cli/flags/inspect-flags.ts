import { switchKind, type Flag, type FlagGroup } from './flags.js'
import {
  databaseFlags,
  eventTableFlags,
  incrementalFlags,
  loadFlags,
  tableColumnFlags,
  tableFlags,
} from './load-flags.js'
import { selectionFlags } from './selection-flags.js'

export const dictionaryFlags: readonly Flag[] = [
  { name: 'all', kind: switchKind, description: 'read the whole report, not only the first records' },
  { name: 'markdown', kind: switchKind, description: 'print the dictionary of the columns as a Markdown table' },
]

/** `--compare`, and the flags of the load to compare with. */
export const compareFlags: readonly FlagGroup[] = [
  {
    title: 'Compare with the last load:',
    flags: [
      {
        name: 'compare',
        kind: switchKind,
        description:
          'show what a load into --table would change, without loading; use the flags of that load; --delete-missing, --since, --sorted-by, --lookback, --dry-run and --keep-files have no effect here',
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
