// Adds the key of each record to the key deduplicator. The key is the id of the record, which may be any JSON value. If the id is
// missing or null, the key is the whole content of the record; this key is valid within one search only.
import { stringifyJson } from '../shared/json/json.js'
import type { RecordBatch } from '../pages/record-batch.js'
import { RecordSpans } from '../spans/record-spans.js'
import { ESCAPED, TEXT } from '../spans/span.js'
import { SpanTable } from '../spans/span-table.js'
import { toDataView } from '../shared/bytes/data-view.js'
import type { ExportRecord, JsonValue } from '../shared/types.js'
import type { KeyStatus, KeyDeduplicator } from './key-deduplicator.js'

export interface AddedKeys {
  readonly statuses: readonly KeyStatus[]
  /** True if a record had no id, so that a later search cannot recognize it. */
  readonly hasMissingIds: boolean
}

export function addKeys(records: RecordBatch, field: string, deduplicator: KeyDeduplicator): AddedKeys {
  if (!(records instanceof RecordSpans))
    return addIds(
      records.map((record) => record[field]),
      (index) => records[index]!,
      deduplicator,
    )
  const keys = findPlainKeys(records, field)
  if (keys) return { statuses: deduplicator.addAll(toDataView(records.bytes), keys), hasMissingIds: false }
  return addIds(readIds(records, field), (index) => records.getRecord(index), deduplicator)
}

/** Returns the spans of the keys, or `undefined` if a key is not a text without escapes. */
function findPlainKeys(records: RecordSpans, field: string): SpanTable | undefined {
  const { valueOffsets, valueTable, length } = records
  const keys = new SpanTable(length)
  for (let index = 0; index < length; index++) {
    const slot = records.getLayout(index).getSlot(field)
    const span = valueOffsets[index]! + slot
    if (slot < 0 || (valueTable.flags[span]! & (TEXT | ESCAPED)) !== TEXT) return undefined
    keys.starts[index] = valueTable.starts[span]!
    keys.ends[index] = valueTable.ends[span]!
  }
  keys.length = length
  return keys
}

function readIds(records: RecordSpans, field: string): (JsonValue | undefined)[] {
  return Array.from({ length: records.length }, (_, index) => {
    const slot = records.getLayout(index).getSlot(field)
    return slot < 0 ? undefined : records.getValue(index, slot)
  })
}

function addIds(
  ids: readonly (JsonValue | undefined)[],
  getRecord: (index: number) => ExportRecord,
  deduplicator: KeyDeduplicator,
): AddedKeys {
  const statuses = ids.map((id, index) =>
    deduplicator.add(isNullish(id) ? `${NOT_TEXT_PREFIX}record ${stringifyJson(getRecord(index))}` : toKeyText(id)),
  )
  return { statuses, hasMissingIds: ids.some(isNullish) }
}

const isNullish = (id: JsonValue | undefined): id is null | undefined => id === undefined || id === null

/** The first character of each key that is not the text of an id, so that the id 1 differs from the id "1". */
const NOT_TEXT_PREFIX = '\0'

function toKeyText(id: JsonValue): string {
  return typeof id === 'string' && !id.startsWith(NOT_TEXT_PREFIX) ? id : `${NOT_TEXT_PREFIX}${stringifyJson(id)}`
}
