// The formats of files, one entry each. `--format`, the extensions of file names and the flags come from this table;
// `cli/export/encoders.ts` has the encoder of each. Every command loads this file at its start, so it imports no encoder.
import { columnFlags } from './column-flags.js'
import {
  arrowFlags,
  csvFlags,
  inferenceFlags,
  parquetAndArrowFlags,
  parquetFlags,
  spreadsheetFlags,
  typeFlags,
  xlsxFlags,
} from './encoder-flags.js'
import { joinWithOr } from '../output/format-text.js'
import type { Settings } from '../settings.js'
import type { FlagGroup } from './flags.js'
import { selectionFlags, unmatchedNameFlags } from './selection-flags.js'

interface FormatSpec {
  readonly extensions: readonly string[]
  /** True if a file has the same columns in each row. */
  readonly hasColumns: boolean
  /** True if the format has its own compression, so that `--gzip` is an error. */
  readonly isCompressed?: true
  /** True if a file is not text although the format has no compression of its own. */
  readonly isBinary?: true
  /** True if the encoder takes process records and makes the events itself. */
  readonly makesEvents?: true
  /** Returns true if the encoder gets the time zone of the export as its option `timezone`. */
  readonly usesTimezone?: (options: Readonly<Record<string, unknown>>) => boolean
  /** The flags of the format, besides those of the selection and of columns. */
  readonly flags?: readonly FlagGroup[]
}

const specs = {
  csv: {
    extensions: ['csv'],
    hasColumns: true,
    usesTimezone: ({ preset }) => preset === 'excel',
    flags: [csvFlags, spreadsheetFlags],
  },
  parquet: {
    extensions: ['parquet'],
    hasColumns: true,
    isCompressed: true,
    flags: [typeFlags, inferenceFlags, parquetAndArrowFlags, parquetFlags],
  },
  arrow: {
    // .arrow is the extension of Arrow's file format; the encoder writes the stream format
    extensions: ['arrows'],
    hasColumns: true,
    isBinary: true,
    flags: [typeFlags, inferenceFlags, parquetAndArrowFlags, arrowFlags],
  },
  xlsx: {
    extensions: ['xlsx'],
    hasColumns: true,
    isCompressed: true,
    usesTimezone: () => true,
    flags: [typeFlags, inferenceFlags, spreadsheetFlags, xlsxFlags],
  },
  ndjson: { extensions: ['ndjson', 'jsonl'], hasColumns: false },
  xes: { extensions: ['xes'], hasColumns: false, makesEvents: true, flags: [typeFlags] },
  ocel: { extensions: ['ocel', 'jsonocel'], hasColumns: false, makesEvents: true, flags: [typeFlags] },
} satisfies Record<string, FormatSpec>

export type FormatName = keyof typeof specs

export const formats: Readonly<Record<FormatName, FormatSpec>> = specs
export const namesOfFormats = Object.keys(specs) as readonly FormatName[]
export const extensions: readonly string[] = namesOfFormats.flatMap((name) => formats[name].extensions)

export const flagGroupsOfFormats: readonly FlagGroup[] = [
  ...new Set(namesOfFormats.flatMap((name) => formats[name].flags ?? [])),
]

const findFormat = (extension: string): FormatName | undefined =>
  namesOfFormats.find((name) => formats[name].extensions.includes(extension))

/** Returns the format of a file by the extension of its name. */
export const findFormatOfFile = (path: string): FormatName | undefined =>
  findFormat(/\.([^.]+)$/.exec(path.toLowerCase())?.[1] ?? '')

/** Returns the format that a setting names, also by an extension such as `jsonl`. Throws a UsageError for another text. */
export function readFormat(settings: Settings, name: string): FormatName | undefined {
  const given = settings.text(name)
  if (given === undefined) return undefined
  const format = namesOfFormats.find((known) => known === given) ?? findFormat(given)
  if (format) return format
  throw settings.createError(name, `expected ${joinWithOr(namesOfFormats)}, got ${JSON.stringify(given)}`)
}

export function listEncoderFlags(name: FormatName): readonly FlagGroup[] {
  const { hasColumns, makesEvents, flags = [] } = formats[name]
  return [makesEvents ? unmatchedNameFlags : selectionFlags, ...(hasColumns ? [columnFlags] : []), ...flags]
}
