// `optimize-export singer` as data: its flags and its help.
import type { RunCommand } from './context.js'
import { selectionFlags } from './encoder-flags.js'
import { columnPairsKind, nameListKind, wordKind, type FlagGroup } from './flags.js'
import { inferenceFlags } from './load-flags.js'
import { progressIntervalFlag, quietFlag } from './output-flags.js'
import type { CommandSpec } from './parser.js'
import { oneReportFlags, serverFlags, sourceFlags } from './source-flags.js'

export const singerFlags: FlagGroup = {
  title: 'Messages:',
  topic: 'singer-messages',
  flags: [
    {
      name: 'stream',
      placeholder: '<name>',
      kind: wordKind,
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
      description: 'as for export: variable:amount=decimal(12,2)',
    },
    ...inferenceFlags,
  ],
}

/** The entry of the command. */
export const singerCommand: CommandSpec & { readonly importCommand: () => Promise<RunCommand> } = {
  name: 'singer',
  description: 'Prints a report as the messages of a Singer tap; the state only when the report is complete.',
  commonFlags: ['report', 'stream', 'types', 'url', 'tokenFile'],
  groups: [
    oneReportFlags,
    { ...singerFlags, flags: [...singerFlags.flags, quietFlag, progressIntervalFlag] },
    serverFlags,
    selectionFlags,
    sourceFlags,
  ],
  helpText: `
Examples:
  optimize-export singer --report e6c5aaa1-… --stream orders | target-jsonl > state.json
  optimize-export singer --report e6c5aaa1-… --stream orders --types 'variable:amount=decimal(12,2)'

  Columns and types are decided by all records, so the first message comes when the whole report has arrived.`,
  importCommand: async () => (await import('./commands/singer.js')).runSinger,
}
