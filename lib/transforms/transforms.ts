// The transforms as streams: plain functions, fused by stream-chain into one step a record.
// The doorkeeper of stream-chain.
import { Transform } from 'node:stream'
import { many } from 'stream-chain'
import type { Many } from 'stream-chain/defs.js'
import fun from 'stream-chain/fun.js'
import { knownColumns } from '../attachment.js'
import { resolveOptions } from '../options.js'
import { processFields } from '../reports/report.js'
import { checkedRecord } from '../rows/checked-record.js'
import { flatten, flattenRules, rowsOf, selectionOf, type FlattenOptions } from '../rows/flatten.js'
import { eventFields, eventsOf, ownColumns, type FlowNodeEventsOptions } from '../rows/flow-node-events.js'
import type { Row } from '../types.js'

/**
 * Turns nested records into flat rows, as {@link flattenRecord} does; a group of a hyper-map report becomes a row a pair.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_COLUMN_COLLISION`.
 * @example await pipeline(exportStream({ … }), flattenVariables({ naming: 'plain' }), myWritable)
 */
export function flattenVariables(options: FlattenOptions = {}): Transform {
  const resolved = resolveOptions('flattenVariables', options, flattenRules)
  const selection = selectionOf('flattenVariables', resolved)
  const columns = (resolved.pick ?? processFields).filter(selection.wants).map(selection.nameOf)
  return transformBy(
    'flattenVariables',
    columns,
    fun(
      (record: Row) => many([...rowsOf(record)]),
      (row: Row) => flatten(row, selection),
    ),
  )
}

/**
 * Turns process records into an event log: a row a flow-node instance, as {@link flowNodeEventRows} does.
 *
 * @throws OptionError for a bad option, at the call.
 * @example await pipeline(exportStream({ … }), flowNodeEvents({ fields: ['businessKey'] }), toCsv(), createWriteStream('events.csv'))
 */
export function flowNodeEvents(options: FlowNodeEventsOptions = {}): Transform {
  const fields = eventFields('flowNodeEvents', options)
  return transformBy(
    'flowNodeEvents',
    [...ownColumns, ...fields.map(({ id }) => id)],
    fun((record: Row) => many(eventsOf(record, fields))),
  )
}

/** A stream around functions that stream-chain has fused; they are synchronous, so what they give is there at once. */
function transformBy(where: string, columns: readonly string[], fused: (record: Row) => unknown): Transform {
  const rowsFor = fused as (record: Row) => Many<Row>
  const transform = new Transform({
    objectMode: true,
    transform(chunk: unknown, _encoding, done) {
      try {
        for (const row of rowsFor(checkedRecord(where, chunk)).values) this.push(row)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
  return Object.assign(transform, { [knownColumns]: columns })
}
