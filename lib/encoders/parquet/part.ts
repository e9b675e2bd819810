// The parts of a column: a leaf, or a list, struct or map of leaves.
import { valueOf } from '../../scan/span.js'
import type { Cell } from '../../types.js'
import type { SpanBuilder } from './column-builder.js'
import type { Convert } from './convert.js'
import type { Appended, LeafChunk } from './leaf-chunk.js'
import type { Value } from './types.js'

/** A column, or what is inside a nested one. The repetition level says which list the value goes on; 0 begins a row. */
export interface Part extends SpanBuilder {
  /** The chunks of its leaves, in the order of the schema. */
  readonly chunks: readonly LeafChunk[]
  /** @param digits of the cell, where it is a number whose digits were kept; only a leaf of text writes them */
  append(cell: Cell, repetition?: number, digits?: string): number | undefined
  appendSpan(page: Buffer, start: number, end: number, flags: number, repetition?: number): number | undefined
  /** Appends nothing to all leaves, where something outside it is missing. */
  none(definition: number, repetition: number): void
}

/** A leaf: cells become values by its conversion, values become bytes in its chunk. */
export abstract class Leaf<V extends Value> implements Part {
  readonly chunks: readonly LeafChunk[]
  protected readonly chunk: LeafChunk
  readonly #convert: Convert

  constructor(chunk: LeafChunk, convert: Convert) {
    this.chunks = [chunk]
    this.chunk = chunk
    this.#convert = convert
  }

  append(cell: Cell, repetition = 0): number | undefined {
    const value = this.#convert(cell)
    if (value === undefined) return undefined
    return value === null ? this.chunk.missing(repetition) : this.put(value as V, repetition)
  }

  /** The common notations of a type are read from their bytes; every other goes the way of a cell, so that both ways cannot differ. */
  appendSpan(page: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    return (
      this.chunk.putSpan(page, start, end, flags, repetition) ?? this.appendValueOf(page, start, end, flags, repetition)
    )
  }

  /** Appends the value of a span as a cell. */
  protected appendValueOf(page: Buffer, start: number, end: number, flags: number, repetition: number) {
    return this.append(valueOf(page, start, end, flags), repetition)
  }

  appendSpans(slot: number, from: number, to: number): Appended {
    return this.chunk.putSpans(slot, from, to)
  }

  none(definition: number, repetition: number): void {
    this.chunk.none(definition, repetition)
  }

  protected abstract put(value: V, repetition: number): number
}
