import type { Cell } from '../../shared/types.js'
import type { SpanColumnWriter } from './column-engine.js'
import type { LeafBuilder } from '../../leaves/leaf-builder.js'

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
  putNullAtLevel(definition: number, repetition: number): void
}
