// Cells that are objects made of values of a record: a nested field as one column, or the late columns of a record.
import { keepDigits } from '../shared/json/digits.js'
import { stringifyJson } from '../shared/json/json.js'
import type { Cell, JsonValue, RecordOrRow } from '../shared/types.js'
import type { RecordSpans } from './record-spans.js'
import { NON_CANONICAL, NULL, TEXT } from './span.js'

export interface ObjectCell {
  /** The keys of the object with the slots of its values. */
  readonly slotRecord: RecordOrRow
  /** True if null values are left out of the object, and an object without any value becomes a null cell. */
  readonly isSparse: boolean
}

export function readObjectCell(spans: RecordSpans, record: number, { slotRecord, isSparse }: ObjectCell): Cell {
  const entries = Object.entries(slotRecord).map(
    ([key, slot]) =>
      [
        key,
        typeof slot === 'number'
          ? spans.getValue(record, slot)
          : readObjectCell(spans, record, { slotRecord: slot as RecordOrRow, isSparse: false }),
      ] as const,
  )
  const kept = isSparse ? entries.filter(([, value]) => value !== null) : entries
  if (isSparse && kept.length === 0) return null
  const object = Object.fromEntries(kept) as Record<string, JsonValue>
  for (const [key, slot] of Object.entries(slotRecord))
    if (typeof slot === 'number' && Object.hasOwn(object, key)) keepDigits(object, key, spans.getDigits(record, slot))
  return object
}

export function formatObjectCell(
  spans: RecordSpans,
  record: number,
  { slotRecord, isSparse }: ObjectCell,
): string | null {
  let text = ''
  for (const [key, slot] of Object.entries(slotRecord)) {
    const value =
      typeof slot === 'number'
        ? formatSlot(spans, record, slot, isSparse)
        : formatObjectCell(spans, record, { slotRecord: slot as RecordOrRow, isSparse: false })
    if (value !== null) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${value}`
  }
  return isSparse && text === '' ? null : `{${text}}`
}

function formatSlot(spans: RecordSpans, record: number, slot: number, isSparse: boolean): string | null {
  const { start, end, flags } = spans.getSpan(record, slot)
  if ((flags & NULL) !== 0) return isSparse ? null : 'null'
  if ((flags & NON_CANONICAL) !== 0) return stringifyJson(spans.getValue(record, slot))
  const quote = (flags & TEXT) === 0 ? 0 : 1
  return spans.bytes.toString('utf8', start - quote, end + quote)
}
