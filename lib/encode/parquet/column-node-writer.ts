// The parts of a column: a leaf, or a list, struct or map of leaves.
import { readSpanValue } from '../../fastpath/scan/span.js'
import type { Cell } from '../../shared/types.js'
import type { SpanColumnWriter } from './column-writer.js'
import type { Converter } from './cell-conversion.js'
import type { AppendedSpans, ColumnChunkBuilder } from '../../fastpath/parquet/column-chunk-builder.js'
import type { Value } from '../../schema/column-type.js'

/** A column, or what is inside a nested one. The repetition level says which list the value goes on; 0 begins a row. */
export interface ColumnNodeWriter extends SpanColumnWriter {
  /** The chunks of its leaves, in the order of the schema. */
  readonly chunkBuilders: readonly ColumnChunkBuilder[]
  /** @param digits of the cell, where it is a number whose digits were kept; only a leaf of text writes them */
  append(cell: Cell, repetition?: number, digits?: string): number | undefined
  appendSpan(page: Buffer, start: number, end: number, flags: number, repetition?: number): number | undefined
  /** Appends nothing to all leaves, where something outside it is missing. */
  putNullAt(definition: number, repetition: number): void
}

/** A leaf: cells become values by its conversion, values become bytes in its chunk. */
export abstract class LeafWriter<V extends Value> implements ColumnNodeWriter {
  readonly chunkBuilders: readonly ColumnChunkBuilder[]
  protected readonly chunkBuilder: ColumnChunkBuilder
  readonly #convert: Converter

  constructor(chunkBuilder: ColumnChunkBuilder, convert: Converter) {
    this.chunkBuilders = [chunkBuilder]
    this.chunkBuilder = chunkBuilder
    this.#convert = convert
  }

  append(cell: Cell, repetition = 0): number | undefined {
    const value = this.#convert(cell)
    if (value === undefined) return undefined
    return value === null ? this.chunkBuilder.putNull(repetition) : this.putValue(value as V, repetition)
  }

  /** The common notations of a type are read from their bytes; every other goes the way of a cell, so that both ways cannot differ. */
  appendSpan(page: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    return (
      this.chunkBuilder.putSpan(page, start, end, flags, repetition) ??
      this.appendValueOf(page, start, end, flags, repetition)
    )
  }

  /** Appends the value of a span as a cell. */
  protected appendValueOf(page: Buffer, start: number, end: number, flags: number, repetition: number) {
    return this.append(readSpanValue(page, start, end, flags), repetition)
  }

  appendSpans(slot: number, from: number, to: number): AppendedSpans {
    return this.chunkBuilder.putSpans(slot, from, to)
  }

  putNullAt(definition: number, repetition: number): void {
    this.chunkBuilder.putNullAt(definition, repetition)
  }

  protected abstract putValue(value: V, repetition: number): number
}
