// A nested record becomes a flat row, its columns named and ordered as in Optimize's own CSV download.
import { areDigitsKept, copyDigits, keepDigits } from '../digits.js'
import { isJsonObject } from '../json.js'
import { ExportError } from '../errors.js'
import { oncePerObject, resolveOptions } from '../options.js'
import { nestedFields } from '../reports/nested-fields.js'
import { fieldsOf, isHyperMapGroup, kindOf } from '../reports/report.js'
import type { Cell, ExportRecord, JsonValue, Row } from '../types.js'
import { checkedRecord } from './checked-record.js'
import { digitsOf, readerOf, setOwn } from './column.js'
import { flattenRules, selectionOf, type FlattenOptions, type Selection } from './selection.js'

const everything = selectionOf('flattenRecord', {})

/**
 * Flattens one record: `variables.amount` becomes `variable:amount`, `counts.incidents` `count:incidents`,
 * `flowNodeDurations.start.value` `dur:start`, decision inputs and outputs `input:<id>` and `output:<id>`. What has no
 * flat form (`flowNodeInstances`, unknown objects) stays as it is, in one column. The record itself is not changed.
 * An options object is read once, at its first use.
 *
 * @throws OptionError for a bad option; ExportError `ERR_COLUMN_COLLISION` when two columns have one name.
 * @example flattenRecord({ processInstanceId: '1', variables: { amount: '12' } }) // { processInstanceId: '1', 'variable:amount': '12' }
 */
export function flattenRecord(record: Row, options?: FlattenOptions): Row {
  const selection = options === undefined ? everything : selectionFor(options)
  return flatten(checkedRecord('flattenRecord', record), selection)
}

const selectionFor = oncePerObject((options: FlattenOptions) =>
  selectionOf('flattenRecord', resolveOptions('flattenRecord', options, flattenRules)),
)

/** {@link flattenRecord} with its options resolved. */
export function flatten(record: Row, selection: Selection): Row {
  const row: Row = {}
  for (const [id, cell] of cellsOf(record)) {
    if (!selection.wants(id)) continue
    const name = selection.nameOf(id)
    if (Object.hasOwn(row, name)) throw collision(selection, record, name)
    setOwn(row, name, cell)
    if (areDigitsKept()) keepDigits(row, name, digitsOf({ read: readerOf(id) }, record))
  }
  return row
}

const none: ReadonlySet<string> = new Set()
const nestedNames: ReadonlySet<string> = new Set(nestedFields.map(({ field }) => field))

/** Whether a column of this name is a nested field as a whole. */
export const isNestedName = (id: string) => nestedNames.has(id)

/**
 * Every cell of a record with its column's prefixed name, in the order of the columns.
 * @param whole nested fields that are one column each, rather than a column a key
 */
export function* cellsOf(record: Row, whole = none): Generator<[id: string, cell: Cell]> {
  const kind = kindOf(record as ExportRecord)
  const isPlain = (field: string) => !nestedNames.has(field) || (record[field] !== null && !isJsonObject(record[field]))
  const first: readonly string[] = kind ? fieldsOf[kind] : Object.keys(record).filter(isPlain)
  for (const field of first) if (Object.hasOwn(record, field)) yield [field, record[field]]
  for (const { field, prefix, cell } of nestedFields) {
    const holder = record[field]
    if (whole.has(field) || !isJsonObject(holder)) continue
    for (const key of Object.keys(holder)) yield [prefix + key, cell(holder[key] as JsonValue)]
  }
  for (const field of Object.keys(record)) {
    if (kind ? first.includes(field) : isPlain(field)) continue
    if (whole.has(field) || isPlain(field)) yield [field, record[field]]
  }
}

function collision(selection: Selection, record: Row, name: string): ExportError {
  const ids = [...cellsOf(record)]
    .map(([id]) => id)
    .filter((id) => selection.wants(id) && selection.nameOf(id) === name)
  return collisionOf(selection.where, name, ids)
}

/** Two columns that would share one name in the output, both named. */
export function collisionOf(where: string, name: string, ids: readonly string[]): ExportError {
  const sides = ids.map((id) => JSON.stringify(id)).join(' and ')
  return new ExportError(
    'ERR_COLUMN_COLLISION',
    `${where}: columns ${sides} have one name, ${JSON.stringify(name)}; use naming or omit to tell them apart`,
  )
}

/** The rows a record stands for: one, or a row a pair for a group of a hyper-map report. */
export function rowsOf(record: Row): readonly Row[] {
  if (!isHyperMapGroup(record as ExportRecord)) return [record]
  const { key, label = null, value, ...rest } = record as ExportRecord
  const pairs = value as Record<string, JsonValue>[]
  return (pairs.length > 0 ? pairs : [{}]).map((pair) => {
    const row: Row = { key, label, ...pairCells(pair), ...rest }
    copyDigits(record, row)
    copyDigits(pair, row, pairName)
    return row
  })
}

/** The cells that a pair adds to its group; fields that no version has had so far are kept like the known ones. */
function pairCells({ key = null, label = null, value = null, ...rest }: Record<string, JsonValue>): Row {
  const others = Object.entries(rest).map(([field, cell]) => [pairName(field), cell] as const)
  return { distributedKey: key, distributedLabel: label, value, ...Object.fromEntries(others) }
}

/** The column of a pair's field: `distributedKey` for `key`; its `value` is the value of the row. */
export const pairName = (field: string) =>
  field === 'value' ? field : `distributed${field.slice(0, 1).toUpperCase()}${field.slice(1)}`
