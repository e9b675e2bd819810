// The options of the encoder of the event log, and the transform before it.
import { flowNodeEvents, type MiningOptions, type RowTransform } from '../../index.js'
import { eventFlags } from '../flags/event-flags.js'
import { getStrict } from '../read-selection.js'
import type { Settings } from '../settings.js'
import { recordOnlyGroups, throwIfNotForFormat } from './format-errors.js'
import { formats, listEncoderFlags, type FormatName } from '../flags/formats.js'
import type { Target } from './target.js'

/** The flags `--events-…` of options of encoders. */
const eventEncoderFlags = {
  ...eventFlags,
  flags: eventFlags.flags.filter(({ name }) => name.startsWith('events.') && name !== 'events.format'),
}

/** Returns the options of the encoder of an event log, for all formats but XES and OCEL. */
export function createEventOptions(settings: Settings, format: FormatName): Record<string, unknown> {
  const shared = settings.options(...listEncoderFlags(format).filter((group) => !recordOnlyGroups.includes(group)))
  // these two are for the file of the records
  delete shared['typesFrom']
  delete shared['eventSheet']
  const { events } = settings.options(eventEncoderFlags)
  const options: Record<string, unknown> = { ...shared, ...(events as object | undefined) }
  settings.checkWord('events.naming')
  throwIfNotForFormat(settings, format, [eventEncoderFlags])
  if (isMiningNaming(options['naming'])) delete options['naming']
  return { ...options, strict: getStrict(settings) === true }
}

/** Returns the options of the encoder of an XES or OCEL file. `isAlone` is true if no records are exported. */
export function createMiningOptions(settings: Settings, format: FormatName, isAlone: boolean): Record<string, unknown> {
  throwIfNotForFormat(settings, format, [eventEncoderFlags])
  if (format === 'ocel' && settings.get('lifecycle') !== undefined)
    throw settings.createError(
      'lifecycle',
      'is not for ocel, whose events stand for whole flow-node instances',
      'not applicable',
    )
  const fields = (settings.get('fields') ?? []) as readonly string[]
  const shared = Object.entries(settings.get('types') ?? {}).filter(([name]) => isAlone || fields.includes(name))
  const types = { ...Object.fromEntries(shared), ...(settings.get('events.types') as object | undefined) }
  return { fields, types, ...readMiningFlags(settings), strict: getStrict(settings) === true }
}

/** Creates the transform between the records and the encoder of the event log; undefined for a format that takes records. */
export function createEventTransform(settings: Settings, { format }: Target): RowTransform | undefined {
  if (formats[format].makesEvents) return undefined
  const naming = settings.get('events.naming')
  const mining = readMiningFlags(settings)
  const [misplaced] = isMiningNaming(naming) ? [] : Object.keys(mining)
  if (misplaced !== undefined) {
    const files = misplaced === 'lifecycle' ? 'an .xes file' : 'an .xes or .ocel file'
    throw settings.createError(misplaced, `needs ${files}, or --events-naming xes or celonis`)
  }
  return flowNodeEvents({
    fields: settings.get('fields') as string[] | undefined,
    ...(isMiningNaming(naming) ? { naming } : {}),
    ...mining,
    strict: getStrict(settings) === true,
  })
}

const isMiningNaming = (naming: unknown) => naming === 'xes' || naming === 'celonis'

const readMiningFlags = (settings: Settings): Pick<MiningOptions, 'lifecycle' | 'activityFallback'> =>
  settings.options({
    ...eventFlags,
    flags: eventFlags.flags.filter(({ name }) => name === 'lifecycle' || name === 'activityFallback'),
  })
