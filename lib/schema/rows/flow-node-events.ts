// Makes an event log from process records: a row for each flow-node instance, with what process-mining tools need (case, activity, start,
// end), under the names of Optimize. `mining-columns.ts` has the names of the tools. Source: `flowNodeInstances` of the API, Optimize 3.11
// and 8.3, and later.
import { copyDigits, getDigits, keepDigits } from '../../shared/json/digits.js'
import { isJsonObject } from '../../shared/json/json.js'
import { OptionError } from '../../shared/errors.js'
import { memoizePerObject } from '../../shared/memoize.js'
import * as rule from '../../shared/options.js'
import type { JsonValue, RecordOrRow, Row } from '../../shared/types.js'
import { checkRecord } from './check-record.js'
import {
  createMiningRows,
  listMiningColumns,
  getMiningColumnName,
  miningRules,
  resolveMiningNamesPlan,
  type MiningOptions,
  type MiningNamesPlan,
} from './mining-columns.js'
import { createMiningCounts, type MiningCounts } from './mining-events.js'
import { getCellDigits, createCellReader, setOwnProperty, type Column } from '../column.js'

/** Options of {@link flowNodeEvents}. */
export interface FlowNodeEventsOptions extends MiningOptions {
  /** Columns of the process instance to repeat on every event, by their prefixed names: `variable:amount`. @default [] */
  fields?: readonly string[] | undefined
}

export const flowNodeEventsRules: rule.Rules<FlowNodeEventsOptions> = {
  fields: rule.withDefault(rule.names, []),
  ...miningRules,
}

/** The columns that have another name than their field in a flow-node instance, by the name of the field. */
const columnNameByField: Readonly<Record<string, string>> = { id: 'flowNodeInstanceId', name: 'flowNodeName' }

export type RepeatedField = Pick<Column, 'id' | 'read'>

/** The columns of a log with the names of Optimize, without `fields`. */
export const fixedEventColumns: readonly string[] = [
  'processInstanceId',
  'flowNodeInstanceId',
  'flowNodeName',
  'startDate',
  'endDate',
]

export interface FlowNodeEventsPlan {
  readonly fields: readonly RepeatedField[]
  /** Undefined for a log with the names of Optimize. */
  readonly mining: MiningNamesPlan | undefined
  readonly columns: readonly string[]
}

export function resolveEventsPlan(where: string, options: FlowNodeEventsOptions): FlowNodeEventsPlan {
  const resolved = rule.resolveOptions<FlowNodeEventsOptions>(where, options, flowNodeEventsRules)
  const { fields: ids = [] } = resolved
  const mining = resolveMiningNamesPlan(where, resolved)
  const fixedColumns = mining ? listMiningColumns(mining) : fixedEventColumns
  const columnNames = ids.map((id) => (mining ? getMiningColumnName(id, mining) : id))
  const reserved = ids.find((_, index) => fixedColumns.includes(columnNames[index]!))
  if (reserved !== undefined)
    throw new OptionError(
      where,
      'fields',
      `expected columns of the process instance, got ${reserved}, which every event already has`,
    )
  const fields = ids.map((id) => ({ id, read: createCellReader(id) }))
  return { fields, mining, columns: [...fixedColumns, ...columnNames] }
}

/**
 * Returns the events of one process record: one row per flow-node instance (up to two with `lifecycle: 'pairs'`), with
 * `processInstanceId`, `flowNodeInstanceId`, `flowNodeName`, `startDate`, `endDate` and then `fields`, or with the names of `naming`. A
 * record without `flowNodeInstances` has no events. An options object is read once.
 *
 * @throws OptionError for a bad option.
 * @example flowNodeEventRows(record, { fields: ['businessKey', 'variable:amount'] })
 */
export function flowNodeEventRows(record: object, options: FlowNodeEventsOptions = noOptions): Row[] {
  return createEventLogRows(checkRecord('flowNodeEventRows', record), getPlan(options), createMiningCounts())
}

const noOptions: FlowNodeEventsOptions = {}
const getPlan = memoizePerObject((options: FlowNodeEventsOptions) => resolveEventsPlan('flowNodeEventRows', options))

/** {@link flowNodeEventRows} with its options resolved. With `naming`, it counts missing values in `counts`. */
export const createEventLogRows = (
  record: RecordOrRow,
  { fields, mining }: FlowNodeEventsPlan,
  counts: MiningCounts,
): Row[] => (mining ? createMiningRows(record, fields, mining, counts) : createPlainEventRows(record, fields))

export function createPlainEventRows(record: RecordOrRow, fields: readonly RepeatedField[]): Row[] {
  const instances = record['flowNodeInstances']
  if (!Array.isArray(instances)) return []
  const repeatedCells: Row = {}
  for (const field of fields) {
    setOwnProperty(repeatedCells, field.id, field.read(record) ?? null)
    keepDigits(repeatedCells, field.id, getCellDigits(field, record))
  }
  return instances.filter(isJsonObject).map((instance) => createEventRow(record, instance, repeatedCells))
}

function createEventRow(record: RecordOrRow, instance: Record<string, JsonValue>, repeatedCells: Row): Row {
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
