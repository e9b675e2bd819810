import { columnPairsKind, nameListKind, trimmedKind, type FlagGroup } from './flags.js'
import { inferredColumnFlags } from './column-flags.js'

export const singerFlags: FlagGroup = {
  title: 'Messages:',
  topic: 'singer-messages',
  flags: [
    {
      name: 'stream',
      placeholder: '<name>',
      kind: trimmedKind,
      description: 'the name of the stream; default the report id',
    },
    {
      name: 'columns',
      placeholder: '<column...>',
      kind: nameListKind,
      description: 'only these columns, in this order',
    },
    {
      name: 'types',
      placeholder: '<column=type...>',
      kind: columnPairsKind,
      description: 'the types of columns, as for export: variable:amount=decimal(12,2)',
    },
    ...inferredColumnFlags,
  ],
}
