// Scans the body of a page: fields become values, records become spans without JSON.parse. If the body is unusual, for example because it
// has two fields `data`, the result is `undefined`, and the caller parses the body. JSON.parse accepts every body that can be scanned.
import { isUtf8 } from 'node:buffer'
import { COMMA, OPEN_BRACKET, OPEN_BRACE, CLOSE_BRACE } from '../shared/ascii.js'
import { parseJson } from '../shared/json/json.js'
import type { ArrayScanner } from '../fastpath/scan/array-scanner.js'
import type { RecordSpans } from '../spans/record-spans.js'
import { skipSpace, JsonWalker } from '../shared/json/json-walker.js'
import type { JsonValue } from '../shared/types.js'

const knownFields: ReadonlySet<string> = new Set([
  'searchRequestId',
  'message',
  'numberOfRecordsInResponse',
  'totalNumberOfRecords',
])

/** A body whose data is an array of records. */
export interface ScannedBody {
  readonly fields: Record<string, JsonValue>
  readonly records: RecordSpans
}

export function scanBody(body: Buffer, scanner: ArrayScanner): ScannedBody | undefined {
  const bodyScanner = new BodyScanner(body, scanner)
  const end = isUtf8(body) ? bodyScanner.scanObject(skipSpace(body, 0)) : -1
  const { fields, records } = bodyScanner
  return records && end >= 0 && skipSpace(body, end) === body.length ? { fields, records } : undefined
}

class BodyScanner {
  readonly fields: Record<string, JsonValue> = {}
  records: RecordSpans | undefined
  readonly #body: Buffer
  readonly #scanner: ArrayScanner
  readonly #walker = new JsonWalker()

  constructor(body: Buffer, scanner: ArrayScanner) {
    this.#body = body
    this.#scanner = scanner
  }

  /** Returns the end of the object at `at`, or -1 if the body is unusual. */
  scanObject(at: number): number {
    const body = this.#body
    if (body[at] !== OPEN_BRACE) return -1
    let end = at
    for (;;) {
      end = this.#scanField(skipSpace(body, end + 1))
      if (end < 0 || body[end] === CLOSE_BRACE) return end < 0 ? -1 : end + 1
      if (body[end] !== COMMA) return -1
    }
  }

  /** Returns the end of the field whose key is at `at`, and of the white space after it. */
  #scanField(at: number): number {
    const body = this.#body
    const valueAt = this.#walker.skipKey(body, at)
    if (valueAt < 0) return -1
    const key = JSON.parse(body.toString('utf8', at, this.#walker.skipText(body, at))) as string
    const isData = key === 'data' && body[valueAt] === OPEN_BRACKET
    const end = isData ? this.#scanData(valueAt) : this.#scanValue(key, valueAt)
    return end < 0 ? -1 : skipSpace(body, end)
  }

  #scanData(at: number): number {
    if (this.records) return -1
    this.records = this.#scanner.createSpans(this.#body)
    return this.#scanner.scan(at, this.records)
  }

  #scanValue(key: string, at: number): number {
    const end = this.#walker.skipValue(this.#body, at)
    if (key === 'data' || end < 0) return -1
    if (knownFields.has(key)) this.fields[key] = parseJson(this.#body.subarray(at, end)) as JsonValue
    return end
  }
}
