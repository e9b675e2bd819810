// Makes an event log from process records: one row per flow-node instance, with the columns that process mining tools expect
// (case, activity, start, end). Source: FlowNodeTotalDurationDataDto and flowNodeInstances, Optimize 3.11 / 8.3 and later.
import { copyDigits, getDigits, keepDigits } from '../shared/digits.js'
import { isJsonObject } from '../shared/json.js'
import { OptionError } from '../shared/errors.js'
import { names, memoizePerObject, optional, resolveOptions, type Rules } from '../shared/options.js'
import type { JsonValue, Row } from '../shared/types.js'
import { checkRecord } from './check-record.js'
import { getCellDigits, createCellReader, setOwnProperty, type Column } from './column.js'

/** Options of {@link flowNodeEvents}. */
export interface FlowNodeEventsOptions {
  /** Columns of the process instance to repeat on every event, by their prefixed names: `variable:amount`. @default [] */
  fields?: readonly string[] | undefined
}

export const eventRules: Rules<FlowNodeEventsOptions> = { fields: optional(names, []) }

/** The columns whose names differ from the fields of a flow-node instance. */
const columnNameByField: Readonly<Record<string, string>> = { id: 'flowNodeInstanceId', name: 'flowNodeName' }

type EventField = Pick<Column, 'id' | 'read'>

/** The columns that every event has. */
export const fixedEventColumns: readonly string[] = [
  'processInstanceId',
  'flowNodeInstanceId',
  'flowNodeName',
  'startDate',
  'endDate',
]

/** Resolves the options once, for many records. */
export function resolveEventFields(where: string, options: FlowNodeEventsOptions): readonly EventField[] {
  const { fields = [] } = resolveOptions<FlowNodeEventsOptions>(where, options, eventRules)
  const reserved = fields.find((id) => fixedEventColumns.includes(id))
  if (reserved !== undefined)
    throw new OptionError(
      where,
      'fields',
      `expected columns of the process instance, got ${reserved}, which every event already has`,
    )
  return fields.map((id) => ({ id, read: createCellReader(id) }))
}

/**
 * Returns the events of one process record: one row per flow-node instance, with `processInstanceId`,
 * `flowNodeInstanceId`, `flowNodeName`, `startDate`, `endDate` and then `fields`. A record without `flowNodeInstances` has no
 * events. An options object is read once.
 *
 * @throws OptionError for a bad option.
 * @example flowNodeEventRows(record, { fields: ['businessKey', 'variable:amount'] })
 */
export function flowNodeEventRows(record: Row, options?: FlowNodeEventsOptions): Row[] {
  return createEventRows(checkRecord('flowNodeEventRows', record), options === undefined ? [] : getFields(options))
}

const getFields = memoizePerObject((options: FlowNodeEventsOptions) => resolveEventFields('flowNodeEventRows', options))

/** {@link flowNodeEventRows} with its options resolved. */
export function createEventRows(record: Row, fields: readonly EventField[]): Row[] {
  const instances = record['flowNodeInstances']
  if (!Array.isArray(instances)) return []
  const repeatedCells: Row = {}
  for (const field of fields) {
    setOwnProperty(repeatedCells, field.id, field.read(record) ?? null)
    keepDigits(repeatedCells, field.id, getCellDigits(field, record))
  }
  return instances.filter(isJsonObject).map((instance) => createEventRow(record, instance, repeatedCells))
}

function createEventRow(record: Row, instance: Record<string, JsonValue>, repeatedCells: Row): Row {
  const row: Row = {
    processInstanceId: record['processInstanceId'] ?? null,
    flowNodeInstanceId: instance['id'] ?? null,
    flowNodeName: instance['name'] ?? null,
    startDate: instance['startDate'] ?? null,
    endDate: instance['endDate'] ?? null,
  }
  for (const id of Object.keys(repeatedCells)) setOwnProperty(row, id, repeatedCells[id])
  keepDigits(row, 'processInstanceId', getDigits(record, 'processInstanceId'))
  copyDigits(instance, row, (field) => columnNameByField[field] ?? field)
  copyDigits(repeatedCells, row)
  return row
}
