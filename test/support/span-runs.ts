// Records as spans, from the JSON text of each of their values. No scanner takes part: what a span's flags promise is worked
// out with JSON.parse and JSON.stringify.
import { RecordSpans, type SpanRun } from '../../lib/scan/record-spans.js'
import { Shape } from '../../lib/scan/shape.js'
import { RecordTable, SpanTable } from '../../lib/scan/span-table.js'
import { BOOLEAN, DIGITS, ESCAPED, LOOSE, NESTED, NULL, NUMBER, TEXT } from '../../lib/scan/span.js'

/** The JSON text of a value; undefined where the record has no such key. */
export type Raw = string | undefined

/** A span of such text. */
export function flagsOf(raw: string): number {
  const first = raw[0]!
  const isAlike = JSON.stringify(JSON.parse(raw)) === raw
  if (first === '"') return TEXT | (raw.includes('\\') ? ESCAPED : 0) | (isAlike ? 0 : LOOSE)
  if (first === 'n') return NULL
  if (first === 't' || first === 'f') return BOOLEAN
  if (first === '[' || first === '{') return NESTED | (isAlike ? 0 : LOOSE)
  return NUMBER | (raw !== '-0' && /^-?(?:0|[1-9]\d{0,14})$/.test(raw) ? 0 : DIGITS)
}

/** One page of records with these keys, as runs of records that have the same of them. */
export function spanRuns(keys: readonly string[], records: readonly (readonly Raw[])[]): SpanRun[] {
  const places: number[][] = []
  const firsts: number[] = []
  const [recordStarts, recordEnds]: number[][] = [[], []]
  const parts: string[] = []
  let length = 0
  // the length of all of it would be counted anew for each value
  const write = (part: string) => {
    parts.push(part)
    length += Buffer.byteLength(part)
  }
  write('[')
  for (const [at, raws] of records.entries()) {
    recordStarts!.push(length)
    firsts.push(places.length)
    write('{')
    let separator = ''
    for (const [column, raw] of raws.entries()) {
      if (raw === undefined) continue
      write(`${separator}${JSON.stringify(keys[column])} : `)
      separator = ', '
      const inside = raw.startsWith('"') ? 1 : 0
      const start = length
      write(raw)
      places.push([start + inside, length - inside, flagsOf(raw)])
    }
    write('}')
    recordEnds!.push(length)
    write(at < records.length - 1 ? ',\n' : ']')
  }
  const table = new SpanTable(places.length)
  table.starts.set(places.map(([start]) => start!))
  table.ends.set(places.map(([, end]) => end!))
  table.flags.set(places.map(([, , flags]) => flags!))
  table.length = places.length
  const rows = new RecordTable(records.length)
  rows.shapes.set(records.map((_, at) => at))
  rows.firsts.set(firsts)
  rows.starts.set(recordStarts!)
  rows.ends.set(recordEnds!)
  rows.flags.fill(LOOSE)
  rows.length = records.length
  const spans = new RecordSpans(Buffer.from(parts.join('')), rows, table)
  spans.shapes = records.map(
    (raws) =>
      new Shape(
        keys.filter((_, column) => raws[column] !== undefined),
        false,
      ),
  )
  return runsOf(spans, records)
}

function runsOf(spans: RecordSpans, records: readonly (readonly Raw[])[]): SpanRun[] {
  const shapeOf = (raws: readonly Raw[]) => raws.map((raw) => (raw === undefined ? '-' : '+')).join('')
  const runs: SpanRun[] = []
  for (let from = 0, to = 0; from < records.length; from = to) {
    const shape = shapeOf(records[from]!)
    while (to < records.length && shapeOf(records[to]!) === shape) to++
    let slot = 0
    runs.push({ spans, from, to, order: Int32Array.from(records[from]!, (raw) => (raw === undefined ? -1 : slot++)) })
  }
  return runs
}
