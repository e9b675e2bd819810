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
  /** The stage, the upload or the statement to run, for the cases `stage`, `upload` and `psql-copy`. */
  readonly variant?: string
  /** The file with the rows that a bulk tool writes into a table. */
  readonly rowsFile?: string
}

/** The input of a case. For `psql-copy`, `url` is the address of the database. */
export interface CaseInput extends ReportLocation {
  /** The number of records to export, from the first one on; for `upload` the number of mebibytes. */
  readonly records: number
  /** The file to write; for `upload` the file to read, for `psql-copy` the script. */
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

/** The results of a case, with what `case.ts` measured where the case did not. */
export type Measurement = Required<Outcome>
