import { namesOfFormats } from './formats.js'
import { oneOf, switchKind, trimmedKind, type Flag, type FlagGroup } from './flags.js'
import { modeFlag } from './load-flags.js'

export const templateTableFlags: FlagGroup = {
  title: 'Tables instead of files:',
  flags: [
    {
      name: 'into',
      placeholder: '<database>',
      kind: trimmedKind,
      description:
        'instead of jobs that write files, make jobs that load each report into a table of duckdb:FILE or postgresql://USER@HOST/DATABASE',
    },
    modeFlag,
  ],
}

export const templateFormatFlag: Flag = {
  name: 'format',
  ...oneOf(...namesOfFormats),
  description: 'the format of the files; default parquet',
}

export const printSchemaFlag: Flag = {
  name: 'schema',
  kind: switchKind,
  description: 'print the JSON schema of jobs files, for editors, instead of a jobs file',
}
