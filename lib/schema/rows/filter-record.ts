import { copyDigits } from '../../shared/json/digits.js'
import { isJsonObject } from '../../shared/json/json.js'
import { isNestedField } from '../../shared/reports/nested-fields.js'
import { isHyperMapGroup } from '../../shared/reports/report-kinds.js'
import type { ExportRecord, JsonValue, RecordOrRow } from '../../shared/types.js'
import { setOwnProperty } from '../column.js'
import { getPairColumnName } from './group-rows.js'
import { pickKeys, type Selection } from '../selection.js'

/**
 * Returns a copy of the record with the selected fields only. A nested field with no selected key left becomes `{}` if options name any of
 * its keys. The pairs of a hyper-map group are filtered by the names of their columns.
 */
export function filterRecord(record: RecordOrRow, { isSelected, getSelectedKeys }: Selection): RecordOrRow {
  const filtered: RecordOrRow = {}
  const isGroup = isHyperMapGroup(record as ExportRecord)
  for (const key of Object.keys(record)) {
    const cell = record[key]
    if (isGroup && key === 'value') {
      const pairs = (cell as Record<string, JsonValue>[]).map((pair) =>
        pickKeys(pair, (field) => isSelected(getPairColumnName(field))),
      )
      if (pairs.length === 0 || pairs.some((pair) => Object.keys(pair).length > 0)) filtered['value'] = pairs
    } else if (isNestedField(key) && isJsonObject(cell)) {
      const keys = getSelectedKeys(key)
      if (keys !== 'none') filtered[key] = keys === 'all' ? cell : pickKeys(cell, keys)
    } else if (isSelected(key)) setOwnProperty(filtered, key, cell)
  }
  copyDigits(record, filtered)
  return filtered
}
