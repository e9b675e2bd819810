import type { FileFacts } from '../files/file-facts.js'
import type { ColumnSchema } from '../schema/column-schema.js'
import type { ReportKind } from '../shared/types.js'
import type { ResolvedLoadOptions } from './load-options.js'
import type { LoadStats } from './extract/extraction.js'
import type { FullTableName } from './table-name.js'

/** The input of the transaction of a load: the finished load files, the facts of the extraction, the options. */
export interface LoadInput {
  readonly loadId: string
  readonly startedAt: Date
  readonly kind: ReportKind
  readonly options: ResolvedLoadOptions
  readonly table: FullTableName
  readonly eventTable: FullTableName | undefined
  readonly recordFile: LoadFile
  readonly eventFile: LoadFile | undefined
  readonly stats: LoadStats
  /** True if the load may have read only a part of the report: with `since`, or if `maxRecords` stopped it. */
  readonly isPartial: boolean
  readonly watermark: Date | undefined
}

export interface LoadFile extends FileFacts {
  readonly path: string
  readonly rows: number
  readonly schema: readonly ColumnSchema[]
}
