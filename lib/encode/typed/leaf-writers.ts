import type { RecordSpans } from '../../spans/record-spans.js'
import { DIGITS, NUMBER, readSpanValue } from '../../spans/span.js'
import { isDecimal, isLargeDecimal, type ScalarType, type Value } from '../../schema/types/column-type.js'
import type { Cell } from '../../shared/types.js'
import type { Converter } from './convert-cell.js'
import type { AppendProgress, LeafBuilder, LeafLevels } from '../../leaves/leaf-builder.js'
import {
  BOOLEAN_LEAF,
  DATE_LEAF,
  DOUBLE_LEAF,
  INT64_LEAF,
  JSON_LEAF,
  LARGE_DECIMAL_LEAF,
  SMALL_DECIMAL_LEAF,
  STRING_LEAF,
  TIMESTAMP_LEAF,
} from '../../leaves/leaf-kinds.js'
import { NO_NUMBER_TEXTS } from '../../leaves/number-notations.js'
import type { NodeWriter } from './node-writer.js'

/** @param kind a number of `leaves/leaf-kinds.ts` */
export type CreateLeafBuilder = (kind: number, levels: LeafLevels) => LeafBuilder

export function createLeafWriter(
  type: ScalarType,
  convert: Converter,
  levels: LeafLevels,
  createBuilder: CreateLeafBuilder,
): NodeWriter {
  if (isDecimal(type))
    return new DecimalLeafWriter(
      createBuilder(isLargeDecimal(type) ? LARGE_DECIMAL_LEAF : SMALL_DECIMAL_LEAF, levels),
      convert,
    )
  const { kind, Writer } = leafWriters[type]
  return new Writer(createBuilder(kind, levels), convert)
}

abstract class LeafWriter<V extends Value> implements NodeWriter {
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

  appendSpans(_spans: RecordSpans, slot: number, from: number, to: number): AppendProgress {
    return this.leafBuilder.putSpans?.(slot, from, to) ?? { to: from, bytes: 0 }
  }

  putNullAtLevel(definition: number, repetition: number): void {
    this.leafBuilder.putNullAtLevel(definition, repetition)
  }

  protected abstract putValue(value: V, repetition: number): number
}

class TextLeafWriter extends LeafWriter<string> {
  override append(cell: Cell, repetition = 0, digits?: string): number | undefined {
    return digits === undefined ? super.append(cell, repetition) : this.putValue(digits, repetition)
  }

  protected override appendSpanAsCell(source: Buffer, start: number, end: number, flags: number, repetition: number) {
    if (flags === (NUMBER | DIGITS)) return this.putValue(source.toString('latin1', start, end), repetition)
    return super.appendSpanAsCell(source, start, end, flags, repetition)
  }

  protected putValue(value: string, repetition: number): number {
    return this.leafBuilder.putString(value, repetition)
  }
}

class StringLeafWriter extends TextLeafWriter {
  override append(cell: Cell, repetition = 0, digits?: string): number | undefined {
    return typeof cell === 'string' ? this.putValue(cell, repetition) : super.append(cell, repetition, digits)
  }
}

class Int64LeafWriter extends LeafWriter<bigint> {
  override append(cell: Cell, repetition = 0): number | undefined {
    if (typeof cell === 'number' && Number.isSafeInteger(cell)) return this.leafBuilder.putInteger(cell, repetition)
    return super.append(cell, repetition)
  }

  protected putValue(value: bigint, repetition: number): number {
    return this.leafBuilder.putBigInt(value, repetition)
  }
}

/** Timestamps as milliseconds, or dates as days. */
class TimeLeafWriter extends LeafWriter<number> {
  protected putValue(value: number, repetition: number): number {
    return this.leafBuilder.putInteger(value, repetition)
  }
}

/** Exact numbers. Reads them from their original digits, which the leaf builder cannot do. */
class DecimalLeafWriter extends LeafWriter<bigint> {
  override append(cell: Cell, repetition = 0, digits?: string): number | undefined {
    return super.append(digits ?? cell, repetition)
  }

  override appendSpan(source: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & NUMBER) !== 0) return super.append(source.toString('latin1', start, end), repetition)
    return this.appendSpanAsCell(source, start, end, flags, repetition)
  }

  override appendSpans(_spans: RecordSpans, _slot: number, from: number): AppendProgress {
    return { to: from, bytes: 0 }
  }

  protected putValue(value: bigint, repetition: number): number {
    return this.leafBuilder.putBigInt(value, repetition)
  }
}

class DoubleLeafWriter extends LeafWriter<number> {
  readonly #getNotations: () => number
  #notations: number = NO_NUMBER_TEXTS

  constructor(leafBuilder: LeafBuilder, convert: Converter) {
    super(leafBuilder, convert)
    this.#getNotations = convert.getNotations!
    this.#updateNotations()
  }

  override append(cell: Cell, repetition = 0): number | undefined {
    const bytes = super.append(cell, repetition)
    this.#updateNotations()
    return bytes
  }

  #updateNotations(): void {
    const notations = this.#getNotations()
    if (notations === this.#notations) return
    this.#notations = notations
    this.leafBuilder.setNotations?.(notations)
  }

  protected putValue(value: number, repetition: number): number {
    return this.leafBuilder.putDouble(value, repetition)
  }
}

class BooleanLeafWriter extends LeafWriter<boolean> {
  protected putValue(value: boolean, repetition: number): number {
    return this.leafBuilder.putBoolean(value, repetition)
  }
}

const leafWriters = {
  string: { kind: STRING_LEAF, Writer: StringLeafWriter },
  json: { kind: JSON_LEAF, Writer: TextLeafWriter },
  int64: { kind: INT64_LEAF, Writer: Int64LeafWriter },
  timestamp: { kind: TIMESTAMP_LEAF, Writer: TimeLeafWriter },
  date: { kind: DATE_LEAF, Writer: TimeLeafWriter },
  double: { kind: DOUBLE_LEAF, Writer: DoubleLeafWriter },
  boolean: { kind: BOOLEAN_LEAF, Writer: BooleanLeafWriter },
}
