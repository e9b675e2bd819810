// The parts of a column: a leaf, or a list, struct or map of leaves.
import { valueOf, NULL } from '../../scan/span.js'
import type { Viewed } from '../../scan/words.js'
import type { Cell } from '../../types.js'
import type { ChunkBuilder } from './chunk-builder.js'
import type { SpanBuilder } from './column-builder.js'
import type { Convert } from './convert.js'
import type { Value } from './types.js'

/** A column, or what is inside a nested one. The repetition level says which list the value goes on; 0 begins a row. */
export interface Part extends SpanBuilder {
  /** The chunks of its leaves, in the order of the schema. */
  readonly chunks: readonly ChunkBuilder[]
  append(cell: Cell, repetition?: number): number | undefined
  appendSpan(source: Viewed, start: number, end: number, flags: number, repetition?: number): number | undefined
  /** Appends nothing to all leaves, where something outside it is missing. */
  none(definition: number, repetition: number): void
}

/** A missing value counts as one byte, as does the place of every value of no fixed width. */
export const PLACE = 1

/** A leaf: cells become values by its conversion, values become bytes in its chunk. */
export abstract class Leaf<V extends Value> implements Part {
  readonly chunks: readonly ChunkBuilder[]
  readonly #chunk: ChunkBuilder
  readonly #convert: Convert

  constructor(chunk: ChunkBuilder, convert: Convert) {
    this.chunks = [chunk]
    this.#chunk = chunk
    this.#convert = convert
  }

  append(cell: Cell, repetition = 0): number | undefined {
    const value = this.#convert(cell)
    if (value === undefined) return undefined
    return value === null ? this.missing(repetition) : this.put(value as V, repetition)
  }

  appendSpan(source: Viewed, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & NULL) !== 0) return this.missing(repetition)
    return this.append(valueOf(source.bytes, start, end, flags), repetition)
  }

  none(definition: number, repetition: number): void {
    this.#chunk.none(definition, repetition)
  }

  protected missing(repetition: number): number {
    this.#chunk.none(this.#chunk.levels.definition - 1, repetition)
    return PLACE
  }

  protected abstract put(value: V, repetition: number): number
}
