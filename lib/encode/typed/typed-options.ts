// The options of the formats whose columns have types: Parquet, Arrow and Singer.
import type { FlattenOptions } from '../../schema/selection.js'
import * as rule from '../../shared/options.js'
import { typesRule, type ScalarType } from '../../schema/types/column-type.js'
import { schemaRule, getSourceName, type ColumnSchema } from '../../schema/column-schema.js'
import {
  createColumnPlan,
  columnRules,
  OVERFLOW_COLUMN,
  type ColumnOptions,
  type ColumnPlan,
} from '../column-options.js'
import type { TypePlan } from './decide-column-type.js'

/** Options of an encoder whose columns have types. */
export interface TypedOptions extends ColumnOptions {
  /**
   * The types of columns, by their prefixed names; a cell that does not fit is `ERR_CELL_TYPE`. `'json'` accepts JSON text
   * and JSON values. `'decimal(12,2)'` holds exact numbers of up to 12 digits, 2 of them after the point. `'date'` holds days; it
   * accepts `2026-05-31` and times that are midnight in their own offset.
   * @default none: known fields have the types of the API's data model, variables are text
   */
  types?: Readonly<Record<string, ScalarType>> | undefined
  /**
   * Infers the types of variables, inputs and outputs from the first `sampleSize` records; with `columns: 'all'` from all records. A
   * column gets another type than text only if all its cells in these records fit it; `007`, `1e5` and integers beyond 2^53 stay text.
   * @default false
   */
  inferTypes?: boolean | undefined
  /**
   * The parsed receipt of an earlier file, or its `schema`. The new file gets the same columns and types in the same order. A
   * cell that does not fit is `ERR_CELL_TYPE`; `types` override these types. A column that is not in the schema is late, see
   * `lateColumns`; with `columns: 'all'` it is added at the end. If `columns` is a list, the schema gives only types. @default none
   */
  typesFrom?: Readonly<Record<'schema', readonly ColumnSchema[]>> | readonly ColumnSchema[] | undefined
  /** `'map'` writes all variables of a nested record into one column `variables` of the type MAP<string, string>. @default 'columns' */
  variables?: 'columns' | 'map' | undefined
  /**
   * Key-value metadata of the file. The encoder adds `optimize-export.version` and, if an export is piped directly into it,
   * `.reportId`, `.total` and `.startedAt`. @default none except these
   */
  metadata?: Readonly<Record<string, string>> | undefined
}

export type ResolvedTypedOptions = rule.Resolved<
  TypedOptions,
  keyof FlattenOptions,
  { typesFrom: readonly ColumnSchema[] }
>

export const typedRules: rule.Rules<ResolvedTypedOptions> = {
  ...columnRules,
  types: rule.withDefault(typesRule, {}),
  inferTypes: rule.withDefault(rule.boolean, false),
  typesFrom: rule.withDefault(schemaRule, []),
  variables: rule.withDefault(rule.oneOf('columns', 'map'), 'columns'),
  metadata: rule.withDefault(rule.stringRecord, {}),
}

export interface SchemaPlan {
  readonly columnPlan: ColumnPlan
  readonly typePlan: TypePlan
}

/** @param canWriteNested true if the columns of the file may be lists, structs and maps */
export function createSchemaPlan(where: string, options: ResolvedTypedOptions, canWriteNested: boolean): SchemaPlan {
  const { types, inferTypes, typesFrom, variables } = options
  const earlierColumns = new Map(typesFrom.map((column) => [getSourceName(column), column]))
  const mapFields = variables === 'map' || isMapColumn(earlierColumns.get('variables')) ? ['variables'] : []
  const columnPlan = {
    ...createColumnPlan(where, options, Object.keys(types)),
    earlierColumns: listEarlierColumns(options),
  }
  return { columnPlan, typePlan: { types, inferTypes, earlierColumns, mapFields, canWriteNested } }
}

const isMapColumn = (column: ColumnSchema | undefined) => typeof column?.type === 'object' && 'map' in column.type

/** Returns the columns of the earlier file, without its overflow column if the new file also has one. */
function listEarlierColumns({ typesFrom, columns, lateColumns }: ResolvedTypedOptions): readonly string[] | undefined {
  if (typesFrom.length === 0) return undefined
  const hasOverflowColumn = columns === 'sample' && lateColumns === 'overflow'
  return typesFrom.map(getSourceName).filter((id) => !(hasOverflowColumn && id === OVERFLOW_COLUMN))
}
