// What a case is told, and what it tells: the words between run.ts, case.ts and the files in cases/.
import type { CsvOptions, ExportOptions, ParquetOptions } from '../../lib/index.js'

export type Format = 'csv' | 'parquet' | 'ndjson'

/** Where the records are. */
export interface ReportLocation {
  readonly url: string
  readonly token: string
  readonly reportId: string
  /** Records of the report. */
  readonly total: number
}

/** What one case does differently from the next one of its kind. */
export interface CaseOptions {
  readonly format?: Format
  /** Options of exportStream. */
  readonly source?: Partial<ExportOptions>
  readonly csv?: CsvOptions
  readonly parquet?: ParquetOptions
  /** A user's transform between source and encoder. */
  readonly between?: boolean
  /** Megabytes a second that the sink takes; as many as come if absent. */
  readonly sinkMbPerSecond?: number
  /** Measure how long the event loop is blocked. */
  readonly watchLoop?: boolean
  /** The ids that must come, for the soak. */
  readonly idsFile?: string
  /** Which stage, for the case of that name. */
  readonly stage?: string
}

/** What a child process is given. */
export interface CaseInput extends ReportLocation {
  /** Records to export, the first ones if there are more. */
  readonly records: number
  /** The file to write. */
  readonly file: string
  readonly options: CaseOptions
}

/** What a case found out itself; an external program's figures replace those of the child process. */
export interface Outcome {
  readonly rows: number
  readonly wallMs?: number
  readonly cpuMs?: number
  /** null: nobody measured it. */
  readonly peakRssMb?: number | null
  readonly figures?: Readonly<Record<string, number>>
}

export type Work = () => Promise<Outcome>

/** A file in cases/: what `open` does is not timed, what it returns is. */
export interface CaseModule {
  readonly open: (input: CaseInput) => Work | Promise<Work>
}

/** One run of one case. */
export interface Measurement {
  readonly rows: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakRssMb: number | null
  readonly figures: Readonly<Record<string, number>>
}
