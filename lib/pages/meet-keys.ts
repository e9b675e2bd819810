// The key of each record, in the seen-set. A key is the id of the record, which may be any JSON value. A record without an id
// (the field is missing or null) is compared by its whole content instead, which holds within one search only.
import { stringifyJson } from '../json.js'
import type { Batch } from '../scan/batch.js'
import { RecordSpans } from '../scan/record-spans.js'
import { ESCAPED, TEXT } from '../scan/span.js'
import { SpanTable } from '../scan/span-table.js'
import { viewOf } from '../scan/view.js'
import type { ExportRecord, JsonValue } from '../types.js'
import type { Meeting, SeenSet } from './seen-set.js'

export interface MetKeys {
  /** How the key of each record was met. */
  readonly meetings: readonly Meeting[]
  /** A record had no id, so no later search could recognize it. */
  readonly keyless: boolean
}

/** Puts the keys of the records into the set. */
export function meetKeys(records: Batch, field: string, seen: SeenSet): MetKeys {
  if (!(records instanceof RecordSpans))
    return meetValues(
      records.map((record) => record[field]),
      (at) => records[at]!,
      seen,
    )
  const keys = plainKeys(records, field)
  if (keys) return { meetings: seen.meetAll(viewOf(records.bytes), keys), keyless: false }
  return meetValues(idsOf(records, field), (at) => records.record(at), seen)
}

/** The spans of the keys of the records; undefined unless all are texts without escapes. */
function plainKeys(records: RecordSpans, field: string): SpanTable | undefined {
  const { firsts, table, length } = records
  const keys = new SpanTable(length)
  for (let at = 0; at < length; at++) {
    const slot = records.shapeOf(at).slotOf(field)
    const span = firsts[at]! + slot
    if (slot < 0 || (table.flags[span]! & (TEXT | ESCAPED)) !== TEXT) return undefined
    keys.starts[at] = table.starts[span]!
    keys.ends[at] = table.ends[span]!
  }
  keys.length = length
  return keys
}

function idsOf(records: RecordSpans, field: string): (JsonValue | undefined)[] {
  return Array.from({ length: records.length }, (_, at) => {
    const slot = records.shapeOf(at).slotOf(field)
    return slot < 0 ? undefined : records.value(at, slot)
  })
}

function meetValues(
  ids: readonly (JsonValue | undefined)[],
  recordAt: (at: number) => ExportRecord,
  seen: SeenSet,
): MetKeys {
  const meetings = ids.map((id, at) =>
    seen.meet(isMissing(id) ? `${NOT_TEXT}record ${stringifyJson(recordAt(at))}` : keyText(id)),
  )
  return { meetings, keyless: ids.some(isMissing) }
}

const isMissing = (id: JsonValue | undefined): id is null | undefined => id === undefined || id === null

/** Begins the key of everything but a plain text, so that the id 1 is not the id "1". */
const NOT_TEXT = '\0'

function keyText(id: JsonValue): string {
  return typeof id === 'string' && !id.startsWith(NOT_TEXT) ? id : `${NOT_TEXT}${stringifyJson(id)}`
}
