import type { Writable } from 'node:stream'
import { describeDialect } from '../encode/csv/dialect.js'
import { storeRule } from '../files/file-store.js'
import { localStore } from '../files/local/local-store.js'
import { OptionError } from '../shared/errors.js'
import { resolveOptions } from '../shared/options.js'
import { describeValue } from '../shared/describe-value.js'
import { createSchemaEncoder } from './dataset-encoders.js'
import { createDatasetRules, type DatasetOptions, type ResolvedDatasetOptions } from './dataset-options.js'
import type { DatasetPlan, DatasetWarning } from './dataset-plan.js'
import { createEncoderOptions } from './dataset-schema.js'
import { DatasetStream, type DatasetStats } from './dataset-stream.js'
import { getPartitionName } from './partition-key.js'

/** A Writable for records or flat rows that writes a folder of files. It emits `warning` besides the events of a Writable. */
export interface Dataset extends Writable {
  /** Live figures. */
  readonly stats: Readonly<DatasetStats>
  /** Adds a listener for warnings. */
  on(event: 'warning', listener: (warning: DatasetWarning) => void): this
  /** Adds a listener for an event of a Writable. */
  on(event: string | symbol, listener: (...args: never[]) => void): this
}

const WHERE = 'toDataset'

/**
 * Returns a Writable for records or flat rows. It writes files that query engines read as one table: all have the same columns and types
 * (except in NDJSON), and the names of their folders are the values of partition columns, `startdate_month=2026-05/`. The records are
 * kept in a temporary file until the last one has arrived. Then the files appear under new names, `_manifest.json` lists them with rows,
 * bytes, SHA-256 and schema, and with `mode: 'replace'` the files of the earlier manifest are removed. After a failure or a kill the
 * manifest is the earlier or the new one, and the files that it lists are complete. If the process has nothing left to do and the stream
 * has begun but not ended, it fails.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_FILE` or `ERR_DESTINATION`, with the errors of the
 * encoder, and with `ERR_SCHEMA_CHANGE` if records that are appended do not fit.
 * @example await pipeline(exportStream({ … }), toDataset({ path: 'lake/orders/', partitionBy: 'startDate:month' }))
 */
export function toDataset(options: DatasetOptions): Dataset {
  const given = options as DatasetOptions | null | undefined
  const store = storeRule.parse(given?.store, { where: WHERE, option: 'store' }) ?? localStore
  const resolved = resolveOptions(WHERE, given, createDatasetRules(store))
  const { path: manifestPath, ...others } = resolved
  const isSnake = resolved.encoder.naming === 'snake'
  const partitionNames = resolved.partitionBy.map((column) => getPartitionName(column, isSnake))
  checkCombination(resolved, partitionNames)
  const csv = resolved.format === 'csv' ? describeDialect(resolved.encoder) : undefined
  const plan: DatasetPlan = { ...others, where: WHERE, manifestPath, partitionNames, csv }
  // checks the options, which are the same for the encoders of all files
  createSchemaEncoder(plan.format, createEncoderOptions(plan)).destroy()
  return new DatasetStream(plan)
}

function checkCombination({ format, gzip }: ResolvedDatasetOptions, partitionNames: readonly string[]): void {
  if (gzip && format === 'parquet')
    throw new OptionError(WHERE, 'gzip', 'expected nothing for Parquet, which is compressed inside; use encoder.codec')
  const repeated = partitionNames.find((name, index) => partitionNames.indexOf(name) < index)
  if (repeated !== undefined)
    throw new OptionError(
      WHERE,
      'partitionBy',
      `expected columns with distinct names, got ${describeValue(repeated)} twice`,
    )
}
