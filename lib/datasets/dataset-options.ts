// The options of a dataset.
import type { CsvOptions } from '../encode/csv/dialect.js'
import type { NdjsonOptions } from '../encode/ndjson/to-ndjson.js'
import type { ParquetOptions } from '../encode/parquet/to-parquet.js'
import { fileRules, type WrittenReceipt } from '../files/file-options.js'
import { type FileStore, storeRule } from '../files/file-store.js'
import { localStore } from '../files/local/local-store.js'
import type { ReceiptContent } from '../files/receipt.js'
import { datasetFormats, type DatasetFormat } from '../shared/dataset-formats.js'
import { MANIFEST_NAME } from '../shared/manifest-name.js'
import * as rule from '../shared/options.js'
import { isPlainObject } from '../shared/options.js'
import type { DatasetEncoderOptions } from './dataset-encoders.js'
import { partitionRule, type PartitionColumn } from './partition-key.js'

/** Options of {@link toDataset} for every format. */
export interface DatasetCommonOptions {
  /** The folder: a path, a file URL, or with `store` an address such as `s3://lake/orders/`. It is created if it does not exist. */
  path: string | URL
  /**
   * The columns whose values are the folders of the files, by their prefixed names: `'tenantId'`, `'startDate:month'`, or an array of
   * them. A date can have `:day`, `:month` or `:year`, in UTC. A column without a period is not in the files, as in Hive.
   * @default none: all files are in the folder itself
   */
  partitionBy?: string | readonly string[] | undefined
  /** The largest number of rows in a file. @default no limit */
  fileRows?: number | undefined
  /**
   * A file ends when it has at least this many bytes before gzip, with the record that reaches the limit or one of the next few. A Parquet
   * file grows only when a row group ends, so it may be larger by one row group.
   * @default no limit
   */
  fileBytes?: number | undefined
  /** `'replace'`: the files of the earlier runs are removed when the new ones are in place. `'append'`: they stay. @default 'replace' */
  mode?: 'replace' | 'append' | undefined
  /** The place of the folder: `s3()` for `s3://bucket/folder/`. @default the local disk */
  store?: FileStore | undefined
  /** Returns what is added to the manifest. Called when all files are written, before they appear. @default nothing */
  receipt?: (() => ReceiptContent) | undefined
  /** Called with the path and the content of the manifest when it is in place. @default none */
  onReceipt?: ((receipt: WrittenReceipt) => void) | undefined
}

/** Options of {@link toDataset}, with the options of the encoder of the files. */
export type DatasetOptions = DatasetCommonOptions &
  (
    | {
        /** The format of the files. @default 'parquet' */
        format?: 'parquet' | undefined
        /** The options of the encoder. @default its defaults, with the columns of all records */
        encoder?: ParquetOptions | undefined
        /** Not for Parquet, which is compressed inside. */
        gzip?: undefined
      }
    | {
        /** The format of the files. */
        format: 'csv'
        /** The options of the encoder. @default its defaults, with the columns of all records */
        encoder?: CsvOptions | undefined
        /** Compresses the files. @default false */
        gzip?: boolean | undefined
      }
    | {
        /** The format of the files. */
        format: 'ndjson'
        /** The options of the encoder. @default its defaults */
        encoder?: NdjsonOptions | undefined
        /** Compresses the files. @default false */
        gzip?: boolean | undefined
      }
  )

type ResolvedCommonOptions = rule.Resolved<Omit<DatasetCommonOptions, 'path' | 'partitionBy'>, 'receipt' | 'onReceipt'>

export interface ResolvedDatasetOptions extends ResolvedCommonOptions {
  /** The path of `_manifest.json` in the folder. */
  readonly path: string
  readonly partitionBy: readonly PartitionColumn[]
  readonly format: DatasetFormat
  readonly encoder: DatasetEncoderOptions
  readonly gzip: boolean
}

const encoderRule: rule.Rule<DatasetEncoderOptions> = {
  expected: 'the options of the encoder',
  parse: (value) => (isPlainObject(value) ? value : undefined),
}

const optionalLimit = (min: number): rule.Rule<number> => rule.withDefault(rule.integer(min), Infinity)

export const createDatasetRules = (store: FileStore): rule.Rules<ResolvedDatasetOptions> => ({
  path: createFolderRule(store),
  partitionBy: rule.withDefault<readonly PartitionColumn[]>(partitionRule, []),
  fileRows: optionalLimit(1),
  fileBytes: optionalLimit(1),
  mode: rule.withDefault(rule.oneOf('replace', 'append'), 'replace'),
  store: rule.withDefault(storeRule, localStore),
  receipt: fileRules.receipt,
  onReceipt: fileRules.onReceipt,
  format: rule.withDefault(rule.oneOf(...datasetFormats), 'parquet'),
  encoder: rule.withDefault(encoderRule, {}),
  gzip: rule.withDefault(rule.boolean, false),
})

/** Returns the rule of the option `path`. The rule returns the path of the manifest in the folder. */
const createFolderRule = ({ expectedPath, parsePath }: FileStore): rule.Rule<string> => ({
  expected: `${expectedPath} of a folder`,
  parse: (value) => {
    const path = value instanceof URL ? value.href : value
    if (typeof path !== 'string' || path === '') return undefined
    const manifest = `${path.replace(/[/\\]+$/, '')}/${MANIFEST_NAME}`
    return parsePath(value instanceof URL ? new URL(manifest) : manifest)
  },
})
