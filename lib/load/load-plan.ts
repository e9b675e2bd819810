import type { ReportKind } from '../shared/types.js'
import type { Dialect } from './load-destination.js'
import type { LoadStep } from './load-events.js'
import type { ResolvedLoadOptions } from './load-options.js'
import type { LoadFile } from './extract/load-files.js'
import type { FullTableName } from './table-name.js'

export interface LoadPlan {
  readonly loadId: string
  readonly startedAt: Date
  readonly reportId: string
  readonly kind: ReportKind
  readonly options: ResolvedLoadOptions
  readonly dialect: Dialect
  readonly table: FullTableName
  readonly eventTable: FullTableName | undefined
  readonly recordFile: LoadFile
  readonly eventFile: LoadFile | undefined
  readonly exportFigures: {
    readonly received: number
    /** Records that the server promised. */
    readonly promised: number
    readonly restarts: number
    readonly duplicates: number
  }
  readonly complete: boolean
  /** True if the load may have read only a part of the report: with `since`, or if `maxRecords` stopped it. */
  readonly isPartial: boolean
  readonly watermark: Date | undefined
  readonly onStep: (step: LoadStep) => void
}
