// Values of one bit, lowest bit first.
import { ChunkBuilder } from './chunk-builder.js'
import type { Bounds } from './page.js'

/** The chunk of a leaf of booleans. */
export class BitChunk extends ChunkBuilder {
  #pending = 0
  #bits = 0
  #hasFalse = false
  #hasTrue = false

  put(value: boolean, repetition: number): number {
    this.level(this.levels.definition, repetition)
    if (value) this.#pending |= 1 << this.#bits
    if (value) this.#hasTrue = true
    else this.#hasFalse = true
    this.#bits++
    if (this.#bits === 8) this.completePlain()
    return 1
  }

  protected override completePlain(): void {
    if (this.#bits === 0) return
    this.plain.appendByte(this.#pending)
    this.#pending = this.#bits = 0
  }

  protected override takeBounds(): Bounds | undefined {
    const [hasFalse, hasTrue] = [this.#hasFalse, this.#hasTrue]
    this.#hasFalse = this.#hasTrue = false
    if (!hasFalse && !hasTrue) return undefined
    return { min: Uint8Array.of(hasFalse ? 0 : 1), max: Uint8Array.of(hasTrue ? 1 : 0) }
  }
}
