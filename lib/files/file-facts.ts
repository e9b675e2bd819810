// The facts about the bytes of a file, which are in its receipt or in the manifest of its dataset.
import { createHash } from 'node:crypto'
import type { ReceiptContent } from './receipt.js'

export interface FileFacts {
  readonly bytes: number
  readonly sha256: string
}

/** Counts and hashes the bytes of a file. */
export class FileFactsCounter {
  readonly #hash = createHash('sha256')
  #bytes = 0

  add(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.#bytes += bytes.length
  }

  /** Returns the facts. May be called once, when all bytes are added. */
  finish(): FileFacts {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}

/** Returns the facts that a receipt has; undefined if the receipt is missing, or is not that of a file. */
export const pickFileFacts = ({ bytes, sha256 }: ReceiptContent = {}): FileFacts | undefined =>
  typeof bytes === 'number' && typeof sha256 === 'string' ? { bytes, sha256 } : undefined
