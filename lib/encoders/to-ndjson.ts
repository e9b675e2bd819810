// toNdjson(): one JSON text a line, records verbatim. Source of the form: https://github.com/ndjson/ndjson-spec
import { ExportError } from '../errors.js'
import { stringifyJson } from '../json.js'
import { resolveOptions } from '../options.js'
import type { RecordSpans } from '../scan/record-spans.js'
import type { Row } from '../types.js'
import { Chunks } from './chunks.js'
import { Encoder, newStats, type EncoderStats, type RecordSink } from './encoder.js'
import type { Emit } from './format.js'

const LF = 10

/**
 * Encodes records as newline-delimited JSON, each as it came, integers beyond 2^53 with all their digits. There are
 * no options: records are never changed.
 *
 * @throws OptionError for any option. The stream fails with `ERR_ENCODE` for what JSON cannot hold.
 * @example await pipeline(exportStream({ … }), toNdjson(), createGzip(), createWriteStream('instances.ndjson.gz'))
 */
export function toNdjson(options: Record<string, never> = {}): Encoder {
  resolveOptions('toNdjson', options, {})
  const stats = newStats()
  return new Encoder('toNdjson', stats, (emit) => new Ndjson(emit, stats))
}

class Ndjson implements RecordSink {
  readonly #emit: Emit
  readonly #stats: EncoderStats
  readonly #out = new Chunks()

  constructor(emit: Emit, stats: EncoderStats) {
    this.#emit = emit
    this.#stats = stats
  }

  async take(records: readonly Row[]): Promise<void> {
    for (const record of records) {
      this.#out.add(`${this.#line(record)}\n`)
      this.#stats.rows++
      for (const chunk of this.#out.takeFull()) await this.#emit(chunk)
    }
  }

  /** The bytes of a record are its line, unless JSON.stringify would write it in another way. */
  async takeSpans(records: RecordSpans): Promise<void> {
    const out = this.#out
    for (let at = 0, to = 0; at < records.length; at = to) {
      to = endOfRun(records, at)
      if (to > at) await this.#putRun(records, at, to)
      else out.add(`${this.#line(records.record(to++))}\n`)
      this.#stats.rows += to - at
      for (const chunk of out.takeFull()) await this.#emit(chunk)
    }
  }

  async flush(): Promise<void> {
    for (const chunk of this.#out.takeAll()) await this.#emit(chunk)
  }

  end(): Promise<void> {
    return this.flush()
  }

  /** Many records leave in the memory of their page; a few are copied, since every chunk is a write. */
  async #putRun(records: RecordSpans, from: number, to: number): Promise<void> {
    const lines = linesOf(records, from, to)
    if (lines.length < WORTH_A_WRITE) this.#out.addBytes(lines)
    else {
      await this.flush()
      await this.#emit(lines)
    }
  }

  #line(record: Row): string {
    try {
      return stringifyJson(record)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new ExportError('ERR_ENCODE', `toNdjson: record ${this.#stats.rows + 1}: ${reason}`, { cause })
    }
  }
}

/** Bytes that are handed on at a time, if a record has not more. */
const RUN = 1024 * 1024
const WORTH_A_WRITE = 64 * 1024

/** Where those of the records from `at` on end whose bytes are their lines, and that have one byte between them. */
function endOfRun(records: RecordSpans, at: number): number {
  const { starts, ends, length } = records
  let to = at
  while (
    to < length &&
    !records.isLoose(to) &&
    (to === at || (starts[to] === ends[to - 1]! + 1 && ends[to]! - starts[at]! < RUN))
  )
    to++
  return to
}

/** Records as lines, in the memory of their page: what stands behind each, `,` or `]`, nobody looks at again. */
function linesOf({ bytes, starts, ends }: RecordSpans, from: number, to: number): Buffer {
  for (let at = from; at < to; at++) bytes[ends[at]!] = LF
  return bytes.subarray(starts[from], ends[to - 1]! + 1)
}
