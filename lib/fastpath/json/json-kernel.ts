// The JavaScript side of the kernel that writes lines of JSON.
import { BlockKernel, type BlockExports } from '../common/block-kernel.js'
import { MAX_BYTES_PER_UTF16_UNIT } from '../../shared/bytes/chunked-output.js'
import { instantiate } from '../common/webassembly.js'
import type { JsonTemplate } from './json-template.js'
import { wasm } from './kernel-bytes.js'
import {
  LINES_ADDRESS_OFFSET,
  LINES_BYTES_OFFSET,
  NO_SLOT,
  PIECE_WORDS,
  RESULT,
  STOPPED_PIECE_OFFSET,
  STOPPED_RECORD_OFFSET,
} from './kernel/json-kernel-memory.js'

interface JsonExports extends BlockExports {
  readonly reservePieces: (count: number) => number
  readonly reserveLiterals: (bytes: number) => number
  readonly begin: (record: number) => void
  readonly clear: () => void
  readonly putLines: (to: number) => number
  readonly reserveValue: (maxBytes: number) => number
  readonly endValue: (bytes: number) => void
}

export class JsonKernel extends BlockKernel<JsonExports> {
  #template: JsonTemplate | undefined

  static open(): JsonKernel | undefined {
    const exports = instantiate(wasm) as JsonExports | undefined
    return exports && new JsonKernel(exports)
  }

  get stoppedRecord(): number {
    return this.firstRecord + this.words[(RESULT + STOPPED_RECORD_OFFSET) >> 2]!
  }

  /** The index, in the slots of the template, of the value at which {@link putLines} stopped. */
  get stoppedValue(): number {
    return this.words[(RESULT + STOPPED_PIECE_OFFSET) >> 2]!
  }

  get length(): number {
    return this.words[(RESULT + LINES_BYTES_OFFSET) >> 2]!
  }

  takeLines(): Buffer {
    const at = this.words[(RESULT + LINES_ADDRESS_OFFSET) >> 2]!
    const lines = Buffer.from(this.bytes.subarray(at, at + this.length))
    this.exports.clear()
    return lines
  }

  setTemplate(template: JsonTemplate): void {
    if (template === this.#template) return
    this.#template = template
    const { slots, literals } = template
    const literalsAt = this.exports.reserveLiterals(literals.reduce((sum, { length }) => sum + length, 0))
    const piecesAt = this.exports.reservePieces(literals.length)
    const { words, bytes } = this
    let start = 0
    for (const [piece, literal] of literals.entries()) {
      words.set([slots[piece] ?? NO_SLOT, start, literal.length], (piecesAt >> 2) + piece * PIECE_WORDS)
      literal.copy(bytes, literalsAt + start)
      start += literal.length
    }
  }

  /** Sets the record of the block at which {@link putLines} starts. */
  begin(record: number): void {
    this.exports.begin(record - this.firstRecord)
  }

  /** Continues with the lines of the records before `to`. Returns false if it stopped at a value that the caller must read. */
  putLines(to: number): boolean {
    return this.exports.putLines(to - this.firstRecord) !== 0
  }

  /** Appends the JSON text of the value at which {@link putLines} stopped. */
  putValue(text: string): void {
    const at = this.exports.reserveValue(text.length * MAX_BYTES_PER_UTF16_UNIT)
    this.exports.endValue(this.bytes.write(text, at))
  }
}
