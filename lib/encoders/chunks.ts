// Bytes as they are made, in chunks. Text is encoded a line at a time: one name beyond Latin-1 would make a whole page of text
// twice as wide, and encoding it several times as slow.

/** So large that handing a chunk on costs little beside filling it. */
const CHUNK = 256 * 1024
/** UTF-8 has at most this many bytes for a UTF-16 unit. */
export const WIDEST = 3

const NONE: readonly Buffer[] = []

/** Collects bytes; who has reserved room writes to {@link bytes} from {@link end} on. */
export class Chunks {
  /** Where the free room of the chunk at hand starts. */
  end = 0
  #bytes: Buffer = Buffer.allocUnsafe(CHUNK)
  #full: Buffer[] = []

  /** The chunk at hand. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Makes room for so many bytes. */
  reserve(length: number): void {
    if (this.end + length <= this.bytes.length) return
    if (this.end > 0) this.#full.push(this.bytes.subarray(0, this.end))
    this.#bytes = Buffer.allocUnsafe(Math.max(CHUNK, length))
    this.end = 0
  }

  /** Adds text as UTF-8. */
  add(text: string): void {
    this.reserve(text.length * WIDEST)
    this.end += this.bytes.write(text, this.end)
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
    const all = [...this.takeFull(), this.bytes.subarray(0, this.end)]
    this.#bytes = this.#bytes.subarray(this.end)
    this.end = 0
    return all.filter(({ length }) => length > 0)
  }
}
