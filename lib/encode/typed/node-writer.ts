import { readSpanValue } from '../../spans/span.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import type { Cell } from '../../shared/types.js'
import type { SpanColumnWriter } from './column-engine.js'
import type { Converter } from './convert-cell.js'
import type { AppendedSpans, LeafBuilder } from '../../leaves/leaf-builder.js'
import type { Value } from '../../schema/types/column-type.js'

/**
 * Writes a column, or a node inside a nested column. The repetition level is 0 for the first value of a row, and 1 for every further
 * element of a list.
 */
export interface NodeWriter extends SpanColumnWriter {
  /** The builders of the leaves, in the order of the schema. */
  readonly leafBuilders: readonly LeafBuilder[]
  append(cell: Cell, repetition?: number, digits?: string): number | undefined
  appendSpan(source: Buffer, start: number, end: number, flags: number, repetition?: number): number | undefined
  /** Appends a null to all leaves, because a list, struct or map is null or empty. The definition level tells which. */
  putNullAt(definition: number, repetition: number): void
}

export abstract class LeafWriter<V extends Value> implements NodeWriter {
  readonly leafBuilders: readonly LeafBuilder[]
  protected readonly leafBuilder: LeafBuilder
  readonly #convert: Converter

  constructor(leafBuilder: LeafBuilder, convert: Converter) {
    this.leafBuilders = [leafBuilder]
    this.leafBuilder = leafBuilder
    this.#convert = convert
  }

  append(cell: Cell, repetition = 0): number | undefined {
    const value = this.#convert(cell)
    if (value === undefined) return undefined
    return value === null ? this.leafBuilder.putNull(repetition) : this.putValue(value as V, repetition)
  }

  /** Appends common notations as bytes, and every other value as a cell. */
  appendSpan(source: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    return (
      this.leafBuilder.putSpan?.(source, start, end, flags, repetition) ??
      this.appendSpanAsCell(source, start, end, flags, repetition)
    )
  }

  protected appendSpanAsCell(source: Buffer, start: number, end: number, flags: number, repetition: number) {
    return this.append(readSpanValue(source, start, end, flags), repetition)
  }

  appendSpans(_spans: RecordSpans, slot: number, from: number, to: number): AppendedSpans {
    return this.leafBuilder.putSpans?.(slot, from, to) ?? { to: from, bytes: 0 }
  }

  putNullAt(definition: number, repetition: number): void {
    this.leafBuilder.putNullAt(definition, repetition)
  }

  protected abstract putValue(value: V, repetition: number): number
}
