// The JavaScript side of the kernel that writes lines of JSON.
import { OutputKernel, type OutputExports } from '../common/output-kernel.js'
import { stringifyJson } from '../../shared/json/json.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import { instantiate } from '../common/webassembly.js'
import type { JsonTemplate } from './json-template.js'
import { wasm } from './kernel-bytes.js'
import { NO_SLOT, PIECE_WORDS } from './kernel/json-kernel-memory.js'

interface JsonExports extends OutputExports {
  readonly reservePieces: (count: number) => number
  readonly reserveLiterals: (bytes: number) => number
}

export interface TemplateRun {
  readonly from: number
  readonly to: number
  readonly template: JsonTemplate
}

export class JsonKernel extends OutputKernel<JsonExports> {
  #template: JsonTemplate | undefined

  static open(): JsonKernel | undefined {
    const exports = instantiate(wasm) as JsonExports | undefined
    return exports && new JsonKernel(exports)
  }

  /** Yields the lines of all runs. A value with the flag NON_CANONICAL is parsed and written again, all others are copied as bytes. */
  *writeLines(spans: RecordSpans, runs: readonly TemplateRun[]): Generator<Buffer> {
    for (const { from, to, template } of runs) {
      this.#setTemplate(template)
      const { slots } = template
      yield* this.putRecords(spans, from, to, (record, value) => stringifyJson(spans.getValue(record, slots[value]!)))
    }
    yield* this.takeAll()
  }

  #setTemplate(template: JsonTemplate): void {
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
}
