// Checks an answer with status 200, and returns it as a page. Source: docs/server.md 4.1.
import { getDigits, keepDigits } from '../shared/json/digits.js'
import { BodyFailure, parseJsonBody } from '../http/failure.js'
import type { HttpResponse } from '../http/transport.js'
import { describeType } from '../shared/describe-value.js'
import { isJsonObject } from '../shared/json/json.js'
import { detectReportKind, isHyperMapGroup } from '../shared/reports/report-kinds.js'
import type { RecordBatch } from '../pages/record-batch.js'
import type { ArrayScanner } from '../fastpath/scan/array-scanner.js'
import { RecordSpans } from '../spans/record-spans.js'
import { NESTED } from '../spans/span.js'
import type { ExportRecord, JsonValue, ReportKind } from '../shared/types.js'
import { scanBody } from './page-body-scanner.js'

export interface WirePage {
  readonly records: RecordBatch
  /** Records of the whole report according to this answer. */
  readonly total: number
  /** The cursor of the next page; `undefined` if the report is not raw, or if nothing was ever imported (docs/server.md 4.2). */
  readonly cursor: string | undefined
  readonly message: string | undefined
  readonly kind: ReportKind
  /** Bytes of the decoded body. */
  readonly bytes: number
}

/**
 * Returns the page in an answer with status 200. Throws a {@link BodyFailure} if the answer is not a valid page.
 * @param scanner the records stay bytes if it can scan them; if it cannot, or without a scanner, they become objects
 */
export function readPage(response: HttpResponse, scanner?: ArrayScanner): WirePage {
  const contentType = response.headers.get('content-type') ?? ''
  if (contentType !== '' && !/\bjson\b/i.test(contentType))
    throw new BodyFailure(`expected JSON, got ${contentType.replace(/;.*/, '')}`, false)
  const { fields, records } = (scanner && scanRecords(response.body, scanner)) ?? parseBody(response.body)
  const cursor = getOptionalText(fields, 'searchRequestId') || undefined
  const announcedCount = fields['numberOfRecordsInResponse']
  const count = announcedCount === undefined ? records.length : getWholeNumber(fields, 'numberOfRecordsInResponse')
  const total = getWholeNumber(fields, 'totalNumberOfRecords')
  if (count !== records.length)
    throw new BodyFailure(`expected ${count} records as the answer announces, got ${records.length}`, true)
  const kind = detectPageKind(fields['data'], records, cursor !== undefined)
  return { records, total, cursor, message: getOptionalText(fields, 'message'), kind, bytes: response.body.length }
}

interface Body {
  readonly fields: Record<string, JsonValue>
  readonly records: RecordBatch
}

/** Returns the fields and the records as spans; undefined if the body is unusual or has no records. */
function scanRecords(body: Buffer, scanner: ArrayScanner): Body | undefined {
  const scanned = scanBody(body, scanner)
  return scanned && scanned.records.length > 0 ? scanned : undefined
}

function parseBody(body: Buffer): Body {
  const fields = parseJsonBody(body)
  if (!isJsonObject(fields)) throw createBodyFailure('the body', 'an object', fields)
  const records = extractRecords(fields['data'])
  if (!Array.isArray(fields['data']))
    for (const record of records) keepDigits(record, 'value', getDigits(fields, 'data'))
  return { fields, records }
}

function extractRecords(data: JsonValue | undefined): ExportRecord[] {
  if (data === undefined || data === null) return []
  if (typeof data === 'number' || typeof data === 'bigint') return [{ value: data }]
  if (!Array.isArray(data)) throw createBodyFailure('data', 'an array or a number', data)
  for (const [index, record] of data.entries())
    if (!isJsonObject(record)) throw createBodyFailure(`data[${index}]`, 'an object', record)
  return data as ExportRecord[]
}

function getWholeNumber(body: Record<string, JsonValue>, field: string): number {
  const value = body[field]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw createBodyFailure(field, 'a whole number', value)
}

function getOptionalText(body: Record<string, JsonValue>, field: string): string | undefined {
  const value = body[field]
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
  throw createBodyFailure(field, 'a string', value)
}

function createBodyFailure(where: string, expected: string, got: unknown): BodyFailure {
  return new BodyFailure(`${where}: expected ${expected}, got ${describeType(got)}`, false)
}

/** Returns the kind of the report. If the records are still bytes, it parses at most those with an array or object as `value`. */
function detectPageKind(data: JsonValue | undefined, records: RecordBatch, hasCursor: boolean): ReportKind {
  if (records.length === 0) return 'empty'
  if (records instanceof RecordSpans) {
    const layout = records.getLayout(0)
    return detectReportKind(
      (field) => layout.getSlot(field) >= 0,
      hasCursor,
      () => hasGroup(records),
    )
  }
  if (!Array.isArray(data)) return 'number'
  return detectReportKind(
    (field) => field in records[0]!,
    hasCursor,
    () => records.some(isHyperMapGroup),
  )
}

function hasGroup(records: RecordSpans): boolean {
  for (let index = 0; index < records.length; index++) {
    const slot = records.getLayout(index).getSlot('value')
    const isNested = slot >= 0 && (records.getSpan(index, slot).flags & NESTED) !== 0
    if (isNested && isHyperMapGroup(records.getRecord(index))) return true
  }
  return false
}
