// An encoder as its caller sees it.
import type { Duplex } from 'node:stream'
import type { ColumnSchema } from '../schema/column-schema.js'
import type { AlikeNamesWarning } from '../schema/names/alike-names.js'
import type { UnmatchedName, UnmatchedNameWarning } from '../schema/names/name-matcher.js'
import type { MiningWarning } from '../schema/rows/mining-events.js'
import type { DuplexEvents } from '../shared/streams/duplex-events.js'

/**
 * The events of an {@link Encoder} and the argument of their listeners; `undefined` means no argument. `data` has bytes of the file.
 */
export interface EncoderEvents extends DuplexEvents<Buffer> {
  /** The output may not be what the caller expects; emitted before the end. */
  warning: EncoderWarning
}

/** A Duplex: records or flat rows in (objects), the bytes of a file out. It emits {@link EncoderEvents}. */
export interface Encoder extends Duplex {
  /** Live figures of this encoder. */
  readonly stats: Readonly<EncoderStats>
  /** Adds a listener to one of {@link EncoderEvents}. */
  on<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Adds a listener that is called once. */
  once<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** The same as `on`. */
  addListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Adds a listener that is called before the others. */
  prependListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Adds a listener that is called once and before the others. */
  prependOnceListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** Removes a listener. */
  off<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
  /** The same as `off`. */
  removeListener<E extends keyof EncoderEvents>(event: E, listener: (payload: EncoderEvents[E]) => void): this
}

/** The figures of an encoder. They change while it runs. */
export interface EncoderStats {
  /** Rows so far, also those that are not in the file yet; for NDJSON, XES and OCEL, records. */
  rows: number
  /** Bytes of the file so far. */
  bytes: number
  /** Columns of the file; 0 for NDJSON, XES and OCEL. */
  columns: number
  /**
   * Distinct columns that first appeared after the first `sampleSize` records, or after an earlier file had decided the columns. With
   * `columns: 'all'` the file has these columns.
   */
  lateColumns: number
  /** Cells left out because of `lateColumns: 'drop'`. */
  droppedCells: number
  /** Names in the options that were in no record; known at the end. */
  unmatched: readonly UnmatchedName[]
  /** Groups of columns, or fields of NDJSON, whose names differ only in case, blanks at their ends or Unicode form; known at the end. */
  alikeColumns: readonly (readonly string[])[]
  /** For each column whose name in the file is not its prefixed name: the name in the file, by the prefixed name; known at the end. */
  columnNames: Readonly<Record<string, string>>
  /** Events written; XES and OCEL only. */
  eventCount?: number
  /** Row groups written, or record batches; Parquet and Arrow only. */
  rowGroups?: number
  /** The columns and their types, once they are decided; not for NDJSON, XES and OCEL. */
  schema?: readonly ColumnSchema[]
}

export const createStats = (): EncoderStats => ({
  rows: 0,
  bytes: 0,
  columns: 0,
  lateColumns: 0,
  droppedCells: 0,
  unmatched: [],
  alikeColumns: [],
  columnNames: {},
})

/** A CSV file has a NUL character, U+0000. Some programs end the line there; psql's `\copy` joins what is before it with the next line. */
export interface NulWarning {
  /** Which warning it is. */
  readonly code: 'WARN_NUL'
  /** The same in words. */
  readonly message: string
}

/** A file for Excel is not as the caller may expect: several sheets, changed texts, dates in UTC, or numbers that stayed text. */
export interface WorkbookWarning {
  /** Which warning it is. */
  readonly code: 'WARN_SHEETS' | 'WARN_TEXT_CHANGED' | 'WARN_UTC_DATES' | 'WARN_NUMBERS_AS_TEXT'
  /** The same in words. */
  readonly message: string
}

/** The argument of the listeners of the `warning` event of an encoder. `code` tells which warning it is. */
export type EncoderWarning = UnmatchedNameWarning | AlikeNamesWarning | NulWarning | WorkbookWarning | MiningWarning
