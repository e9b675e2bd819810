// Bytes as they are made, in chunks. Text is encoded a line at a time: one name beyond Latin-1 would make a whole page of text
// twice as wide, and encoding it several times as slow.

/** So large that handing a chunk on costs little beside filling it. */
const CHUNK = 256 * 1024
/** UTF-8 has at most this many bytes for a UTF-16 unit. */
export const WIDEST = 3

const NONE: readonly Buffer[] = []

/** Collects bytes. */
export class Chunks {
  /** The chunk at hand, and where its free room starts. */
  #bytes: Buffer = Buffer.allocUnsafe(CHUNK)
  #end = 0
  #full: Buffer[] = []

  /** Adds text as UTF-8. */
  add(text: string): void {
    this.#reserve(text.length * WIDEST)
    this.#end += this.#bytes.write(text, this.#end)
  }

  /** Adds bytes. */
  addBytes(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#end += bytes.copy(this.#bytes, this.#end)
  }

  /** The chunks that are full. */
  takeFull(): readonly Buffer[] {
    if (this.#full.length === 0) return NONE
    const full = this.#full
    this.#full = []
    return full
  }

  /** Everything so far; bytes to come use the room that is left. */
  takeAll(): readonly Buffer[] {
    const all = [...this.takeFull(), this.#bytes.subarray(0, this.#end)]
    this.#bytes = this.#bytes.subarray(this.#end)
    this.#end = 0
    return all.filter(({ length }) => length > 0)
  }

  /** Makes room for so many bytes. */
  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return
    if (this.#end > 0) this.#full.push(this.#bytes.subarray(0, this.#end))
    this.#bytes = Buffer.allocUnsafe(Math.max(CHUNK, length))
    this.#end = 0
  }
}
