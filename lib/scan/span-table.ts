// Spans one after the other, in columns of numbers that grow.

/** Where values start and end, and their flags (`span.ts`). */
export class SpanTable {
  starts: Int32Array
  ends: Int32Array
  flags: Uint8Array
  /** Spans so far. */
  length = 0

  /** @param room for so many spans before the table grows */
  constructor(room: number) {
    this.starts = new Int32Array(room)
    this.ends = new Int32Array(room)
    this.flags = new Uint8Array(room)
  }

  /** Makes room for so many more. */
  reserve(more: number): void {
    const room = this.length + more
    if (room > this.flags.length) this.grow(Math.max(room, this.flags.length * 2))
  }

  protected grow(room: number): void {
    this.starts = larger(this.starts, new Int32Array(room))
    this.ends = larger(this.ends, new Int32Array(room))
    this.flags = larger(this.flags, new Uint8Array(room))
  }
}

/** Records are spans as well: their flags are those of all their values. */
export class RecordTable extends SpanTable {
  /** The number of each one's shape. */
  shapes: Int32Array
  /** The first of each one's values in a table of values. */
  firsts: Int32Array

  constructor(room: number) {
    super(room)
    this.shapes = new Int32Array(room)
    this.firsts = new Int32Array(room)
  }

  /** Adds a record of another table. */
  add({ shapes, firsts, starts, ends, flags }: RecordTable, at: number): void {
    this.reserve(1)
    const to = this.length++
    this.shapes[to] = shapes[at]!
    this.firsts[to] = firsts[at]!
    this.starts[to] = starts[at]!
    this.ends[to] = ends[at]!
    this.flags[to] = flags[at]!
  }

  /** Those from `from` up to, not including, `to`, in the same memory until one of the tables grows. */
  slice(from: number, to: number): RecordTable {
    const slice = new RecordTable(0)
    slice.shapes = this.shapes.subarray(from, to)
    slice.firsts = this.firsts.subarray(from, to)
    slice.starts = this.starts.subarray(from, to)
    slice.ends = this.ends.subarray(from, to)
    slice.flags = this.flags.subarray(from, to)
    slice.length = slice.flags.length
    return slice
  }

  protected override grow(room: number): void {
    super.grow(room)
    this.shapes = larger(this.shapes, new Int32Array(room))
    this.firsts = larger(this.firsts, new Int32Array(room))
  }
}

function larger<T extends Int32Array | Uint8Array>(column: T, empty: T): T {
  empty.set(column)
  return empty
}
