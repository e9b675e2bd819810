// The contract of engines: an engine has a writer for each column, keeps the values of the row group, and emits bytes.
import type { Cell } from '../../shared/types.js'
import type { ObjectCell } from '../../spans/object-cell.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import type { AppendProgress } from '../../leaves/leaf-builder.js'
import type { Emit } from '../format.js'
import type { TypedColumn } from './decide-column-type.js'

export interface ColumnEngine {
  readonly columnWriters: readonly ColumnWriter[]
  /** The same writers, if they accept spans of the loaded block. */
  readonly spanColumnWriters?: readonly SpanColumnWriter[]
  /** Loads a block that has the records from `from` on. Returns the index after the last of them, at most `to`. */
  readonly loadBlock?: (spans: RecordSpans, from: number, to: number) => number
  writeGroup(rows: number): Promise<void>
  finish(): Promise<void>
}

/** Returns the metadata of the file. An engine asks for it when the file begins or ends. */
export type GetMetadata = () => Readonly<Record<string, string>>

export type OpenEngine = (columns: readonly TypedColumn[], emit: Emit, getMetadata: GetMetadata) => ColumnEngine

/** Collects the cells of one column, one per row, until the row group is full. */
export interface ColumnWriter {
  /**
   * Appends a cell; undefined is a null.
   * @param repetition 0, for the first value of a row
   * @param digits the digits of a number as the server sent them, if they were kept; columns of text, JSON and decimals use them
   * @returns the counted bytes of the value, or undefined if the cell does not fit the column's type
   */
  append(cell: Cell, repetition?: 0, digits?: string): number | undefined
}

/** A column writer that also accepts cells as bytes, with the same result. */
export interface SpanColumnWriter extends ColumnWriter {
  /**
   * Appends the value of a span of the loaded block.
   * @param source the bytes of the page that contains the span
   * @param flags the flags of the span, see `spans/span-flags.ts`
   * @returns the same as {@link append} of the value
   */
  appendSpan(source: Buffer, start: number, end: number, flags: number): number | undefined
  /**
   * Appends the values of records from `from` up to, not including, `to` of the loaded block. May stop early: at a value that only
   * {@link appendSpan} can append.
   * @param slot the number of the value in its record
   */
  readonly appendSpans?: (spans: RecordSpans, slot: number, from: number, to: number) => AppendProgress
  /**
   * Appends the objects of records from `from` up to, not including, `to` of the loaded block. Stops at an object that does not fit.
   * Undefined if the writer needs the objects themselves.
   */
  readonly appendObjects?:
    ((spans: RecordSpans, cell: ObjectCell, from: number, to: number) => AppendProgress) | undefined
}
