// The ids of the definitions in an export, so that two receipts can be compared. They are read from CSV, because encoders get whole pages,
// without an object for each record.
import { Transform, type Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import { toCsv } from '../../index.js'
import { definitionFields, MAX_DEFINITIONS } from '../../shared/reports/definitions.js'

export class DefinitionList {
  readonly #lines = new Set<string>()
  readonly #encoder = toCsv({ columns: definitionFields, header: false, lineBreaks: 'space' })
  #collected: Promise<void> | undefined

  get streams(): readonly Writable[] {
    return [this.#encoder]
  }

  /** Returns the ids, sorted, or undefined if they are too many to compare, or if the report has none. */
  get ids(): readonly string[] | undefined {
    const ids = [...this.#lines].map(getFilledCell).filter((id) => id !== '')
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

  /** Returns a stream that passes bytes on, and ends when all records are read, so that a receipt has all definitions. */
  createGate(): Transform {
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

/** Returns the filled cell of a line; a record has either a process or a decision definition. */
function getFilledCell(line: string): string {
  const cell = line.replace(/^,|,$/g, '')
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell
}
