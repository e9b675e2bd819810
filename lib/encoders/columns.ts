// What every encoder with columns asks of its caller.
import { ExportError } from '../errors.js'
import { either, integer, names, oneOf, optional, type Rules } from '../options.js'
import { flattenRules, selectionOf, type FlattenOptions, type Selection } from '../rows/flatten.js'

/** How an encoder decides its columns. */
export interface ColumnOptions extends FlattenOptions {
  /**
   * `'sample'`: the first `sampleSize` records decide. `'all'`: every column that appears anywhere; rows wait in a temporary
   * file where the format needs to know them first. A list of prefixed names: those, in that order, and nothing is late.
   * @default 'sample'
   */
  columns?: 'sample' | 'all' | readonly string[] | undefined
  /** Records that decide the columns. @default 1000 */
  sampleSize?: number | undefined
  /**
   * What becomes of a column that first appears later: `'error'` is `ERR_LATE_COLUMN`, `'overflow'` puts its cells as
   * JSON into a last column called `overflow`, `'drop'` leaves them out and counts them in `stats.droppedCells`.
   * @default 'error'
   */
  lateColumns?: 'error' | 'overflow' | 'drop' | undefined
}

export const columnRules: Rules<ColumnOptions> = {
  ...flattenRules,
  columns: optional(either(oneOf('sample', 'all'), names), 'sample'),
  sampleSize: optional(integer(1, 1_000_000), 1000),
  lateColumns: optional(oneOf('error', 'overflow', 'drop'), 'error'),
}

/** Column options as the code below uses them. */
export interface ColumnPlan {
  readonly where: string
  readonly columns: 'sample' | 'all' | readonly string[]
  readonly sampleSize: number
  readonly lateColumns: 'error' | 'overflow' | 'drop'
  readonly selection: Selection
  /** Columns that are picked by name. */
  readonly pick?: readonly string[] | undefined
}

/** The plan behind options that {@link columnRules} resolved. */
export function columnPlan(where: string, options: Readonly<ColumnOptions>): ColumnPlan {
  const { columns = 'sample', sampleSize = 1000, lateColumns = 'error', pick } = options
  return { where, columns, sampleSize, lateColumns, selection: selectionOf(where, options), pick }
}

export function lateColumn(where: string, id: string, row: number, sampleSize: number): ExportError {
  const text = `column ${JSON.stringify(id)} first appears in row ${row}, after the first ${sampleSize} records decided the columns`
  const remedies = "use columns: 'all', columns: [their names], or lateColumns: 'overflow' or 'drop'"
  return new ExportError('ERR_LATE_COLUMN', `${where}: ${text}; ${remedies}`)
}
