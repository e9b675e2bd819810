import { readFileSync } from 'node:fs'
import { toArrow } from '../../formats/arrow/index.js'
import { toOcel, toXes } from '../../formats/mining/index.js'
import { toXlsx } from '../../formats/xlsx/index.js'
import {
  flowNodeEvents,
  OptionError,
  toCsv,
  toDataset,
  toNdjson,
  toParquet,
  type Dataset,
  type DatasetOptions,
  type Encoder,
  type MiningOptions,
  type RowTransform,
} from '../../index.js'
import { datasetFlags } from '../flags/dataset-flags.js'
import { columnFlags } from '../flags/encoder-flags.js'
import { eventFlags } from '../flags/event-flags.js'
import { getOptionProblem } from '../errors/command-errors.js'
import type { Flag, FlagGroup } from '../flags/flags.js'
import { getStrict, selectionFlags, unmatchedNameFlags } from '../flags/selection-flags.js'
import { joinWithOr } from '../output/format-text.js'
import { flagGroupsOfFormats, namesOfFormats, formats, listEncoderFlags, type FormatName } from './formats.js'
import type { Settings } from '../settings.js'
import type { Target } from './targets.js'
import { UsageError } from '../errors/usage-error.js'

const encoderFactories: Readonly<Record<FormatName, (options: object) => Encoder>> = {
  csv: toCsv,
  parquet: toParquet,
  arrow: toArrow,
  xlsx: toXlsx,
  ndjson: toNdjson,
  xes: toXes,
  ocel: toOcel,
}

/** The groups whose flags are for the records only, except {@link unmatchedNameFlags}, which are for the event log too. */
const recordOnlyGroups = [selectionFlags, columnFlags]

/**
 * Creates the encoder of the records. A file has all columns by default, because it appears only when the export is complete. stdout has
 * the columns of a sample, because its reader waits for the first row; `--late-columns` and `--types-from` also imply a sample.
 */
export function createRecordEncoder(settings: Settings, target: Target): Encoder {
  return createEncoder(target.format, createRecordOptions(settings, target), settings)
}

export function createDataset(settings: Settings, target: Target, isEventLog: boolean, output: DatasetOutput): Dataset {
  const { format, gzip } = target
  const { append, ...flags } = settings.options(datasetFlags)
  const create = (encoder: object) =>
    toDataset({
      ...flags,
      mode: append === true ? 'append' : 'replace',
      format,
      ...(gzip ? { gzip } : {}),
      ...output,
      encoder: addTimezone(format, encoder as Record<string, unknown>, settings),
    } as DatasetOptions)
  if (!isEventLog) return mapOptionErrors(format, settings, () => create(createRecordOptions(settings, target)))
  throwIfNotForEvents(settings, format)
  return mapEventErrors(format, settings, () => create(createEventOptions(settings, format)))
}

export type DatasetOutput = Pick<DatasetOptions, 'path' | 'store' | 'receipt' | 'onReceipt'>

function createRecordOptions(settings: Settings, { format, path }: Target): Record<string, unknown> {
  const options = settings.options(...recordOnlyGroups, ...flagGroupsOfFormats)
  delete options['allowUnmatched']
  const isAll = path !== undefined && options['lateColumns'] === undefined && options['typesFrom'] === undefined
  if (formats[format].hasColumns) options['columns'] ??= isAll ? 'all' : 'sample'
  checkNaming(settings, 'naming', ['prefixed', 'plain', 'snake'])
  if (formats[format].makesEvents && options['types'] !== undefined)
    throw settings.createError(
      'types',
      `is for the columns of --fields in ${format}, which need --events FILE instead of --out`,
    )
  if (options['typesFrom'] !== undefined) options['typesFrom'] = getTypesFrom(settings)
  if (options['eventSheet'] === true && settings.get('fields') !== undefined) options['fields'] = settings.get('fields')
  const strict = getStrict(settings)
  return { ...options, strict: formats[format].makesEvents ? strict === true : strict }
}

/**
 * Creates the encoder of the event log. The columns of an event log are fixed, so the column flags apply to the records only. A flag
 * `--events-…` overrides the flag of the same name without this prefix.
 *
 * @param isAlone true if no records are exported, so that every flag must apply to the event log
 */
export function createEventEncoder(settings: Settings, { format }: Target, isAlone: boolean): Encoder {
  if (isAlone) throwIfNotForEvents(settings, format)
  if (formats[format].makesEvents) return createMiningEncoder(settings, format, isAlone)
  return mapEventErrors(format, settings, () =>
    encoderFactories[format](addTimezone(format, createEventOptions(settings, format), settings)),
  )
}

function createMiningEncoder(settings: Settings, format: FormatName, isAlone: boolean): Encoder {
  const isGiven = ({ name }: Flag) => settings.get(name) !== undefined
  const unknown = eventFlags.flags
    .filter(isEventEncoderFlag)
    .find((flag) => isGiven(flag) && !isKnownOption(format, flag.name.slice('events.'.length)))
  if (unknown) throw createNotApplicableError(settings, unknown.name, format)
  if (format === 'ocel' && settings.get('lifecycle') !== undefined)
    throw settings.createError(
      'lifecycle',
      'is not for ocel, whose events stand for whole flow-node instances',
      'not applicable',
    )
  const fields = (settings.get('fields') ?? []) as readonly string[]
  const shared = Object.entries(settings.get('types') ?? {}).filter(([name]) => isAlone || fields.includes(name))
  const types = { ...Object.fromEntries(shared), ...(settings.get('events.types') as object | undefined) }
  const options = { fields, types, ...getMiningOptions(settings), strict: getStrict(settings) === true }
  try {
    return encoderFactories[format](options)
  } catch (error) {
    const { option } = error as OptionError
    const isOfEvents = option.startsWith('types.') && settings.get('events.types') !== undefined
    throw settings.createError(isOfEvents ? `events.${option}` : option, getOptionProblem(error as OptionError))
  }
}

/** Returns the options of the encoder of an event log, for all formats but XES and OCEL. */
function createEventOptions(settings: Settings, format: FormatName): Record<string, unknown> {
  const shared = settings.options(...listEncoderFlags(format).filter((group) => !recordOnlyGroups.includes(group)))
  delete shared['typesFrom']
  delete shared['eventSheet']
  const { events } = settings.options({ ...eventFlags, flags: eventFlags.flags.filter(isEventEncoderFlag) })
  const options: Record<string, unknown> = { ...shared, ...(events as object | undefined) }
  checkNaming(settings, 'events.naming', ['prefixed', 'plain', 'snake', 'xes', 'celonis'])
  if (isMiningNaming(options['naming'])) delete options['naming']
  options['strict'] = getStrict(settings) === true
  return options
}

function mapEventErrors<T>(format: FormatName, settings: Settings, create: () => T): T {
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

/** Creates the transform between the records and the encoder of the event log; undefined for a format that takes records. */
export function createEventTransform(settings: Settings, { format }: Target): RowTransform | undefined {
  if (formats[format].makesEvents) return undefined
  const naming = settings.get('events.naming')
  const mining = getMiningOptions(settings)
  const [unusable] = isMiningNaming(naming) ? [] : Object.keys(mining)
  if (unusable !== undefined) {
    const files = unusable === 'lifecycle' ? 'an .xes file' : 'an .xes or .ocel file'
    throw settings.createError(unusable, `needs ${files}, or --events-naming xes or celonis`)
  }
  return flowNodeEvents({
    fields: settings.get('fields') as string[] | undefined,
    ...(isMiningNaming(naming) ? { naming } : {}),
    ...mining,
    strict: getStrict(settings) === true,
  })
}

function checkNaming(settings: Settings, name: string, expected: readonly string[]): void {
  const naming = settings.get(name)
  if (naming !== undefined && !expected.includes(naming as string))
    throw settings.createError(name, `expected ${joinWithOr(expected)}, got ${JSON.stringify(naming)}`)
}

const isMiningNaming = (naming: unknown) => naming === 'xes' || naming === 'celonis'

const getMiningOptions = (settings: Settings): Pick<MiningOptions, 'lifecycle' | 'activityFallback'> =>
  Object.fromEntries(
    ['lifecycle', 'activityFallback'].flatMap((name) => {
      const value = settings.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )

const receipts = new WeakMap<Settings, unknown>()

/** Returns the content of the receipt that `--types-from` names. The receipt is read once, because the export may replace it. */
function getTypesFrom(settings: Settings): unknown {
  if (!receipts.has(settings)) receipts.set(settings, readTypesFrom(settings.text('typesFrom')!, settings))
  return receipts.get(settings)
}

function readTypesFrom(path: string, settings: Settings): unknown {
  const createUsageError = (problem: string) =>
    new UsageError(`${settings.describeSetting('typesFrom')} ${path}: ${problem}`, { setting: 'typesFrom' })
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw createUsageError(`could not be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    return JSON.parse(content) as unknown
  } catch {
    throw createUsageError('expected the JSON of a receipt')
  }
}

function throwIfNotForEvents(settings: Settings, format: FormatName): void {
  const listGiven = (groups: readonly FlagGroup[]) =>
    groups.flatMap(({ flags }) => flags.map(({ name }) => name).filter((name) => settings.get(name) !== undefined))
  const recordFlag = listGiven(recordOnlyGroups).find((name) => !hasFlag([unmatchedNameFlags], name))
  if (recordFlag !== undefined)
    throw settings.createError(recordFlag, 'is for the records, which need --out', 'not applicable')
  const otherFlag = listGiven(flagGroupsOfFormats).find((name) => !isKnownOption(format, name))
  if (otherFlag !== undefined) throw createNotApplicableError(settings, otherFlag, format)
}

function createNotApplicableError(settings: Settings, name: string, format: FormatName) {
  const option = name.replace(/^events\./, '')
  const others = namesOfFormats.filter((other) => isKnownOption(other, option))
  return settings.createError(name, `is not for ${format}, only for ${joinWithOr(others)}`, 'not applicable')
}

const isEventEncoderFlag = ({ name }: { name: string }) => name.startsWith('events.') && name !== 'events.format'

function createEncoder(format: FormatName, options: Record<string, unknown>, settings: Settings): Encoder {
  return mapOptionErrors(format, settings, () => encoderFactories[format](addTimezone(format, options, settings)))
}

function mapOptionErrors<T>(format: FormatName, settings: Settings, create: () => T): T {
  try {
    return create()
  } catch (error) {
    if (error instanceof OptionError && !isKnownOption(format, error.option) && isFlag(error.option))
      throw createNotApplicableError(settings, error.option, format)
    throw error
  }
}

function addTimezone(format: FormatName, options: Record<string, unknown>, settings: Settings): object {
  const timezone = settings.get('timezone') ?? undefined
  return formats[format].usesTimezone?.(options) ? { ...options, timezone } : options
}

const hasFlag = (groups: readonly FlagGroup[], option: string) =>
  groups.some(({ flags }) => flags.some(({ name }) => name === option))

const isKnownOption = (format: FormatName, option: string) => hasFlag(listEncoderFlags(format), option)
const isFlag = (option: string) => hasFlag([selectionFlags, columnFlags, ...flagGroupsOfFormats], option)
