// The event log hidden in process records: one row per flow-node instance, with the columns process mining tools expect
// (case, activity, start, end). Source of the shape: FlowNodeTotalDurationDataDto and flowNodeInstances, Optimize 3.11 / 8.3 on.
import { copyDigits, digitsAt, keepDigits } from '../digits.js'
import { isJsonObject } from '../json.js'
import { OptionError } from '../errors.js'
import { names, oncePerObject, optional, resolveOptions, type Rules } from '../options.js'
import type { JsonValue, Row } from '../types.js'
import { checkedRecord } from './checked-record.js'
import { digitsOf, readerOf, setOwn, type Column } from './column.js'

/** Options of {@link flowNodeEvents}. */
export interface FlowNodeEventsOptions {
  /** Columns of the process instance to repeat on every event, by their prefixed names: `variable:amount`. @default [] */
  fields?: readonly string[] | undefined
}

export const eventRules: Rules<FlowNodeEventsOptions> = { fields: optional(names, []) }

/** The columns that have another name than the field of a flow-node instance. */
const eventColumns: Readonly<Record<string, string>> = { id: 'flowNodeInstanceId', name: 'flowNodeName' }

type Field = Pick<Column, 'id' | 'read'>

/** The columns of an event that are its own. */
export const ownColumns: readonly string[] = [
  'processInstanceId',
  'flowNodeInstanceId',
  'flowNodeName',
  'startDate',
  'endDate',
]

/** Resolves the options once, for many records. */
export function eventFields(where: string, options: FlowNodeEventsOptions): readonly Field[] {
  const { fields = [] } = resolveOptions<FlowNodeEventsOptions>(where, options, eventRules)
  const taken = fields.find((id) => ownColumns.includes(id))
  if (taken !== undefined)
    throw new OptionError(
      where,
      'fields',
      `expected columns of the instance, got ${taken}, which is one of the event's own`,
    )
  return fields.map((id) => ({ id, read: readerOf(id) }))
}

/**
 * The events of one process record: a row a flow-node instance, `processInstanceId`, `flowNodeInstanceId`, `flowNodeName`,
 * `startDate`, `endDate` and then `fields`. A record without `flowNodeInstances` has none. An options object is read once.
 *
 * @throws OptionError for a bad option.
 * @example flowNodeEventRows(record, { fields: ['businessKey', 'variable:amount'] })
 */
export function flowNodeEventRows(record: Row, options?: FlowNodeEventsOptions): Row[] {
  return eventsOf(checkedRecord('flowNodeEventRows', record), options === undefined ? [] : fieldsFor(options))
}

const fieldsFor = oncePerObject((options: FlowNodeEventsOptions) => eventFields('flowNodeEventRows', options))

/** {@link flowNodeEventRows} with its options resolved. */
export function eventsOf(record: Row, fields: readonly Field[]): Row[] {
  const instances = record['flowNodeInstances']
  if (!Array.isArray(instances)) return []
  const shared: Row = {}
  for (const field of fields) {
    setOwn(shared, field.id, field.read(record) ?? null)
    keepDigits(shared, field.id, digitsOf(field, record))
  }
  return instances.filter(isJsonObject).map((instance) => event(record, instance, shared))
}

function event(record: Row, instance: Record<string, JsonValue>, shared: Row): Row {
  const row: Row = {
    processInstanceId: record['processInstanceId'] ?? null,
    flowNodeInstanceId: instance['id'] ?? null,
    flowNodeName: instance['name'] ?? null,
    startDate: instance['startDate'] ?? null,
    endDate: instance['endDate'] ?? null,
  }
  for (const id of Object.keys(shared)) setOwn(row, id, shared[id])
  keepDigits(row, 'processInstanceId', digitsAt(record, 'processInstanceId'))
  copyDigits(instance, row, (field) => eventColumns[field] ?? field)
  copyDigits(shared, row)
  return row
}
