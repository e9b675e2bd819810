// The leaves of a file, one class a type.
import type { ScalarType } from '../../rows/infer.js'
import { DIGITS, NUMBER } from '../../scan/span.js'
import type { Cell } from '../../types.js'
import type { ChunkKernel } from './chunk-kernel.js'
import type { Compress } from './compression.js'
import type { Convert } from './convert.js'
import { BOOLEAN, DOUBLE, INT64, JSON_TEXT, STRING, TIMESTAMP } from './kernel/memory.js'
import { LeafChunk, type LeafLevels } from './leaf-chunk.js'
import { Leaf, type Part } from './part.js'

/** Makes the leaves of one file. */
export class Leaves {
  readonly #kernel: ChunkKernel
  readonly #compress: Compress

  constructor(kernel: ChunkKernel, compress: Compress) {
    this.#kernel = kernel
    this.#compress = compress
  }

  /** The leaf of a scalar type. */
  leafOf(type: ScalarType, convert: Convert, levels: LeafLevels): Part {
    const { kind, Type } = kinds[type]
    return new Type(new LeafChunk(this.#kernel, kind, levels, this.#compress), convert)
  }
}

/** A leaf of text, in which a number has its digits. */
class JsonLeaf extends Leaf<string> {
  override append(cell: Cell, repetition = 0, digits?: string): number | undefined {
    return digits === undefined ? super.append(cell, repetition) : this.put(digits, repetition)
  }

  protected override appendValueOf(page: Buffer, start: number, end: number, flags: number, repetition: number) {
    if (flags === (NUMBER | DIGITS)) return this.put(page.toString('latin1', start, end), repetition)
    return super.appendValueOf(page, start, end, flags, repetition)
  }

  protected put(value: string, repetition: number): number {
    return this.chunk.putString(value, repetition)
  }
}

class StringLeaf extends JsonLeaf {
  override append(cell: Cell, repetition = 0, digits?: string): number | undefined {
    return typeof cell === 'string' ? this.put(cell, repetition) : super.append(cell, repetition, digits)
  }
}

class Int64Leaf extends Leaf<bigint> {
  override append(cell: Cell, repetition = 0): number | undefined {
    if (typeof cell === 'number' && Number.isSafeInteger(cell)) return this.chunk.putInteger(cell, repetition)
    return super.append(cell, repetition)
  }

  protected put(value: bigint, repetition: number): number {
    return this.chunk.putBigInt(value, repetition)
  }
}

class TimestampLeaf extends Leaf<number> {
  protected put(value: number, repetition: number): number {
    return this.chunk.putInteger(value, repetition)
  }
}

class DoubleLeaf extends Leaf<number> {
  protected put(value: number, repetition: number): number {
    return this.chunk.putDouble(value, repetition)
  }
}

class BooleanLeaf extends Leaf<boolean> {
  protected put(value: boolean, repetition: number): number {
    return this.chunk.putBoolean(value, repetition)
  }
}

const kinds = {
  string: { kind: STRING, Type: StringLeaf },
  json: { kind: JSON_TEXT, Type: JsonLeaf },
  int64: { kind: INT64, Type: Int64Leaf },
  timestamp: { kind: TIMESTAMP, Type: TimestampLeaf },
  double: { kind: DOUBLE, Type: DoubleLeaf },
  boolean: { kind: BOOLEAN, Type: BooleanLeaf },
}
