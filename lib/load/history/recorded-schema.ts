import type { ColumnType } from '../../schema/types/column-type.js'

/** The kind, the columns and the definitions of a load, recorded as JSON in the column `schema` of `_optimize_loads`. */
export interface RecordedSchema {
  readonly kind: string
  readonly columns: readonly RecordedColumn[]
  /** The event table, and the last load that has written one. A load without events keeps this of the load before. */
  readonly events?: {
    readonly table: string
    readonly loadId: string
    readonly rows: number
    readonly columns: readonly RecordedColumn[]
  }
  /** The ids of the definitions of the rows, unless there are too many. */
  readonly definitions?: readonly string[]
}

export interface RecordedColumn extends NamedColumn {
  /** Rows of the load with a value that is not null and not `''`. A partial load keeps the number of the load before if that is larger. */
  readonly filledRows: number
  /** True if the report no longer has this column. Its name stays reserved. */
  readonly hasVanished?: boolean
}

export interface NamedColumn {
  readonly name: string
  /** The prefixed name in the report: `variable:amount`. */
  readonly source: string
  /**
   * The type of the column, such as `int64`. If the column keeps a type that loads do not infer, such as a `varchar(20)` of the user, to
   * which the database converts the values: that type in SQL.
   */
  readonly type:
    | ColumnType
    | {
        /** A type of the database, such as `numeric(12,2)`. */
        readonly sql: string
      }
}

export const describeColumnType = (type: NamedColumn['type']): string =>
  typeof type === 'string' ? type : 'sql' in type ? type.sql : 'nested'
