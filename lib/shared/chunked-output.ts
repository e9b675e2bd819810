// Bytes as they are made, in chunks. Text is encoded a line at a time: one name beyond Latin-1 would make a whole page of text
// twice as wide, and encoding it several times as slow.

/** So large that handing a chunk on costs little beside filling it. */
const CHUNK_BYTES = 256 * 1024
/** UTF-8 has at most this many bytes for a UTF-16 unit. */
export const MAX_BYTES_PER_UTF16_UNIT = 3

const NO_CHUNKS: readonly Buffer[] = []

/** Collects bytes. */
export class ChunkedOutput {
  /** The chunk at hand, and where its free room starts. */
  #chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  #end = 0
  #fullChunks: Buffer[] = []

  /** Adds text as UTF-8. */
  add(text: string): void {
    this.#reserve(text.length * MAX_BYTES_PER_UTF16_UNIT)
    this.#end += this.#chunk.write(text, this.#end)
  }

  /** Adds bytes. */
  addBytes(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#end += bytes.copy(this.#chunk, this.#end)
  }

  /** The chunks that are full. */
  takeFullChunks(): readonly Buffer[] {
    if (this.#fullChunks.length === 0) return NO_CHUNKS
    const fullChunks = this.#fullChunks
    this.#fullChunks = []
    return fullChunks
  }

  /** Everything so far; bytes to come use the room that is left. */
  takeAll(): readonly Buffer[] {
    const all = [...this.takeFullChunks(), this.#chunk.subarray(0, this.#end)]
    this.#chunk = this.#chunk.subarray(this.#end)
    this.#end = 0
    return all.filter(({ length }) => length > 0)
  }

  /** Makes room for so many bytes. */
  #reserve(length: number): void {
    if (this.#end + length <= this.#chunk.length) return
    if (this.#end > 0) this.#fullChunks.push(this.#chunk.subarray(0, this.#end))
    this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, length))
    this.#end = 0
  }
}
