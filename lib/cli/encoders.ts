// The encoder of a format, with the options that were given for it.
import { readFileSync } from 'node:fs'
import { OptionError, toCsv, toNdjson, toParquet, type Encoder } from '../index.js'
import { columnFlags, csvFlags, parquetFlags } from './encoder-flags.js'
import type { FlagGroup } from './flags.js'
import type { Settings } from './settings.js'
import type { Format, Target } from './targets.js'
import { UsageError } from './usage-error.js'

const groups: Readonly<Record<Format, readonly FlagGroup[]>> = {
  csv: [columnFlags, csvFlags],
  parquet: [columnFlags, parquetFlags],
  ndjson: [],
}

const make: Readonly<Record<Format, (options: object) => Encoder>> = {
  csv: toCsv,
  parquet: toParquet,
  ndjson: (options) => toNdjson(options as Record<string, never>),
}

/**
 * The encoder of the records. All columns are the default of a file, where the whole export is waited for anyway; stdout
 * is read by someone who waits for the first row.
 */
export function recordEncoder(settings: Settings, { format, path }: Target): Encoder {
  const options = settings.options(columnFlags, csvFlags, parquetFlags)
  const isAll = path !== undefined && options['lateColumns'] === undefined && options['typesFrom'] === undefined
  if (format !== 'ndjson') options['columns'] ??= isAll ? 'all' : 'sample'
  if (options['typesFrom'] !== undefined) options['typesFrom'] = receiptOf(settings)
  return encoderOf(format, options, settings)
}

/** The encoder of the event log. Its columns are known; what is said of columns is said of the records. */
export function eventEncoder(settings: Settings, { format }: Target): Encoder {
  const ours = groups[format].filter((group) => group !== columnFlags)
  const options = settings.options(...ours)
  delete options['typesFrom']
  return make[format](options)
}

const receipts = new WeakMap<Settings, unknown>()

/** The receipt that `--types-from` names. It is read once, because the export may replace it. */
function receiptOf(settings: Settings): unknown {
  if (!receipts.has(settings)) receipts.set(settings, readReceipt(settings.text('typesFrom')!, settings))
  return receipts.get(settings)
}

function readReceipt(path: string, settings: Settings): unknown {
  const refused = (complaint: string) => new UsageError(`${settings.nameOf('typesFrom')} ${path}: ${complaint}`)
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw refused(`could not be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    return JSON.parse(content) as unknown
  } catch {
    throw refused('expected the JSON of a receipt')
  }
}

function encoderOf(format: Format, options: Record<string, unknown>, settings: Settings): Encoder {
  try {
    return make[format](options)
  } catch (error) {
    if (error instanceof OptionError && !knows(format, error.option) && isFlag(error.option))
      throw new UsageError(`${settings.nameOf(error.option)}: is not for ${format}`)
    throw error
  }
}

const has = (all: readonly FlagGroup[], option: string) =>
  all.some(({ flags }) => flags.some(({ name }) => name === option))

const knows = (format: Format, option: string) => has(groups[format], option)
const isFlag = (option: string) => has([columnFlags, csvFlags, parquetFlags], option)
