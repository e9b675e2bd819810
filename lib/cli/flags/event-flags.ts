// The flags of the event log: its file, its rows, and the flags of the formats once more with the prefix `--events-`.
import { eventFieldsFlag, namingFlag } from './column-flags.js'
import { oneOf, textKind, toKebabCase, type Flag, type FlagGroup } from './flags.js'
import { flagGroupsOfFormats, namesOfFormats } from './formats.js'

export const eventFlags: FlagGroup = {
  title: 'Event log:',
  topic: 'events',
  flags: [
    {
      name: 'events',
      placeholder: '<file>',
      kind: textKind,
      description: 'write an event log, such as events.csv or log.xes',
    },
    eventFieldsFlag,
    {
      name: 'events.format',
      ...oneOf(...namesOfFormats),
      description: 'the format of the event log; default: by the extension of --events',
    },
    {
      name: 'lifecycle',
      ...oneOf('single', 'pairs'),
      description:
        'one event per flow-node instance, or one for its start and one for its end; default single, in XES pairs; only in XES, or with --events-naming xes or celonis',
    },
    {
      name: 'activityFallback',
      placeholder: '<name>',
      kind: textKind,
      description:
        'the activity of flow nodes without a name; default unnamed; only in XES or OCEL, or with --events-naming xes or celonis',
    },
    {
      ...namingFlag,
      name: 'events.naming',
      ...oneOf('prefixed', 'plain', 'snake', 'xes', 'celonis'),
      description: 'the names of the columns; xes and celonis are the names that process mining tools expect',
    },
    ...flagGroupsOfFormats
      .flatMap(({ flags }) => flags)
      .filter(({ name }) => name !== 'eventSheet')
      .map(toEventFlag),
  ],
}

/** Returns the same flag for the event log alone: `--events-delimiter` for `--delimiter`. */
function toEventFlag(flag: Flag): Flag {
  const { name, off, description } = flag
  return {
    ...flag,
    name: `events.${name}`,
    ...(off ? { off: { ...off, description: `--no-${toKebabCase(name)} of the event log` } } : {}),
    description: description && `--${toKebabCase(name)} of the event log`,
  }
}
