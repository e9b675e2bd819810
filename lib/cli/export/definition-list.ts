// The ids of the process or decision definitions in an export, for its receipt, so that two receipts can be compared. An encoder writes
// them as lines of JSON, because only encoders get whole pages: any other reader would need an object for each record.
import { Transform, type Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import { toNdjson } from '../../index.js'
import { definitionFields, MAX_DEFINITIONS } from '../../shared/reports/definitions.js'

export class DefinitionList {
  readonly #lines = new Set<string>()
  readonly #encoder = toNdjson({ pick: definitionFields })
  #collected: Promise<void> | undefined

  get streams(): readonly Writable[] {
    return [this.#encoder]
  }

  /** Returns the ids, sorted, or undefined if they are too many to compare, or if the report has none. */
  get ids(): readonly string[] | undefined {
    const values = [...this.#lines].flatMap((line) => Object.values(JSON.parse(line) as object) as unknown[])
    const ids = values.filter((value) => typeof value === 'string' && value !== '') as string[]
    return ids.length === 0 || this.#lines.size > MAX_DEFINITIONS ? undefined : [...new Set(ids)].sort()
  }

  /** Reads all records of the source. Never rejects. If the report has none of the columns, the encoder fails and the list is empty. */
  collect(source: Readable): Promise<void> {
    const encoder = this.#encoder
    encoder.on('data', this.#createCollector())
    source.pipe(encoder)
    source.once('close', () => {
      if (!source.readableEnded) encoder.destroy()
    })
    this.#collected = finished(encoder).catch(() => this.#lines.clear())
    return this.#collected
  }

  /** Returns a stream that passes bytes on, but ends only when all records are read, so that a receipt has all definitions. */
  createEndDelay(): Transform {
    return new Transform({
      transform: (chunk, _, done) => done(null, chunk),
      flush: (done) => void this.#collected!.then(() => done()),
    })
  }

  #createCollector(): (chunk: Buffer) => void {
    const decoder = new StringDecoder()
    let rest = ''
    return (chunk) => {
      const lines = `${rest}${decoder.write(chunk)}`.split('\n')
      rest = lines.pop()!
      for (const line of lines) if (this.#lines.size <= MAX_DEFINITIONS) this.#lines.add(line)
    }
  }
}
