// The options of a dataset as the code below the public function uses them, and the warnings.
import type { EncoderWarning } from '../encode/encoder.js'
import type { ResolvedDatasetOptions } from './dataset-options.js'

export interface DatasetPlan extends Omit<ResolvedDatasetOptions, 'path'> {
  readonly where: string
  readonly manifestPath: string
  readonly partitionNames: readonly string[]
  /** The options about the text of CSV files; undefined for other formats. */
  readonly csv: Readonly<Record<string, unknown>> | undefined
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
