// Passes records to the writer of XES or OCEL, looks for the columns of the option `fields`, and warns at the end.
import { ChunkedOutput } from '../../shared/bytes/chunked-output.js'
import type { RecordOrRow } from '../../shared/types.js'
import {
  createMiningCounts,
  createMiningEvents,
  createMiningWarnings,
  type MiningEvent,
} from '../../schema/rows/mining-events.js'
import { NameCheck } from '../../encode/name-check.js'
import { createStats, type Encoder, type EncoderStats } from '../../encode/encoder.js'
import { EncoderStream } from '../../encode/encoder-stream.js'
import type { RecordEncoder, EncoderContext } from '../../encode/record-encoder.js'
import type { Emit } from '../../encode/format.js'
import { getCaseId, type MiningFilePlan } from './mining-file-options.js'

/** Writes XES or OCEL. `begin`, `writeCase` and `end` return text of the file. */
export interface MiningFileWriter {
  begin(): string
  writeCase(id: string, record: RecordOrRow, events: readonly MiningEvent[]): string
  end(): string | AsyncIterable<string>
  dispose?(): Promise<void>
  /** Called after each batch of records; may write to a disk. */
  flush?(): Promise<void>
}

export function createMiningFileEncoder(plan: MiningFilePlan, createWriter: () => MiningFileWriter): Encoder {
  const stats = { ...createStats(), eventCount: 0 }
  return new EncoderStream(
    plan.where,
    stats,
    (emit, context) => new MiningFileEncoder(plan, createWriter(), stats, emit, context),
  )
}

type LogStats = EncoderStats & { eventCount: number }

class MiningFileEncoder implements RecordEncoder {
  readonly #plan: MiningFilePlan
  readonly #writer: MiningFileWriter
  readonly #stats: LogStats
  readonly #emit: Emit
  readonly #context: EncoderContext
  readonly #nameCheck: NameCheck
  readonly #output = new ChunkedOutput()
  readonly #counts = createMiningCounts()

  constructor(plan: MiningFilePlan, writer: MiningFileWriter, stats: LogStats, emit: Emit, context: EncoderContext) {
    this.#plan = plan
    this.#writer = writer
    this.#stats = stats
    this.#emit = emit
    this.#context = context
    const { where, strict, fields } = plan
    const namesInOptions = [{ option: 'fields', names: fields.map(({ id }) => id) }]
    this.#nameCheck = new NameCheck({ where, strict, namesInOptions }, stats, context.warn)
    this.#output.add(writer.begin())
  }

  async writeRecords(records: readonly RecordOrRow[]): Promise<void> {
    for (const record of records) {
      this.#nameCheck.matchRecord(record)
      const id = getCaseId(this.#plan.where, record, ++this.#stats.rows)
      const events = createMiningEvents(record, this.#plan.mining, this.#counts)
      this.#stats.eventCount += events.length
      this.#output.add(this.#writer.writeCase(id, record, events))
      for (const chunk of this.#output.takeFullChunks()) await this.#emit(chunk)
    }
    await this.#writer.flush?.()
  }

  async flush(): Promise<void> {
    for (const chunk of this.#output.takeAll()) await this.#emit(chunk)
  }

  async end(): Promise<void> {
    this.#nameCheck.finish(false)
    const rest = this.#writer.end()
    if (typeof rest === 'string') this.#output.add(rest)
    else
      for await (const text of rest) {
        this.#output.add(text)
        for (const chunk of this.#output.takeFullChunks()) await this.#emit(chunk)
      }
    await this.flush()
    for (const warning of createMiningWarnings(this.#plan.where, this.#plan.mining, this.#counts))
      this.#context.warn(warning)
  }

  async dispose(): Promise<void> {
    await this.#writer.dispose?.()
  }
}
