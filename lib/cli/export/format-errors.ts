// The errors of flags that do not fit the format of a file.
import { OptionError } from '../../index.js'
import { getOptionProblem } from '../errors/command-errors.js'
import { columnFlags } from '../flags/encoder-flags.js'
import type { FlagGroup } from '../flags/flags.js'
import { selectionFlags, unmatchedNameFlags } from '../flags/selection-flags.js'
import { joinWithOr } from '../output/format-text.js'
import type { Settings } from '../settings.js'
import { flagGroupsOfFormats, listEncoderFlags, namesOfFormats, type FormatName } from '../flags/formats.js'

/** The groups whose flags are for the records only, except {@link unmatchedNameFlags}, which are for the event log too. */
export const recordOnlyGroups = [selectionFlags, columnFlags]

export function mapOptionErrors<T>(format: FormatName, settings: Settings, create: () => T): T {
  try {
    return create()
  } catch (error) {
    if (error instanceof OptionError && !isKnownOption(format, error.option) && isFlag(error.option))
      throw createNotApplicableError(settings, error.option, format)
    throw error
  }
}

export function mapEventErrors<T>(format: FormatName, settings: Settings, create: () => T): T {
  try {
    return create()
  } catch (error) {
    const { option } = error as { option?: string }
    const outer = option?.split('.')[0]
    if (outer === undefined || settings.get(`events.${outer}`) === undefined) throw error
    if (!isKnownOption(format, outer)) throw createNotApplicableError(settings, `events.${outer}`, format)
    throw settings.createError(`events.${option!}`, getOptionProblem(error as OptionError))
  }
}

export function throwIfNotForEvents(settings: Settings, format: FormatName): void {
  const listGiven = (groups: readonly FlagGroup[]) =>
    groups.flatMap(({ flags }) => flags.map(({ name }) => name).filter((name) => settings.get(name) !== undefined))
  const recordFlag = listGiven(recordOnlyGroups).find((name) => !hasFlag([unmatchedNameFlags], name))
  if (recordFlag !== undefined)
    throw settings.createError(recordFlag, 'is for the records, which need --out', 'not applicable')
  const otherFlag = listGiven(flagGroupsOfFormats).find((name) => !isKnownOption(format, name))
  if (otherFlag !== undefined) throw createNotApplicableError(settings, otherFlag, format)
}

export function createNotApplicableError(settings: Settings, name: string, format: FormatName) {
  const option = name.replace(/^events\./, '')
  const others = namesOfFormats.filter((other) => isKnownOption(other, option))
  return settings.createError(name, `is not for ${format}, only for ${joinWithOr(others)}`, 'not applicable')
}

const hasFlag = (groups: readonly FlagGroup[], option: string) =>
  groups.some(({ flags }) => flags.some(({ name }) => name === option))

export const isKnownOption = (format: FormatName, option: string) => hasFlag(listEncoderFlags(format), option)
const isFlag = (option: string) => hasFlag([selectionFlags, columnFlags, ...flagGroupsOfFormats], option)

export function checkNaming(settings: Settings, name: string, expected: readonly string[]): void {
  const naming = settings.get(name)
  if (naming !== undefined && !expected.includes(naming as string))
    throw settings.createError(name, `expected ${joinWithOr(expected)}, got ${JSON.stringify(naming)}`)
}
