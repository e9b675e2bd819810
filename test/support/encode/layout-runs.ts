// Builds records as spans from the JSON text of each value, without the scanner: JSON.parse and JSON.stringify decide the flags of a span.
import { MISSING_SLOT } from '../../../lib/spans/column-slots.js'
import { RecordSpans, type PlannedRun } from '../../../lib/spans/record-spans.js'
import { RecordLayout } from '../../../lib/spans/record-layout.js'
import { RecordTable, SpanTable } from '../../../lib/spans/span-table.js'
import { BOOLEAN, DIGITS, ESCAPED, NON_CANONICAL, NESTED, NULL, NUMBER, TEXT } from '../../../lib/spans/span.js'

/** The JSON text of a value; undefined where the record has no such key. */
export type JsonText = string | undefined

export function computeFlags(raw: string): number {
  const first = raw[0]!
  const isCanonical = JSON.stringify(JSON.parse(raw)) === raw
  if (first === '"') return TEXT | (raw.includes('\\') ? ESCAPED : 0) | (isCanonical ? 0 : NON_CANONICAL)
  if (first === 'n') return NULL
  if (first === 't' || first === 'f') return BOOLEAN
  if (first === '[' || first === '{') return NESTED | (isCanonical ? 0 : NON_CANONICAL)
  return NUMBER | (raw !== '-0' && /^-?(?:0|[1-9]\d{0,14})$/.test(raw) ? 0 : DIGITS)
}

/** One page of records with these keys, as runs of records with the same keys. */
export function createLayoutRuns(keys: readonly string[], records: readonly (readonly JsonText[])[]): PlannedRun[] {
  const spanEntries: number[][] = []
  const valueOffsets: number[] = []
  const [recordStarts, recordEnds]: number[][] = [[], []]
  const parts: string[] = []
  let length = 0
  // the length is counted here, because counting the length of the whole text for each value would be slow
  const write = (part: string) => {
    parts.push(part)
    length += Buffer.byteLength(part)
  }
  write('[')
  for (const [at, raws] of records.entries()) {
    recordStarts!.push(length)
    valueOffsets.push(spanEntries.length)
    write('{')
    let separator = ''
    for (const [column, raw] of raws.entries()) {
      if (raw === undefined) continue
      write(`${separator}${JSON.stringify(keys[column])} : `)
      separator = ', '
      const inside = raw.startsWith('"') ? 1 : 0
      const start = length
      write(raw)
      spanEntries.push([start + inside, length - inside, computeFlags(raw)])
    }
    write('}')
    recordEnds!.push(length)
    write(at < records.length - 1 ? ',\n' : ']')
  }
  const valueTable = new SpanTable(spanEntries.length)
  valueTable.starts.set(spanEntries.map(([start]) => start!))
  valueTable.ends.set(spanEntries.map(([, end]) => end!))
  valueTable.flags.set(spanEntries.map(([, , flags]) => flags!))
  valueTable.length = spanEntries.length
  const recordTable = new RecordTable(records.length)
  recordTable.layoutIds.set(records.map((_, at) => at))
  recordTable.valueOffsets.set(valueOffsets)
  recordTable.starts.set(recordStarts!)
  recordTable.ends.set(recordEnds!)
  recordTable.flags.fill(NON_CANONICAL)
  recordTable.length = records.length
  const spans = new RecordSpans(Buffer.from(parts.join('')), recordTable, valueTable)
  spans.layouts = records.map((raws) => {
    const columns = keys.filter((_, column) => raws[column] !== undefined)
    return new RecordLayout(columns, false, Object.fromEntries(columns.map((column, slot) => [column, slot])))
  })
  return splitRuns(spans, records)
}

function splitRuns(spans: RecordSpans, records: readonly (readonly JsonText[])[]): PlannedRun[] {
  const getLayoutKey = (raws: readonly JsonText[]) => raws.map((raw) => (raw === undefined ? '-' : '+')).join('')
  const runs: PlannedRun[] = []
  for (let from = 0, to = 0; from < records.length; from = to) {
    const layoutKey = getLayoutKey(records[from]!)
    while (to < records.length && getLayoutKey(records[to]!) === layoutKey) to++
    let slot = 0
    runs.push({
      spans,
      from,
      to,
      columnSlots: Int32Array.from(records[from]!, (raw) => (raw === undefined ? MISSING_SLOT : slot++)),
    })
  }
  return runs
}
