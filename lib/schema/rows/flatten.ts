// Converts a nested record to a flat row, with the names and groups of columns of Optimize's own CSV download (docs/server.md 9.3).
import { areDigitsInUse, keepDigits } from '../../shared/json/digits.js'
import { isJsonObject } from '../../shared/json/json.js'
import type { ExportError } from '../../shared/errors.js'
import { memoizePerObject } from '../../shared/memoize.js'
import { resolveOptions } from '../../shared/options.js'
import { isNestedField, nestedFields } from '../../shared/reports/nested-fields.js'
import { fieldsByKind, detectKindOfRecord } from '../../shared/reports/report-kinds.js'
import type { Cell, ExportRecord, JsonValue, RecordOrRow, Row } from '../../shared/types.js'
import { checkRecord } from './check-record.js'
import { getCellDigits, createCellReader, setOwnProperty } from '../column.js'
import { createCollisionError, createSameIdError } from '../names/column-names.js'
import { flattenRules, createSelection, type FlattenOptions, type Selection } from '../selection.js'

const defaultSelection = createSelection('flattenRecord', {})

/**
 * Flattens one record: `variables.amount` becomes `variable:amount`, `counts.incidents` `count:incidents`,
 * `flowNodeDurations.start.value` `dur:start`, decision inputs and outputs `input:<id>` and `output:<id>`. Values without a
 * flat form (`flowNodeInstances`, unknown objects) stay as they are, in one column. The record itself is not changed.
 * An options object is read once, at its first use.
 *
 * @throws OptionError for a bad option; ExportError `ERR_COLUMN_COLLISION` if two columns would have the same name, `ERR_ENCODE` if
 * `record` is not an object with fields.
 * @example flattenRecord({ processInstanceId: '1', variables: { amount: '12' } }) // { processInstanceId: '1', 'variable:amount': '12' }
 */
export function flattenRecord(record: object, options?: FlattenOptions): Row {
  const selection = options === undefined ? defaultSelection : getSelection(options)
  return flatten(checkRecord('flattenRecord', record), selection)
}

const getSelection = memoizePerObject((options: FlattenOptions) =>
  createSelection('flattenRecord', resolveOptions('flattenRecord', options, flattenRules)),
)

/** {@link flattenRecord} with its options resolved. */
export function flatten(record: RecordOrRow, selection: Selection): Row {
  const row: Row = {}
  for (const [id, cell] of iterateCells(record)) {
    if (!selection.isSelected(id)) continue
    const name = selection.getColumnName(id)
    if (Object.hasOwn(row, name)) throw createRecordCollisionError(selection, record, name)
    setOwnProperty(row, name, cell)
    if (areDigitsInUse()) keepDigits(row, name, getCellDigits({ read: createCellReader(id) }, record))
  }
  return row
}

const noFields: ReadonlySet<string> = new Set()

/**
 * Yields every cell of a record with the prefixed name of its column, in the order of the columns.
 * @param singleColumnFields nested fields that become one column instead of one column per key
 */
export function* iterateCells(record: RecordOrRow, singleColumnFields = noFields): Generator<[id: string, cell: Cell]> {
  const kind = detectKindOfRecord(record as ExportRecord)
  const isFlatField = (field: string) =>
    !isNestedField(field) || (record[field] !== null && !isJsonObject(record[field]))
  const leadingFields: readonly string[] = kind ? fieldsByKind[kind] : Object.keys(record).filter(isFlatField)
  for (const field of leadingFields) if (Object.hasOwn(record, field)) yield [field, record[field]]
  for (const { field, prefix, toCell } of nestedFields) {
    const holder = record[field]
    if (singleColumnFields.has(field) || !isJsonObject(holder)) continue
    for (const key of Object.keys(holder)) yield [prefix + key, toCell(holder[key] as JsonValue)]
  }
  for (const field of Object.keys(record)) {
    if (kind ? leadingFields.includes(field) : isFlatField(field)) continue
    if (singleColumnFields.has(field) || isFlatField(field)) yield [field, record[field]]
  }
}

function createRecordCollisionError(selection: Selection, record: RecordOrRow, name: string): ExportError {
  const ids = [...iterateCells(record)]
    .map(([id]) => id)
    .filter((id) => selection.isSelected(id) && selection.getColumnName(id) === name)
  const sameId = ids.find((id, index) => ids.indexOf(id) !== index)
  return sameId === undefined
    ? createCollisionError(selection.where, name, ids)
    : createSameIdError(selection.where, name, sameId)
}
