// The errors of flags that do not fit the format of a file.
import type { OptionError } from '../../index.js'
import { getOptionProblem } from '../errors/command-errors.js'
import { columnFlags } from '../flags/column-flags.js'
import { flagGroupsOfFormats, listEncoderFlags, namesOfFormats, type FormatName } from '../flags/formats.js'
import type { FlagGroup } from '../flags/flags.js'
import { selectionFlags, unmatchedNameFlags } from '../flags/selection-flags.js'
import { joinWithOr } from '../output/format-text.js'
import type { Settings } from '../settings.js'

/** The groups whose flags are for the records only, except {@link unmatchedNameFlags}, which are for the event log too. */
export const recordOnlyGroups = [selectionFlags, columnFlags]

/** Throws a UsageError for a flag of these groups that is given although it is not for the format. */
export function throwIfNotForFormat(settings: Settings, format: FormatName, groups: readonly FlagGroup[]): void {
  const toOption = (name: string) => name.replace(/^events\./, '')
  const name = listGiven(settings, groups).find((given) => !hasOption(format, toOption(given)))
  if (name === undefined) return
  const others = namesOfFormats.filter((other) => hasOption(other, toOption(name)))
  throw settings.createError(name, `is not for ${format}, only for ${joinWithOr(others)}`, 'not applicable')
}

/** Throws a UsageError for a flag that is given although it is not for event logs. Called if no records are written. */
export function throwIfNotForEvents(settings: Settings, format: FormatName): void {
  const name = listGiven(settings, recordOnlyGroups).find((given) => !hasFlag([unmatchedNameFlags], given))
  if (name !== undefined) throw settings.createError(name, 'is for the records, which need --out', 'not applicable')
  throwIfNotForFormat(settings, format, flagGroupsOfFormats)
}

const listGiven = (settings: Settings, groups: readonly FlagGroup[]) =>
  groups.flatMap(({ flags }) => flags.map(({ name }) => name)).filter((name) => settings.get(name) !== undefined)

const hasFlag = (groups: readonly FlagGroup[], option: string) =>
  groups.some(({ flags }) => flags.some(({ name }) => name === option))

const hasOption = (format: FormatName, option: string) => hasFlag(listEncoderFlags(format), option)

/** Returns the result of `create`. Its error about an option has the name of the flag `--events-…` if that is given. */
export function withEventFlagNames<T>(settings: Settings, create: () => T): T {
  try {
    return create()
  } catch (error) {
    const { option = '' } = error as Partial<OptionError>
    if (settings.get(`events.${option.split('.')[0]!}`) === undefined) throw error
    throw settings.createError(`events.${option}`, getOptionProblem(error as OptionError))
  }
}
