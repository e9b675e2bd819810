// Decides the columns and types of all files of a dataset before the first one is written.
import type { EncoderStats } from '../encode/encoder.js'
import { getSourceName, type ColumnSchema } from '../schema/column-schema.js'
import { createUnmatchedWarnings, NameMatcher } from '../schema/names/name-matcher.js'
import { ExportError } from '../shared/errors.js'
import type { RecordOrRow } from '../shared/types.js'
import {
  createFileEncoder,
  createSchemaEncoder,
  encodeExamples,
  type DatasetEncoderOptions,
} from './dataset-encoders.js'
import type { EarlierManifest } from './dataset-manifest.js'
import type { DatasetPlan, DatasetWarning } from './dataset-plan.js'

export interface FileSettings {
  readonly options: DatasetEncoderOptions
  /** Undefined for NDJSON. */
  readonly schema: readonly ColumnSchema[] | undefined
  readonly stats: Readonly<EncoderStats>
}

export interface SchemaSource {
  /** Records that have all columns, and all kinds of values in each column. */
  readonly examples: readonly RecordOrRow[]
  /** The columns that the files have if the stream has no row; undefined if no transform tells them. */
  readonly columnsIfEmpty: readonly string[] | undefined
  /** Undefined if this run does not append, or writes the first version. */
  readonly appendTo: EarlierManifest | undefined
}

/** Emits warnings about names. Rejects if names in the options or, for a run that appends, the earlier columns do not fit the records. */
export async function decideFileSettings(
  plan: DatasetPlan,
  { examples, columnsIfEmpty, appendTo }: SchemaSource,
  warn: (warning: DatasetWarning) => void,
): Promise<FileSettings> {
  const { where, format } = plan
  const missing = findMissingPartitionColumns(plan, examples, warn)
  const options = createEncoderOptions(plan, missing, appendTo)
  const stats = await encodeExamples(createSchemaEncoder(format, options), examples, columnsIfEmpty, warn)
  if (!stats.schema) return { options, schema: undefined, stats }
  const schema = appendTo?.schema ? keepEarlierSchema(where, appendTo.schema, stats.schema) : stats.schema
  checkPartitionNames(plan, schema)
  if (appendTo) {
    const written = await encodeExamples(createFileEncoder(format, options, schema), examples, columnsIfEmpty, ignore)
    checkWrittenColumns(where, schema, written.schema!)
  }
  return { options, schema, stats }
}

/**
 * Returns the options of the encoders. A partition column without a period is not in the files, because the names of the folders have
 * its values, as in Hive.
 * @param missing the partition columns that no record has
 */
export function createEncoderOptions(
  { encoder, partitionBy, format }: DatasetPlan,
  missing: ReadonlySet<string> = new Set(),
  appendTo?: EarlierManifest,
): DatasetEncoderOptions {
  const inFolders = partitionBy.flatMap(({ id, period }) => (period === undefined && !missing.has(id) ? [id] : []))
  const omit = [...new Set([...(encoder.omit ?? []), ...inFolders])]
  return {
    ...encoder,
    ...(omit.length > 0 ? { omit } : {}),
    ...(format === 'parquet' && appendTo?.schema ? { typesFrom: appendTo.schema } : {}),
  }
}

/** Returns the partition columns that no record has. Throws for them if `strict` is true or `'omit'`. */
function findMissingPartitionColumns(
  { where, partitionBy, encoder: { strict = false } }: DatasetPlan,
  examples: readonly RecordOrRow[],
  warn: (warning: DatasetWarning) => void,
): ReadonlySet<string> {
  const names = partitionBy.map(({ id }) => id)
  const matcher = new NameMatcher([{ option: 'partitionBy', names: [...new Set(names)] }])
  for (const record of examples) matcher.matchRecord(record)
  const { unmatched } = matcher
  for (const warning of createUnmatchedWarnings(where, unmatched, strict !== false)) warn(warning)
  return new Set(unmatched.map(({ name }) => name))
}

/** Returns the earlier schema. Throws if this run has a further column, because all files have the same columns. */
function keepEarlierSchema(
  where: string,
  earlier: readonly ColumnSchema[],
  found: readonly ColumnSchema[],
): readonly ColumnSchema[] {
  const known = new Set(earlier.map(getSourceName))
  const added = found.map(getSourceName).filter((name) => !known.has(name))
  if (added.length === 0) return earlier
  throw new ExportError(
    'ERR_SCHEMA_CHANGE',
    `${where}: the dataset has no column ${JSON.stringify(added[0])}${added.length > 1 ? ` and ${added.length - 1} more` : ''}; use mode 'replace', or leave the column out with omit`,
  )
}

/** Throws if the files would lack a column of the dataset, or have it under another name. */
function checkWrittenColumns(where: string, schema: readonly ColumnSchema[], written: readonly ColumnSchema[]): void {
  const names = new Map(written.map((column) => [getSourceName(column), column.name]))
  const other = schema.find((column) => names.get(getSourceName(column)) !== column.name)
  if (!other) return
  const name = names.get(getSourceName(other))
  const found = name === undefined ? 'which this run leaves out' : `got the name ${JSON.stringify(name)}`
  throw new ExportError(
    'ERR_SCHEMA_CHANGE',
    `${where}: the dataset has the column ${JSON.stringify(other.name)}, ${found}; use mode 'replace', or the same naming and columns as the earlier run`,
  )
}

const ignore = () => undefined

function checkPartitionNames({ where, partitionNames }: DatasetPlan, schema: readonly ColumnSchema[]): void {
  const collision = schema.find(({ name }) => partitionNames.includes(name.toLowerCase()))
  if (!collision) return
  throw new ExportError(
    'ERR_COLUMN_COLLISION',
    `${where}: partitionBy: the column ${JSON.stringify(collision.name)} has the name of a partition column; use naming or omit to tell them apart`,
  )
}

/** Throws if this run has other settings than the earlier one. A manifest of an older version does not have the options of CSV. */
export function checkAppend(plan: DatasetPlan, earlier: EarlierManifest): void {
  const { where, format, gzip, partitionBy, partitionNames, csv = {} } = plan
  checkSetting(where, 'format', earlier.format, format)
  checkSetting(where, 'gzip', earlier.gzip, gzip)
  const given = partitionBy.map((column) => column.given)
  checkSetting(where, 'partitionBy', earlier.partitionBy, given)
  checkSetting(where, 'names of partitionBy', earlier.partitionColumns, partitionNames)
  const { csv: earlierCsv = csv } = earlier
  for (const option of Object.keys({ ...earlierCsv, ...csv }))
    checkSetting(where, `encoder.${option}`, earlierCsv[option], csv[option])
}

function checkSetting(where: string, setting: string, ...values: readonly [earlier: unknown, now: unknown]): void {
  const [expected, found] = values.map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)))
  if (found === expected) return
  throw new ExportError(
    'ERR_SCHEMA_CHANGE',
    `${where}: ${setting}: the dataset has ${expected}, got ${found}; use mode 'replace', or the same value as the earlier run`,
  )
}
