import type { Writable } from 'node:stream'
import type { CsvOptions } from '../encode/csv/dialect.js'
import type { NdjsonOptions } from '../encode/ndjson/to-ndjson.js'
import type { ParquetOptions } from '../encode/parquet/to-parquet.js'
import { fileRules, type WrittenReceipt } from '../files/file-options.js'
import { type FileStore, storeRule } from '../files/file-store.js'
import { localStore } from '../files/local/local-store.js'
import type { ReceiptContent } from '../files/receipt.js'
import { OptionError } from '../shared/errors.js'
import { MANIFEST_NAME } from '../shared/manifest-name.js'
import * as rule from '../shared/options.js'
import { isPlainObject } from '../shared/options.js'
import { describe } from '../shared/describe-value.js'
import { createSchemaEncoder, datasetFormats, type DatasetEncoderOptions } from './dataset-format.js'
import type { DatasetPlan, DatasetWarning } from './dataset-plan.js'
import { createEncoderOptions } from './dataset-schema.js'
import { DatasetStream, type DatasetStats } from './dataset-stream.js'
import { getPartitionName, partitionRule, type PartitionColumn } from './partition-key.js'

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
   * A file ends when it has at least this many bytes before gzip. The size is checked only after each batch: about 1 MiB of records, or
   * 200 records that are objects. A Parquet file grows only when a row group ends. So a file may be larger by one batch, or one row group.
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

/** A Writable for records or flat rows that writes a folder of files. It emits `warning` besides the events of a Writable. */
export interface Dataset extends Writable {
  /** Live figures. */
  readonly stats: Readonly<DatasetStats>
  /** Adds a listener for warnings. */
  on(event: 'warning', listener: (warning: DatasetWarning) => void): this
  /** Adds a listener for an event of a Writable. */
  on(event: string | symbol, listener: (...args: never[]) => void): this
}

interface ResolvedDatasetOptions extends Omit<DatasetPlan, 'where' | 'manifestPath' | 'partitionNames'> {
  /** The path of `_manifest.json` in the folder. */
  readonly path: string
}

const WHERE = 'toDataset'

const encoderRule: rule.Rule<DatasetEncoderOptions> = {
  expected: 'the options of the encoder',
  parse: (value) => (isPlainObject(value) ? value : undefined),
}

const optionalLimit = (min: number): rule.Rule<number> => rule.withDefault(rule.integer(min), Infinity)

const createRules = (store: FileStore): rule.Rules<ResolvedDatasetOptions> => ({
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

/**
 * Returns a Writable for records or flat rows. It writes files that query engines read as one table: all have the same columns and types
 * (except in NDJSON), and the names of their folders are the values of partition columns, `startdate_month=2026-05/`. The records are
 * kept in a temporary file until the last one has arrived. Then the files appear under new names, `_manifest.json` lists them with rows,
 * bytes, SHA-256 and schema, and with `mode: 'replace'` the files of the earlier manifest are removed. After a failure or a kill the
 * manifest is the earlier or the new one, and the files that it lists are complete.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_FILE` or `ERR_DESTINATION`, with the errors of the
 * encoder, and with `ERR_SCHEMA_CHANGE` if records that are appended do not fit.
 * @example await pipeline(exportStream({ … }), toDataset({ path: 'lake/orders/', partitionBy: 'startDate:month' }))
 */
export function toDataset(options: DatasetOptions): Dataset {
  const given = options as DatasetOptions | null | undefined
  const store = storeRule.parse(given?.store, { where: WHERE, option: 'store' }) ?? localStore
  const resolved = rule.resolveOptions(WHERE, given, createRules(store))
  const { path: manifestPath, ...others } = resolved
  const isSnake = resolved.encoder.naming === 'snake'
  const partitionNames = resolved.partitionBy.map((column) => getPartitionName(column, isSnake))
  checkCombination(resolved, partitionNames)
  const plan: DatasetPlan = { ...others, where: WHERE, manifestPath, partitionNames }
  // checks the options, which are the same for the encoders of all files
  createSchemaEncoder(plan.format, createEncoderOptions(plan)).destroy()
  return new DatasetStream(plan)
}

function checkCombination({ format, gzip }: ResolvedDatasetOptions, partitionNames: readonly string[]): void {
  if (gzip && format === 'parquet')
    throw new OptionError(WHERE, 'gzip', 'expected nothing for Parquet, which is compressed inside; use encoder.codec')
  const repeated = partitionNames.find((name, index) => partitionNames.indexOf(name) < index)
  if (repeated !== undefined)
    throw new OptionError(WHERE, 'partitionBy', `expected columns with distinct names, got ${describe(repeated)} twice`)
}
