// The contract between the one encoder stream and the formats it can write.
import type { Column } from '../rows/column.js'
import type { Row } from '../types.js'

/** Takes bytes as they are made; the encoder stream passes them on. */
export type Emit = (bytes: Uint8Array) => void

/** A file format: told its columns once, then given rows in batches, in order. Every method may emit bytes. */
export interface Format {
  /**
   * Opens the file. Called once, also for 0 rows.
   * @param columns the columns, none when nothing is known of them
   * @param sample the rows that decided them, at most `sampleSize`; they come again in {@link encode}
   */
  open(columns: readonly Column[], sample: readonly Row[]): void | Promise<void>
  /**
   * Encodes the rows of one batch.
   * @param first the number of the first row, from 1
   */
  encode(rows: readonly Row[], first: number): void | Promise<void>
  /** Ends the file; nothing comes after. */
  close(): void | Promise<void>
}

/** Makes a format that emits its bytes through `emit`. */
export type OpenFormat = (emit: Emit) => Format
