// The types that the harness, case.ts and the files in cases/ share: the input of a case and its results.
import type { CsvOptions, ExportOptions, NdjsonOptions, ParquetOptions } from '../../lib/index.js'

export type Format = 'csv' | 'parquet' | 'ndjson'

/** The server, and its report with the records. */
export interface ReportLocation {
  readonly url: string
  readonly token: string
  readonly reportId: string
  /** The number of records in the report. */
  readonly total: number
}

export interface CaseOptions {
  readonly format?: Format
  readonly source?: Partial<ExportOptions>
  readonly csv?: CsvOptions
  readonly parquet?: ParquetOptions
  readonly ndjson?: NdjsonOptions
  /** Gives CSV and Parquet a function as `naming`. */
  readonly hasNamingFunction?: boolean
  /** The encoder of an event log beside the records. */
  readonly events?: Pick<CaseOptions, 'format' | 'csv' | 'parquet' | 'ndjson'>
  /** Adds a transform between source and encoder. */
  readonly hasTransform?: boolean
  /** Megabytes per second that the sink accepts; no limit if absent. */
  readonly sinkMbPerSecond?: number
  /** Measures how long the event loop is blocked. */
  readonly watchLoop?: boolean
  /** The file with the expected ids, for the soak. */
  readonly idsFile?: string
  /** The stage or the upload to run, for the cases `stage` and `upload`. */
  readonly variant?: string
}

export interface CaseInput extends ReportLocation {
  /** The number of records to export, from the first one on. */
  readonly records: number
  /** The file to write. */
  readonly file: string
  readonly options: CaseOptions
}

/** The results of a case. A case that runs another program also returns the times and the memory of that program. */
export interface Outcome {
  readonly rows: number
  readonly wallMs?: number
  readonly cpuMs?: number
  /** Null if it was not measured. */
  readonly peakRssMb?: number | null
  readonly figures?: Readonly<Record<string, number>>
}

export type Work = () => Promise<Outcome>

/** A file in cases/. `open` is not timed; the function that it returns is. */
export interface CaseModule {
  readonly open: (input: CaseInput) => Work | Promise<Work>
}

export interface Measurement {
  readonly rows: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakRssMb: number | null
  readonly figures: Readonly<Record<string, number>>
}
