// The selection applied to a nested record, where it is not flattened: the fields that are wanted, as they came.
import { copyDigits } from '../digits.js'
import { isJsonObject } from '../json.js'
import { isHyperMapGroup } from '../reports/report.js'
import type { ExportRecord, JsonValue, Row } from '../types.js'
import { setOwn } from './column.js'
import { isNestedName, pairName } from './flatten.js'
import { keysOf, type Selection } from './selection.js'

/**
 * The record without what the selection leaves out; the record itself is not changed. A nested field from which any key
 * is wanted stays an object in every record. The pairs of a hyper-map group are filtered by the names of their columns.
 */
export function filterRecord(record: Row, { wants, inside }: Selection): Row {
  const kept: Row = {}
  const isGroup = isHyperMapGroup(record as ExportRecord)
  for (const key of Object.keys(record)) {
    const cell = record[key]
    if (isGroup && key === 'value') {
      const pairs = (cell as Record<string, JsonValue>[]).map((pair) => keysOf(pair, (field) => wants(pairName(field))))
      if (pairs.length === 0 || pairs.some((pair) => Object.keys(pair).length > 0)) kept['value'] = pairs
    } else if (isNestedName(key) && isJsonObject(cell)) {
      const keys = inside(key)
      if (keys !== 'none') kept[key] = keys === 'all' ? cell : keysOf(cell, keys)
    } else if (wants(key)) setOwn(kept, key, cell)
  }
  copyDigits(record, kept)
  return kept
}
