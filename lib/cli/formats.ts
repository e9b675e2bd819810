// The formats of files, one entry each. `--format`, the extensions of file names, the encoders and their flags come from this table.
import { toCsv, toNdjson, toParquet, type Encoder } from '../index.js'
import { columnFlags, csvFlags, parquetFlags, selectionFlags } from './encoder-flags.js'
import type { FlagGroup } from './flags.js'

interface FormatSpec {
  readonly extensions: readonly string[]
  readonly createEncoder: (options: object) => Encoder
  /** True if a file has the same columns in each row. */
  readonly hasColumns: boolean
  /** True if a file is compressed inside, so that `--gzip` is not for it. */
  readonly isCompressed?: true
  /** The flags that are for this format only. */
  readonly ownFlags?: FlagGroup
}

const specs = {
  csv: { extensions: ['csv'], createEncoder: toCsv, hasColumns: true, ownFlags: csvFlags },
  parquet: {
    extensions: ['parquet'],
    createEncoder: toParquet,
    hasColumns: true,
    isCompressed: true,
    ownFlags: parquetFlags,
  },
  ndjson: { extensions: ['ndjson', 'jsonl'], createEncoder: toNdjson, hasColumns: false },
} satisfies Record<string, FormatSpec>

/** The name of a format. Files in a folder have it as their extension. */
export type FormatName = keyof typeof specs

export const formats: Readonly<Record<FormatName, FormatSpec>> = specs
export const formatNames = Object.keys(specs) as readonly FormatName[]
export const extensions: readonly string[] = formatNames.flatMap((name) => formats[name].extensions)

/** The flags that are for one format only. */
export const formatFlagGroups: readonly FlagGroup[] = formatNames.flatMap((name) => formats[name].ownFlags ?? [])

/** Returns the format with this extension, or undefined if there is none. */
export const findFormat = (extension: string): FormatName | undefined =>
  formatNames.find((name) => formats[name].extensions.includes(extension))

/** Returns the flags of the encoder of a format. */
export function listEncoderFlags(name: FormatName): readonly FlagGroup[] {
  const { hasColumns, ownFlags } = formats[name]
  return [selectionFlags, ...(hasColumns ? [columnFlags] : []), ...(ownFlags ? [ownFlags] : [])]
}
