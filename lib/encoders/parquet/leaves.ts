// The leaves of a file, one class a type. Each reads the common notations of its type from bytes; everything else, and
// everything that does not fit, goes the way of a cell, so that both ways cannot differ.
import { integerAt, timestampAt } from '../../rows/span-values.js'
import type { ScalarType } from '../../rows/infer.js'
import { BOOLEAN, ESCAPED, LOOSE, NULL, NUMBER, TEXT } from '../../scan/span.js'
import { unescaped } from '../../scan/unescape.js'
import type { Viewed } from '../../scan/words.js'
import type { Cell } from '../../types.js'
import { BitChunk } from './bit-chunk.js'
import { DoubleBounds, IntegerBounds, TextBounds } from './bounds.js'
import { ByteBuffer } from './byte-buffer.js'
import type { LeafLevels } from './chunk-builder.js'
import type { Compress } from './compression.js'
import type { Convert } from './convert.js'
import { Leaf, type Part } from './part.js'
import { TextChunk } from './text-chunk.js'
import { WordChunk } from './word-chunk.js'

/** The leaf of a scalar type. */
export function leafOf(type: ScalarType, convert: Convert, levels: LeafLevels, compress: Compress): Part {
  switch (type) {
    case 'string':
      return new StringLeaf(new TextChunk(levels, compress, new TextBounds()), convert)
    case 'json':
      return new JsonLeaf(new TextChunk(levels, compress, undefined), convert)
    case 'boolean':
      return new BooleanLeaf(new BitChunk(levels, compress), convert)
    case 'double':
      return new DoubleLeaf(new WordChunk(levels, compress, new DoubleBounds()), convert)
    case 'int64':
      return new Int64Leaf(new WordChunk(levels, compress, new IntegerBounds()), convert)
    case 'timestamp':
      return new TimestampLeaf(new WordChunk(levels, compress, new IntegerBounds()), convert)
  }
}

/** Where a string is made bytes. */
const scratch = new ByteBuffer(1024)

/** Code units up to which a loop is faster than a call into Node. */
const SHORT = 24
/** Code units from which it pays to count bytes before making room for them. */
const LONG = 4096

class JsonLeaf extends Leaf<string> {
  protected readonly text: TextChunk

  constructor(text: TextChunk, convert: Convert) {
    super(text, convert)
    this.text = text
  }

  /** A string is judged as a cell, whatever else there is as JSON.stringify would write it is JSON text. */
  override appendSpan(source: Viewed, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & (TEXT | NULL | LOOSE)) === 0) return this.text.put(source, start, end, repetition)
    return super.appendSpan(source, start, end, flags, repetition)
  }

  protected put(value: string, repetition: number): number {
    scratch.clear()
    let length = asciiInto(scratch.bytes, value)
    if (length < 0) {
      scratch.reserve(value.length > LONG ? Buffer.byteLength(value) : value.length * 3)
      length = scratch.bytes.write(value)
    }
    return this.text.put(scratch, 0, length, repetition)
  }
}

/** Writes short ASCII; -1 where a string is anything else. */
function asciiInto(bytes: Buffer, value: string): number {
  if (value.length > SHORT) return -1
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at)
    if (unit > 127) return -1
    bytes[at] = unit
  }
  return value.length
}

class StringLeaf extends JsonLeaf {
  override append(cell: Cell, repetition = 0): number | undefined {
    return typeof cell === 'string' ? this.put(cell, repetition) : super.append(cell, repetition)
  }

  /** What is not text has the text that JSON.stringify would write. */
  override appendSpan(source: Viewed, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & (TEXT | ESCAPED)) === TEXT) return this.text.put(source, start, end, repetition)
    if ((flags & ESCAPED) !== 0) {
      scratch.clear()
      scratch.reserve(end - start)
      const length = unescaped(source.bytes, start, end, scratch.bytes, 0)
      if (length >= 0) return this.text.put(scratch, 0, length, repetition)
    }
    return super.appendSpan(source, start, end, flags, repetition)
  }
}

/** Values of eight bytes. */
abstract class WordLeaf<V extends number | bigint> extends Leaf<V> {
  protected readonly words: WordChunk

  constructor(words: WordChunk, convert: Convert) {
    super(words, convert)
    this.words = words
  }
}

class Int64Leaf extends WordLeaf<bigint> {
  override append(cell: Cell, repetition = 0): number | undefined {
    if (typeof cell === 'number' && Number.isSafeInteger(cell)) return this.words.putInteger(cell, repetition)
    return super.append(cell, repetition)
  }

  override appendSpan(source: Viewed, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & (TEXT | NUMBER)) !== 0) {
      const value = integerAt(source.bytes, start, end)
      if (!Number.isNaN(value)) return this.words.putInteger(value, repetition)
    }
    return super.appendSpan(source, start, end, flags, repetition)
  }

  protected put(value: bigint, repetition: number): number {
    return this.words.putBigInt(value, repetition)
  }
}

class TimestampLeaf extends WordLeaf<number> {
  override appendSpan(source: Viewed, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & TEXT) !== 0) {
      const value = timestampAt(source, start, end)
      if (!Number.isNaN(value)) return this.words.putInteger(value, repetition)
    }
    return super.appendSpan(source, start, end, flags, repetition)
  }

  protected put(value: number, repetition: number): number {
    return this.words.putInteger(value, repetition)
  }
}

class DoubleLeaf extends WordLeaf<number> {
  override appendSpan(source: Viewed, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & NUMBER) !== 0) {
      const value = integerAt(source.bytes, start, end)
      if (!Number.isNaN(value)) return this.words.putDouble(value, repetition)
    }
    return super.appendSpan(source, start, end, flags, repetition)
  }

  protected put(value: number, repetition: number): number {
    return this.words.putDouble(value, repetition)
  }
}

class BooleanLeaf extends Leaf<boolean> {
  readonly #bits: BitChunk

  constructor(bits: BitChunk, convert: Convert) {
    super(bits, convert)
    this.#bits = bits
  }

  override appendSpan(source: Viewed, start: number, end: number, flags: number, repetition = 0): number | undefined {
    if ((flags & BOOLEAN) !== 0) return this.#bits.put(end - start === 'true'.length, repetition)
    return super.appendSpan(source, start, end, flags, repetition)
  }

  protected put(value: boolean, repetition: number): number {
    return this.#bits.put(value, repetition)
  }
}
