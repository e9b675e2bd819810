// The options of a dataset as the code below the public function uses them, and the warnings.
import type { EncoderWarning } from '../encode/encoder.js'
import type { Resolved } from '../shared/options.js'
import type { DatasetEncoderOptions, DatasetFormat } from './dataset-format.js'
import type { PartitionColumn } from './partition-key.js'
import type { DatasetCommonOptions } from './to-dataset.js'

type CommonPlan = Resolved<Omit<DatasetCommonOptions, 'path' | 'partitionBy'>, 'receipt' | 'onReceipt'>

export interface DatasetPlan extends CommonPlan {
  readonly where: string
  readonly manifestPath: string
  readonly format: DatasetFormat
  readonly encoder: DatasetEncoderOptions
  readonly partitionBy: readonly PartitionColumn[]
  readonly partitionNames: readonly string[]
  readonly gzip: boolean
}

/** Files that the dataset does not use could not be removed. Readers of the manifest do not see them; readers of the whole folder do. */
export interface StrayFilesWarning {
  /** Which warning it is. */
  readonly code: 'WARN_STRAY_FILES'
  /** The same in words. */
  readonly message: string
}

/** The argument of the listeners of the `warning` event of a dataset. `code` tells which warning it is. */
export type DatasetWarning = EncoderWarning | StrayFilesWarning
