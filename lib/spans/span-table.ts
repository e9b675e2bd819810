export class SpanTable {
  starts: Int32Array
  ends: Int32Array
  flags: Uint8Array
  length = 0

  constructor(capacity: number) {
    this.starts = new Int32Array(capacity)
    this.ends = new Int32Array(capacity)
    this.flags = new Uint8Array(capacity)
  }

  get arrays(): readonly (Int32Array | Uint8Array)[] {
    return [this.starts, this.ends, this.flags]
  }

  reserve(more: number): void {
    const capacity = this.length + more
    if (capacity > this.flags.length) this.grow(Math.max(capacity, this.flags.length * 2))
  }

  copy(): SpanTable {
    const copy = new SpanTable(0)
    copy.starts = this.starts.slice(0, this.length)
    copy.ends = this.ends.slice(0, this.length)
    copy.flags = this.flags.slice(0, this.length)
    copy.length = this.length
    return copy
  }

  protected grow(capacity: number): void {
    this.starts = copyInto(this.starts, new Int32Array(capacity))
    this.ends = copyInto(this.ends, new Int32Array(capacity))
    this.flags = copyInto(this.flags, new Uint8Array(capacity))
  }
}

/**
 * The spans of records. A record has the flags of all its values, and NON_CANONICAL if its layout is not canonical. A made row has the
 * span and the flags of its record.
 */
export class RecordTable extends SpanTable {
  layoutIds: Int32Array
  /** For each record, the index of its first value in the table of values. */
  valueOffsets: Int32Array

  constructor(capacity: number) {
    super(capacity)
    this.layoutIds = new Int32Array(capacity)
    this.valueOffsets = new Int32Array(capacity)
  }

  override get arrays(): readonly (Int32Array | Uint8Array)[] {
    return [...super.arrays, this.layoutIds, this.valueOffsets]
  }

  add({ layoutIds, valueOffsets, starts, ends, flags }: RecordTable, index: number): void {
    this.reserve(1)
    const to = this.length++
    this.layoutIds[to] = layoutIds[index]!
    this.valueOffsets[to] = valueOffsets[index]!
    this.starts[to] = starts[index]!
    this.ends[to] = ends[index]!
    this.flags[to] = flags[index]!
  }

  /** Returns the records from `from` up to, not including, `to`. Both tables share memory until one of them grows. */
  slice(from: number, to: number): RecordTable {
    const slice = new RecordTable(0)
    slice.layoutIds = this.layoutIds.subarray(from, to)
    slice.valueOffsets = this.valueOffsets.subarray(from, to)
    slice.starts = this.starts.subarray(from, to)
    slice.ends = this.ends.subarray(from, to)
    slice.flags = this.flags.subarray(from, to)
    slice.length = slice.flags.length
    return slice
  }

  protected override grow(capacity: number): void {
    super.grow(capacity)
    this.layoutIds = copyInto(this.layoutIds, new Int32Array(capacity))
    this.valueOffsets = copyInto(this.valueOffsets, new Int32Array(capacity))
  }
}

function copyInto<T extends Int32Array | Uint8Array>(source: T, target: T): T {
  target.set(source)
  return target
}
