// The transforms as streams. The sole importer of stream-chain, which combines the functions of a transform into one.
import type { Transform } from 'node:stream'
import { many, type Many } from 'stream-chain/defs.js'
import fun from 'stream-chain/fun.js'
import { columnsIfEmptyKey } from '../pages/stream-facts.js'
import * as rule from '../shared/options.js'
import { defaultColumnsWithoutRows } from '../shared/reports/report-kinds.js'
import { flatten } from '../schema/rows/flatten.js'
import { expandRecord } from '../schema/rows/group-rows.js'
import type { UnmatchedNameWarning } from '../schema/names/name-matcher.js'
import { flattenRules, createSelection, type FlattenOptions } from '../schema/selection.js'
import {
  resolveEventsPlan,
  flowNodeEventsRules,
  createPlainEventRows,
  createEventLogRows,
  type FlowNodeEventsOptions,
} from '../schema/rows/flow-node-events.js'
import { createMiningCounts, createMiningWarnings, type MiningWarning } from '../schema/rows/mining-events.js'
import type { DuplexEvents } from '../shared/streams/duplex-events.js'
import type { RecordOrRow, Row } from '../shared/types.js'
import type { RowMakerOptions } from '../fastpath/rows/row-maker.js'
import { RowStream, type RowStreamPlan } from './row-stream.js'

/** The option that all transforms have. */
export interface StrictOption {
  /**
   * With `false`, the stream emits a `warning` event at the end (an `UnmatchedNameWarning`) for each name in the other options that no
   * record has. With `true`, it fails with `ERR_UNMATCHED_NAME`.
   * @default false
   */
  strict?: boolean | undefined
}

/** The events of a {@link RowTransform} and the argument of their listeners; `undefined` means no argument. The chunks are rows. */
export interface RowTransformEvents extends DuplexEvents<Row> {
  /** A name in the options was in no record, or flow nodes of an event log have no name, no end or no time; emitted before the end. */
  warning: UnmatchedNameWarning | MiningWarning
}

/** A Transform: records in, flat rows out. It emits {@link RowTransformEvents}. */
export interface RowTransform extends Transform {
  /** Adds a listener to one of {@link RowTransformEvents}. */
  on<E extends keyof RowTransformEvents>(event: E, listener: (payload: RowTransformEvents[E]) => void): this
  /** Adds a listener that is called once. */
  once<E extends keyof RowTransformEvents>(event: E, listener: (payload: RowTransformEvents[E]) => void): this
  /** The same as `on`. */
  addListener<E extends keyof RowTransformEvents>(event: E, listener: (payload: RowTransformEvents[E]) => void): this
  /** Adds a listener that is called before the others. */
  prependListener<E extends keyof RowTransformEvents>(
    event: E,
    listener: (payload: RowTransformEvents[E]) => void,
  ): this
  /** Adds a listener that is called once and before the others. */
  prependOnceListener<E extends keyof RowTransformEvents>(
    event: E,
    listener: (payload: RowTransformEvents[E]) => void,
  ): this
  /** Removes a listener. */
  off<E extends keyof RowTransformEvents>(event: E, listener: (payload: RowTransformEvents[E]) => void): this
  /** The same as `off`. */
  removeListener<E extends keyof RowTransformEvents>(event: E, listener: (payload: RowTransformEvents[E]) => void): this
}

const strictRules = { strict: rule.withDefault(rule.boolean, false) }

/**
 * Converts nested records to flat rows: all nested fields, not only variables, become columns, as in {@link flattenRecord}. A group of a
 * hyper-map report becomes one row per pair.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_COLUMN_COLLISION` if two columns have the same name.
 * @example await pipeline(exportStream({ … }), flattenVariables({ naming: 'plain' }), myWritable)
 */
export function flattenVariables(options: FlattenOptions & StrictOption = {}): RowTransform {
  const where = 'flattenVariables'
  const { strict, ...resolved } = rule.resolveOptions(where, options, { ...flattenRules, ...strictRules })
  const selection = createSelection(where, resolved)
  const ids = (resolved.pick ?? defaultColumnsWithoutRows).filter(selection.isSelected)
  return createTransform(
    { where, strict, namesInOptions: selection.namesInOptions, columnsIfEmpty: ids.map(selection.getColumnName) },
    fun(
      (record: RecordOrRow) => many([...expandRecord(record)]),
      (row: RecordOrRow) => flatten(row, selection),
    ),
  )
}

/**
 * Converts process records to an event log: one row per flow-node instance, as {@link flowNodeEventRows} does.
 *
 * @throws OptionError for a bad option, at the call.
 * @example await pipeline(exportStream({ … }), flowNodeEvents({ fields: ['businessKey'] }), toCsv(), createWriteStream('events.csv'))
 */
export function flowNodeEvents(options: FlowNodeEventsOptions & StrictOption = {}): RowTransform {
  const where = 'flowNodeEvents'
  const { strict, ...resolved } = rule.resolveOptions(where, options, { ...flowNodeEventsRules, ...strictRules })
  const plan = resolveEventsPlan(where, resolved)
  const { fields, mining, columns } = plan
  const counts = createMiningCounts()
  const namesInOptions = [{ option: 'fields', names: fields.map(({ id }) => id) }]
  const createWarnings = mining && (() => createMiningWarnings(where, mining, counts))
  return createTransform(
    { where, strict, namesInOptions, columnsIfEmpty: columns, createWarnings },
    fun((record: RecordOrRow) => many(createEventLogRows(record, plan, counts))),
    mining ? undefined : { field: 'flowNodeInstances', createRows: (record) => createPlainEventRows(record, fields) },
  )
}

interface TransformPlan extends Omit<RowStreamPlan, 'createRows' | 'rowMakerOptions'> {
  readonly columnsIfEmpty: readonly string[]
}

/** @param combinedFunction returns the rows of a record; the result of `fun`, of synchronous functions only */
function createTransform(
  { columnsIfEmpty: columns, ...plan }: TransformPlan,
  combinedFunction: (record: RecordOrRow) => unknown,
  rowMakerOptions?: RowMakerOptions,
): RowTransform {
  const createMany = combinedFunction as (record: RecordOrRow) => Many<Row>
  const stream = new RowStream({ ...plan, rowMakerOptions, createRows: (record) => createMany(record).values })
  return Object.assign(stream, { [columnsIfEmptyKey]: columns })
}
