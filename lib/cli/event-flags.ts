// The flags of the event log: its file, and the flags of a format for the event log only.
import { namingFlag } from './encoder-flags.js'
import { list, text, toKebabCase, word, type Flag, type FlagGroup } from './flags.js'
import { formatFlagGroups, formatNames } from './formats.js'

export const eventFlags: FlagGroup = {
  title: 'Event log:',
  flags: [
    {
      name: 'events',
      placeholder: '<file>',
      kind: text,
      description: 'a second file from the same export: one row per flow-node instance',
    },
    {
      name: 'fields',
      alias: 'event-fields',
      placeholder: '<column...>',
      kind: list,
      description: 'columns of the process instance to repeat on every event',
    },
    {
      name: 'events.format',
      placeholder: `<${formatNames.join('|')}>`,
      kind: word,
      description: 'default by the extension of --events',
    },
    ...[namingFlag, ...formatFlagGroups.flatMap(({ flags }) => flags)]
      .filter(({ name }) => name !== 'eventSheet')
      .map(toEventFlag),
  ],
}

/** Returns the flag for the event log only: `--events-delimiter` for `--delimiter`. */
function toEventFlag(flag: Flag): Flag {
  const { name, off, description } = flag
  return {
    ...flag,
    name: `events.${name}`,
    ...(off ? { off: { ...off, description: `--no-${name} of the event log` } } : {}),
    description: description && `--${toKebabCase(name)} of the event log`,
  }
}
