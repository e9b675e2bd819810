// Spans of values, one after the other, in columns of numbers that grow.

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
    if (room <= this.flags.length) return
    const grown = new SpanTable(Math.max(room, this.flags.length * 2))
    grown.starts.set(this.starts)
    grown.ends.set(this.ends)
    grown.flags.set(this.flags)
    Object.assign(this, { starts: grown.starts, ends: grown.ends, flags: grown.flags })
  }
}
