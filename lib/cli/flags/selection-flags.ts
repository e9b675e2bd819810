// The flags that select fields.
import { nameListKind, switchKind, type FlagGroup } from './flags.js'

const group = { title: 'Selection:', topic: 'selection' }

/** The flags about unknown names. XES and OCEL have only these, because their encoders make the events themselves. */
export const unmatchedNameFlags: FlagGroup = {
  ...group,
  flags: [
    { name: 'strict', kind: switchKind, description: 'every unknown name (a name that no record has) is an error' },
    { name: 'allowUnmatched', kind: switchKind, description: 'an unknown name in --omit is only a warning' },
  ],
}

export const selectionFlags: FlagGroup = {
  ...group,
  flags: [
    {
      name: 'pick',
      placeholder: '<column...>',
      kind: nameListKind,
      description: 'only these columns, by their prefixed names',
    },
    {
      name: 'omit',
      placeholder: '<column...>',
      kind: nameListKind,
      description: 'all columns except these; an unknown name is an error',
    },
    ...unmatchedNameFlags.flags,
  ],
}
