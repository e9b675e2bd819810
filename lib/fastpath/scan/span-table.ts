// Spans one after the other, in columns of numbers that grow.

/** Where values start and end, and their flags (`span.ts`). */
export class SpanTable {
  starts: Int32Array
  ends: Int32Array
  flags: Uint8Array
  /** Spans so far. */
  length = 0

  /** @param capacity for so many spans before the table grows */
  constructor(capacity: number) {
    this.starts = new Int32Array(capacity)
    this.ends = new Int32Array(capacity)
    this.flags = new Uint8Array(capacity)
  }

  /** Makes room for so many more. */
  reserve(more: number): void {
    const capacity = this.length + more
    if (capacity > this.flags.length) this.grow(Math.max(capacity, this.flags.length * 2))
  }

  protected grow(capacity: number): void {
    this.starts = copyInto(this.starts, new Int32Array(capacity))
    this.ends = copyInto(this.ends, new Int32Array(capacity))
    this.flags = copyInto(this.flags, new Uint8Array(capacity))
  }
}

/** Records are spans as well: their flags are those of all their values. */
export class RecordTable extends SpanTable {
  /** The number of each one's shape. */
  layoutIds: Int32Array
  /** The first of each one's values in a table of values. */
  valueIndex: Int32Array

  constructor(capacity: number) {
    super(capacity)
    this.layoutIds = new Int32Array(capacity)
    this.valueIndex = new Int32Array(capacity)
  }

  /** Adds a record of another table. */
  add({ layoutIds, valueIndex, starts, ends, flags }: RecordTable, index: number): void {
    this.reserve(1)
    const to = this.length++
    this.layoutIds[to] = layoutIds[index]!
    this.valueIndex[to] = valueIndex[index]!
    this.starts[to] = starts[index]!
    this.ends[to] = ends[index]!
    this.flags[to] = flags[index]!
  }

  /** Those from `from` up to, not including, `to`, in the same memory until one of the tables grows. */
  slice(from: number, to: number): RecordTable {
    const slice = new RecordTable(0)
    slice.layoutIds = this.layoutIds.subarray(from, to)
    slice.valueIndex = this.valueIndex.subarray(from, to)
    slice.starts = this.starts.subarray(from, to)
    slice.ends = this.ends.subarray(from, to)
    slice.flags = this.flags.subarray(from, to)
    slice.length = slice.flags.length
    return slice
  }

  protected override grow(capacity: number): void {
    super.grow(capacity)
    this.layoutIds = copyInto(this.layoutIds, new Int32Array(capacity))
    this.valueIndex = copyInto(this.valueIndex, new Int32Array(capacity))
  }
}

function copyInto<T extends Int32Array | Uint8Array>(column: T, target: T): T {
  target.set(column)
  return target
}
