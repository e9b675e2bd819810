// The manifest of a dataset: its files and their schema. A reader that opens only these files sees no file of a run that has not ended.
import { hasDatasetFileName } from '../files/dataset-file-name.js'
import { schemaRule, type ColumnSchema } from '../schema/column-schema.js'
import { MANIFEST_NAME } from '../shared/manifest-name.js'
import { isPlainObject } from '../shared/options.js'
import { describeValue } from '../shared/describe-value.js'
import type { DatasetFormat } from '../shared/dataset-formats.js'
import type { PartitionValues } from './partition-key.js'

/** One file of a dataset. */
export interface ManifestFile {
  /** The path below the folder of the dataset, with `/`. */
  readonly path: string
  /** Its rows. */
  readonly rows: number
  /** Its size. */
  readonly bytes: number
  /** The SHA-256 hash of its bytes, in hexadecimal digits. */
  readonly sha256: string
  /** The values of the partition columns; null stands for the folder `__HIVE_DEFAULT_PARTITION__`. */
  readonly partition: PartitionValues
}

/** The content of `_manifest.json`, besides what the option `receipt` adds. */
export interface DatasetManifest {
  /** The version of this content. */
  readonly manifestVersion: 1
  /** The format of all files. */
  readonly format: DatasetFormat
  /** True if the files are compressed as a whole. */
  readonly gzip: boolean
  /** The texts of the option `partitionBy`. */
  readonly partitionBy: readonly string[]
  /** The names of the partition columns, as readers see them. */
  readonly partitionColumns: readonly string[]
  /** The options of `toCsv` about the text of the files, with their defaults; missing for other formats. */
  readonly csv?: Readonly<Record<string, unknown>>
  /** The run that wrote this manifest. */
  readonly run: {
    /** Its id, a part of the names of its files. */
    readonly id: string
    /** `'replace'` if it replaced the files of earlier runs, `'append'` if it kept them. */
    readonly mode: 'replace' | 'append'
    /** The rows of its files. */
    readonly rows: number
    /** The size of its files. */
    readonly bytes: number
    /** The number of its files. */
    readonly files: number
  }
  /** The rows of all files. */
  readonly rows: number
  /** The bytes of all files. */
  readonly bytes: number
  /** The columns of all files; missing for NDJSON. */
  readonly schema?: readonly ColumnSchema[]
  /** All files: of this run, and of the runs to which it appended. */
  readonly files: readonly ManifestFile[]
  /** When all files of this run were written. */
  readonly finishedAt: Date
}

/** The fields of an earlier manifest that a run reads. */
export type EarlierManifest = Pick<
  DatasetManifest,
  'format' | 'gzip' | 'partitionBy' | 'partitionColumns' | 'csv' | 'run' | 'schema' | 'files'
>

/** Returns true for a path that a dataset may have given to a file: below its folder, and with the name of such a file. */
export const isDatasetPath = (path: unknown): path is string =>
  typeof path === 'string' && hasDatasetFileName(path) && !path.split('/').some((name) => name === '' || name === '..')

/** Throws an error if the text is not the manifest of a dataset. */
export function parseManifest(text: string): EarlierManifest {
  const manifest = parseObject(text)
  const { manifestVersion, files, schema, partitionBy } = manifest
  if (manifestVersion !== 1 || !Array.isArray(files) || !Array.isArray(partitionBy) || !isPlainObject(manifest['run']))
    throw new Error(`${MANIFEST_NAME} is not the manifest of a dataset; remove it first, or choose another folder`)
  const foreign: unknown = files.find((file: unknown) => !isPlainObject(file) || !isDatasetPath(file['path']))
  if (foreign !== undefined) {
    const found = describeValue(isPlainObject(foreign) ? foreign['path'] : foreign)
    throw new Error(
      `${MANIFEST_NAME} lists the path ${found}, which no file of a dataset has; remove ${MANIFEST_NAME} first, or choose another folder`,
    )
  }
  if (schema !== undefined) schemaRule.parse(schema, { where: MANIFEST_NAME, option: 'schema' })
  return manifest as unknown as EarlierManifest
}

/** The journal of a run is written before the first file is moved, so that the next run can remove the files of a killed run. */
export interface RunJournal {
  readonly adds: readonly string[]
  readonly removes: readonly string[]
}

export const JOURNAL_PREFIX = '_pending-'

export const getJournalName = (runId: string) => `${JOURNAL_PREFIX}${runId}.json`

/** Returns the files of datasets in a journal; none if the text is not a journal. */
export function listJournalFiles(text: string | undefined): string[] {
  const { adds, removes } = parseObject(text)
  return [adds, removes].flat().filter(isDatasetPath)
}

function parseObject(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(text))
    return isPlainObject(value) ? value : {}
  } catch {
    return {}
  }
}
