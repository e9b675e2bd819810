import { ExportError, OptionError } from '../shared/errors.js'
import * as rule from '../shared/options.js'
import { isNestedField } from '../shared/reports/nested-fields.js'
import { strictRule } from '../schema/names/name-matcher.js'
import { flattenRules, createSelection, type FlattenOptions, type Selection } from '../schema/selection.js'
import type { NamesPlan } from './name-check.js'

/** How an encoder decides its columns. */
export interface ColumnOptions extends FlattenOptions {
  /**
   * `'sample'`: the first `sampleSize` records decide. `'all'`: every column that appears in any record; the encoder keeps
   * the rows in a temporary file until all columns are known, if the format needs that. A list of prefixed names: these
   * columns, in this order; other columns are left out.
   * @default 'sample'
   */
  columns?: 'sample' | 'all' | readonly string[] | undefined
  /** The number of records that decide the columns and the inferred types; with `columns: 'all'`, all records decide. @default 1000 */
  sampleSize?: number | undefined
  /**
   * With `columns: 'sample'`, the policy for a column that first appears after the columns were decided: `'error'` fails with
   * `ERR_LATE_COLUMN`, `'overflow'` writes its cells as JSON into a last column called `overflow`, `'drop'` leaves its cells out and counts
   * them in `stats.droppedCells`.
   * @default 'error'
   */
  lateColumns?: 'error' | 'overflow' | 'drop' | undefined
  /**
   * With `false`, the encoder emits a `warning` event at the end for each name in the other options that no record has, and for column
   * names that differ only in case, blanks or Unicode form. With `true` it fails with `ERR_UNMATCHED_NAME` or
   * `ERR_COLUMN_COLLISION`. With `'omit'` it fails only for names in `omit` that no record has.
   * @default false
   */
  strict?: boolean | 'omit' | undefined
}

export type ResolvedColumnOptions = rule.Resolved<ColumnOptions, keyof FlattenOptions>

export const columnRules: rule.Rules<ResolvedColumnOptions> = {
  ...flattenRules,
  columns: rule.withDefault(rule.either(rule.oneOf('sample', 'all'), rule.names), 'sample'),
  sampleSize: rule.withDefault(rule.integer(1, 1_000_000), 1000),
  lateColumns: rule.withDefault(rule.oneOf('error', 'overflow', 'drop'), 'error'),
  strict: rule.withDefault(strictRule, false),
}

export const OVERFLOW_COLUMN = 'overflow'

export interface ColumnPlan extends NamesPlan {
  /** A list is that of the option, without the columns that `pick` or `omit` excludes. */
  readonly columns: 'sample' | 'all' | readonly string[]
  /** The prefixed names of the columns of an earlier file. Unless `columns` is a list, the new file begins with them and has no sample. */
  readonly earlierColumns?: readonly string[] | undefined
  readonly sampleSize: number
  readonly lateColumns: 'error' | 'overflow' | 'drop'
  readonly selection: Selection
  readonly pick?: readonly string[] | undefined
}

/** @param types the names in the option `types`, if the encoder has it */
export function createColumnPlan(
  where: string,
  options: ResolvedColumnOptions,
  types: readonly string[] = [],
): ColumnPlan {
  const { columns, sampleSize, lateColumns, pick, strict } = options
  const selection = createSelection(where, options)
  const listed = { option: 'columns', names: typeof columns === 'string' ? [] : columns }
  const namesInOptions = [listed, ...selection.namesInOptions, { option: 'types', names: types }]
  const common = { where, sampleSize, lateColumns, selection, pick, strict, namesInOptions }
  return { ...common, columns: typeof columns === 'string' ? columns : selectListedColumns(where, columns, selection) }
}

/** Returns the columns of a list that `pick` and `omit` do not exclude. A nested field in a list is one column. */
function selectListedColumns(
  where: string,
  columns: readonly string[],
  { isSelected, getSelectedKeys }: Selection,
): readonly string[] {
  const createError = (problem: string) => new OptionError(where, 'columns', problem)
  const keyword = columns.find((name) => name === 'all' || name === 'sample')
  if (keyword !== undefined && columns.length > 1)
    throw createError(`expected '${keyword}' alone or a list of names, got '${keyword}' in a list`)
  if (columns.length === 0) throw createError('expected at least one column, got none')
  const wanted = columns.filter((id) => (isNestedField(id) ? getSelectedKeys(id) !== 'none' : isSelected(id)))
  if (wanted.length === 0) throw createError('expected a column that pick and omit do not exclude, got none')
  return wanted
}

/** Throws if a file would have no column. */
export function checkHasColumns(where: string, columns: readonly unknown[]): void {
  if (columns.length === 0)
    throw new ExportError('ERR_ENCODE', `${where}: expected records with at least one column, got none`)
}

export function createLateColumnError(
  { where, sampleSize, earlierColumns }: ColumnPlan,
  id: string,
  row: number,
): ExportError {
  const decided = earlierColumns
    ? 'and is not in the schema of typesFrom'
    : `after the first ${sampleSize} records decided the columns`
  const text = `column ${JSON.stringify(id)} first appears in row ${row}, ${decided}`
  const remedies = "use columns: 'all', a list of columns, or lateColumns: 'overflow' or 'drop'"
  return new ExportError('ERR_LATE_COLUMN', `${where}: ${text}; ${remedies}`)
}
