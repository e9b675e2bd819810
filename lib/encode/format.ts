// The contract between the one encoder stream and the formats it can write.
import type { Column } from '../schema/column.js'
import type { LayoutRun } from '../fastpath/scan/record-spans.js'
import type { Cell, Row } from '../shared/types.js'

/** Takes bytes as they are made; while the reader is behind it gives a promise to wait for before making more. */
export type Emit = (bytes: Uint8Array) => Promise<void> | undefined

/** Returns the observation that a cell makes on the type of its column; of cells with the same one, the sample needs one. */
export type SignatureFunction = (cell: Cell) => string

/** A file format: it gets its columns once, and then rows in batches, in order. Every method may emit bytes. */
export interface Format {
  /**
   * Opens the file. Called once, also for 0 rows.
   * @param columns the columns, none when nothing is known of them
   * @param sample of the rows that decided them the first, and one for every vote ({@link getSignatureFunction}); they come again in {@link encode}
   */
  open(columns: readonly Column[], sample: readonly Row[]): void | Promise<void>
  /**
   * Encodes the rows of one batch.
   * @param firstRowNumber the number of the first row, from 1
   */
  encode(rows: readonly Row[], firstRowNumber: number): void | Promise<void>
  /**
   * Encodes rows from the bytes they came in, with the same outcome as {@link encode} of the same records. A format without
   * this method gets records.
   * @param firstRowNumber the number of the first row, from 1
   */
  readonly encodeSpans?: ((runs: readonly LayoutRun[], firstRowNumber: number) => void | Promise<void>) | undefined
  /**
   * Adds columns that first appear in the batch to come; rows before them have none. A format without this method is
   * given all columns before its first row, through a {@link TwoPassFormat}.
   */
  append?(columns: readonly Column[]): void | Promise<void>
  /** For a format that learns from the sample: how the cells of a column vote; undefined where nothing depends on them. */
  getSignatureFunction?(column: Column): SignatureFunction | undefined
  /** Emits what only waits for more, so that it is worth a write. */
  flush?(): void | Promise<void>
  /** Ends the file; nothing comes after. */
  close(): void | Promise<void>
  /** Frees what is held outside memory; called once, also after a failure. */
  dispose?(): void | Promise<void>
}
