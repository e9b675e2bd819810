// Writes records that are still bytes as lines of a JSON template.
import { JsonKernel } from '../../fastpath/json/json-kernel.js'
import type { JsonTemplate } from '../../fastpath/json/json-template.js'
import type { RecordSpans } from '../../spans/record-spans.js'
import { stringifyJson } from '../../shared/json/json.js'

const FLUSH_BYTES = 512 * 1024

export interface TemplateRun {
  readonly from: number
  readonly to: number
  readonly template: JsonTemplate
}

export class LineWriter {
  readonly #kernel: JsonKernel

  private constructor(kernel: JsonKernel) {
    this.#kernel = kernel
  }

  static open(): LineWriter | undefined {
    const kernel = JsonKernel.open()
    return kernel && new LineWriter(kernel)
  }

  *write(spans: RecordSpans, runs: readonly TemplateRun[]): Generator<Buffer> {
    const kernel = this.#kernel
    for (const { from: first, to, template } of runs) {
      kernel.setTemplate(template)
      for (let from = first; from < to;) {
        const end = kernel.loadBlock(spans, from, to)
        this.#writeBlock(spans, from, end, template)
        from = end
        if (kernel.length >= FLUSH_BYTES) yield kernel.takeLines()
      }
    }
    if (kernel.length > 0) yield kernel.takeLines()
  }

  /** The kernel stops at a value with the flag NON_CANONICAL. */
  #writeBlock(spans: RecordSpans, from: number, to: number, { slots }: JsonTemplate): void {
    const kernel = this.#kernel
    kernel.begin(from)
    while (!kernel.putLines(to)) {
      const { stoppedRecord, stoppedValue } = kernel
      kernel.putValue(stringifyJson(spans.getValue(stoppedRecord, slots[stoppedValue]!)))
    }
  }
}
