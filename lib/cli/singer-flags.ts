// The flags of `optimize-export singer`.
import { columnPairs, list, offSwitchKind, word, type FlagGroup } from './flags.js'

export const singerFlags: FlagGroup = {
  title: 'Messages:',
  flags: [
    { name: 'stream', placeholder: '<name>', kind: word, description: 'the name of the stream; default the report id' },
    { name: 'columns', placeholder: '<column...>', kind: list, description: 'only these columns, in this order' },
    {
      name: 'types',
      placeholder: '<column=type...>',
      kind: columnPairs,
      description: 'as for export: variable:amount=decimal(12,2)',
    },
    {
      name: 'inferTypes',
      kind: offSwitchKind,
      off: { value: false, description: 'variables are text' },
      description: '',
    },
    {
      name: 'naming',
      placeholder: '<snake|prefixed|plain>',
      kind: word,
      description: 'variable_amount, variable:amount or amount; default snake',
    },
  ],
}
