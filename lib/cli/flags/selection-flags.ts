// The flags that select fields, and the option `strict` that two of them set.
import { UsageError } from '../errors/usage-error.js'
import type { Settings } from '../settings.js'
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

/**
 * Returns the option `strict`. The default of the command line is `'omit'`, because with a misspelt name in `--omit` a file would
 * contain data that the user wants to leave out.
 */
export function getStrict(settings: Settings): boolean | 'omit' {
  const [isStrict, isAllowed] = ['strict', 'allowUnmatched'].map((name) => settings.get(name) === true)
  if (isStrict && isAllowed) throw new UsageError('--strict and --allow-unmatched: expected one of them')
  if (isStrict) return true
  return isAllowed ? false : 'omit'
}
