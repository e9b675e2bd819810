// The flags that name reports: one, several, or all of a collection.
import { trimmedKind, trimmedListKind, type FlagGroup } from './flags.js'

export const reportFlags: FlagGroup = {
  title: 'Reports:',
  flags: [
    {
      name: 'report',
      alias: 'report-id',
      placeholder: '<id...>',
      kind: trimmedListKind,
      description: 'id or browser address of the report; several are allowed',
    },
  ],
}

export const oneReportFlags: FlagGroup = {
  title: 'Report:',
  flags: [{ ...reportFlags.flags[0]!, description: 'one report: its id or browser address' }],
}

export const collectionFlags: FlagGroup = {
  title: 'Reports:',
  flags: [
    {
      name: 'collection',
      alias: 'collection-id',
      placeholder: '<id>',
      kind: trimmedKind,
      description: 'id or browser address of the collection',
    },
  ],
}
