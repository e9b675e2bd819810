// The body of a page without JSON.parse: its fields as values, its records as spans. Whatever is unusual is undefined here,
// and JSON.parse has the last word; what is not undefined JSON.parse would take too.
import { isUtf8 } from 'node:buffer'
import { parseJson } from '../json.js'
import type { ArrayScanner } from '../scan/array-scanner.js'
import type { RecordSpans } from '../scan/record-spans.js'
import { CLOSE_BRACE, COMMA, OPEN_BRACE, OPEN_BRACKET, spaceEnd, Walk } from '../scan/walk.js'
import type { JsonValue } from '../types.js'

const known: ReadonlySet<string> = new Set([
  'searchRequestId',
  'message',
  'numberOfRecordsInResponse',
  'totalNumberOfRecords',
])

/** A body whose data is an array of records. */
export interface ScannedBody {
  /** The known fields beside `data`. */
  readonly fields: Record<string, JsonValue>
  readonly records: RecordSpans
}

export function scanBody(body: Buffer, scanner: ArrayScanner): ScannedBody | undefined {
  const scan = new BodyScan(body, scanner)
  const end = isUtf8(body) ? scan.objectEnd(spaceEnd(body, 0)) : -1
  const { fields, records } = scan
  return records && end >= 0 && spaceEnd(body, end) === body.length ? { fields, records } : undefined
}

class BodyScan {
  readonly fields: Record<string, JsonValue> = {}
  records: RecordSpans | undefined
  readonly #body: Buffer
  readonly #scanner: ArrayScanner
  readonly #walk = new Walk()

  constructor(body: Buffer, scanner: ArrayScanner) {
    this.#body = body
    this.#scanner = scanner
  }

  /** Where the object at `at` ends; -1 where it is none, or has no data or has it twice. */
  objectEnd(at: number): number {
    const body = this.#body
    if (body[at] !== OPEN_BRACE) return -1
    let end = at
    for (;;) {
      end = this.#fieldEnd(spaceEnd(body, end + 1))
      if (end < 0 || body[end] === CLOSE_BRACE) return end < 0 ? -1 : end + 1
      if (body[end] !== COMMA) return -1
    }
  }

  /** Where the field whose key is at `at` ends, and the white space behind it. */
  #fieldEnd(at: number): number {
    const body = this.#body
    const value = this.#walk.keyEnd(body, at)
    if (value < 0) return -1
    const key = JSON.parse(body.toString('utf8', at, this.#walk.textEnd(body, at))) as string
    const isData = key === 'data' && body[value] === OPEN_BRACKET
    const end = isData ? this.#dataEnd(value) : this.#valueEnd(key, value)
    return end < 0 ? -1 : spaceEnd(body, end)
  }

  #dataEnd(at: number): number {
    if (this.records) return -1
    this.records = this.#scanner.spansFor(this.#body)
    return this.#scanner.scan(at, this.records)
  }

  #valueEnd(key: string, at: number): number {
    const end = this.#walk.valueEnd(this.#body, at)
    if (key === 'data' || end < 0) return -1
    if (known.has(key)) this.fields[key] = parseJson(this.#body.subarray(at, end)) as JsonValue
    return end
  }
}
