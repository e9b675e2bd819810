import { createHash } from 'node:crypto'

/** Counts and hashes the bytes of a file, for its receipt or for the manifest of its dataset. */
export class FileFacts {
  readonly #hash = createHash('sha256')
  #bytes = 0

  add(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.#bytes += bytes.length
  }

  /** Returns the facts. May be called once, when all bytes are added. */
  finish(): { readonly bytes: number; readonly sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}
