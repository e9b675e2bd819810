// Collects output bytes in chunks. Callers add text line by line, because a single character outside Latin-1 makes V8 store and encode a
// whole string more slowly.

/** Large, so that passing a chunk on costs little compared with filling it. */
const CHUNK_BYTES = 256 * 1024
/** The largest number of bytes that a UTF-16 unit has in UTF-8. */
export const MAX_BYTES_PER_UTF16_UNIT = 3

const NO_CHUNKS: readonly Buffer[] = []

export class ChunkedOutput {
  /** The current chunk; its free space starts at `#end`. */
  #chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  #end = 0
  #fullChunks: Buffer[] = []

  add(text: string): void {
    this.#reserve(text.length * MAX_BYTES_PER_UTF16_UNIT)
    this.#end += this.#chunk.write(text, this.#end)
  }

  addBytes(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#end += bytes.copy(this.#chunk, this.#end)
  }

  takeFullChunks(): readonly Buffer[] {
    if (this.#fullChunks.length === 0) return NO_CHUNKS
    const fullChunks = this.#fullChunks
    this.#fullChunks = []
    return fullChunks
  }

  /** Returns and removes all bytes so far. Later bytes use the free space of the current chunk. */
  takeAll(): readonly Buffer[] {
    const all = [...this.takeFullChunks(), this.#chunk.subarray(0, this.#end)]
    this.#chunk = this.#chunk.subarray(this.#end)
    this.#end = 0
    return all.filter(({ length }) => length > 0)
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#chunk.length) return
    if (this.#end > 0) this.#fullChunks.push(this.#chunk.subarray(0, this.#end))
    this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, length))
    this.#end = 0
  }
}
