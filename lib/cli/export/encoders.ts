// The encoders and datasets of the command.
import { toArrow } from '../../formats/arrow/index.js'
import { toOcel, toXes } from '../../formats/mining/index.js'
import { toXlsx } from '../../formats/xlsx/index.js'
import { toCsv, toDataset, toNdjson, toParquet, type Dataset, type DatasetOptions, type Encoder } from '../../index.js'
import { datasetFlags } from '../flags/dataset-flags.js'
import type { Settings } from '../settings.js'
import { createEventOptions, createMiningOptions } from './event-options.js'
import { withEventFlagNames, throwIfNotForEvents } from './format-errors.js'
import { formats, type FormatName } from '../flags/formats.js'
import { createRecordOptions } from './record-options.js'
import type { Target } from './target.js'

const encoderFactories: Readonly<Record<FormatName, (options: object) => Encoder>> = {
  csv: toCsv,
  parquet: toParquet,
  arrow: toArrow,
  xlsx: toXlsx,
  ndjson: toNdjson,
  xes: toXes,
  ocel: toOcel,
}

export const createRecordEncoder = (settings: Settings, target: Target): Encoder =>
  createEncoder(target.format, createRecordOptions(settings, target), settings)

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
  if (!isEventLog) return create(createRecordOptions(settings, target))
  throwIfNotForEvents(settings, format)
  return withEventFlagNames(settings, () => create(createEventOptions(settings, format)))
}

export type DatasetOutput = Pick<DatasetOptions, 'path' | 'store' | 'receipt' | 'onReceipt'>

/**
 * Creates the encoder of the event log. Its columns are fixed, so the column flags are for the records only. A flag `--events-…`
 * overrides the flag of the same name without this prefix.
 *
 * @param isAlone true if no records are exported, so that a flag for records is an error
 */
export function createEventEncoder(settings: Settings, { format }: Target, isAlone: boolean): Encoder {
  if (isAlone) throwIfNotForEvents(settings, format)
  const options = formats[format].makesEvents
    ? createMiningOptions(settings, format, isAlone)
    : createEventOptions(settings, format)
  return withEventFlagNames(settings, () => createEncoder(format, options, settings))
}

const createEncoder = (format: FormatName, options: Record<string, unknown>, settings: Settings): Encoder =>
  encoderFactories[format](addTimezone(format, options, settings))

function addTimezone(format: FormatName, options: Record<string, unknown>, settings: Settings): object {
  const timezone = settings.get('timezone') ?? undefined
  return formats[format].usesTimezone?.(options) ? { ...options, timezone } : options
}
