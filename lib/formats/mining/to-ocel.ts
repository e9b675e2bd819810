// toOcel(): process records in, an object-centric event log in OCEL 2.0 JSON out. Source: OCEL 2.0 specification, section 6.
import * as rule from '../../shared/options.js'
import { stringifyJson } from '../../shared/json/json.js'
import type { MiningEvent } from '../../schema/rows/mining-events.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { Encoder } from '../../encode/encoder.js'
import { Spool } from '../../encode/spool/spool.js'
import {
  formatCaseCell,
  formatInstanceId,
  readCaseValue,
  toIsoOffset,
  type CaseField,
  type CaseValue,
  type ValueKind,
} from './case-values.js'
import { createMiningFileEncoder, type MiningFileWriter } from './mining-file-encoder.js'
import { createMiningFilePlan, miningFileRules, type EventLogOptions } from './mining-file-options.js'

const WHERE = 'toOcel'
/** For the attributes of an object without a start, because the format requires a time. */
const NO_TIME = '1970-01-01T00:00:00.000+00:00'

/**
 * Encodes process records as an object-centric event log in OCEL 2.0 JSON. It has one object per process instance, whose type is the key
 * of the process definition, and one event per flow-node instance. The time of an event is the end of the flow node, or the start if the
 * flow node still runs; a flow node that has neither is left out with a warning. The id of an event is the id of its object, `:`, and the
 * id of the flow-node instance. Events are kept in a temporary file until all objects are written.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_ENCODE` for a record that is not a process instance,
 * `ERR_CELL_TYPE` for a value that has no text or does not fit its type in `types`, `ERR_UNMATCHED_NAME` with `strict`, or `ERR_SPOOL`.
 * @example await pipeline(exportStream({ … }), toOcel(), atomicFile('log.jsonocel'))
 */
export function toOcel(options: EventLogOptions = {}): Encoder {
  const resolved = rule.resolveOptions(WHERE, options, miningFileRules)
  const plan = createMiningFilePlan(WHERE, resolved, { lifecycle: 'single', isTimeRequired: true })
  return createMiningFileEncoder(plan, () => new OcelWriter(plan.fields))
}

class OcelWriter implements MiningFileWriter {
  readonly #fields: readonly CaseField[]
  readonly #objectTypes = new Set<string>()
  readonly #eventTypes = new Set<string>()
  readonly #spool = new Spool()
  #heldEvents: string[] = []
  #hasObjects = false

  constructor(fields: readonly CaseField[]) {
    this.#fields = fields
  }

  begin(): string {
    return '{"objects":['
  }

  writeCase(id: string, record: RecordOrRow, events: readonly MiningEvent[]): string {
    const type = formatCaseCell(WHERE, id, 'processDefinitionKey', record['processDefinitionKey']) ?? 'process instance'
    const time = formatTime(formatCaseCell(WHERE, id, 'startDate', record['startDate']))
    this.#objectTypes.add(type)
    const attributes = this.#fields.flatMap((field) => {
      const value = readCaseValue(field, record, WHERE)
      return value === undefined ? [] : [{ name: field.id, time, value: getJsonValue(value, field) }]
    })
    const eventIds = new Set<string>()
    for (const event of events) {
      const instanceId = formatInstanceId(WHERE, event)
      const eventId = createEventId(id, instanceId, eventIds)
      eventIds.add(eventId)
      this.#heldEvents.push(JSON.stringify(this.#createEvent(id, event, instanceId, eventId)))
    }
    const separator = this.#hasObjects ? ',\n' : '\n'
    this.#hasObjects = true
    return separator + stringifyJson({ id, type, attributes })
  }

  async flush(): Promise<void> {
    if (this.#heldEvents.length === 0) return
    const text = this.#heldEvents.splice(0).join(',\n')
    await this.#spool.write(0, Buffer.from(text))
  }

  async *end(): AsyncGenerator<string> {
    yield '],\n"events":['
    let separator = '\n'
    for await (const { bytes } of this.#spool.readFrames()) {
      yield separator + bytes.toString()
      separator = ',\n'
    }
    const fields = this.#fields.map(({ id: name, kind = 'string' }) => ({ name, type: ocelTypes[kind] }))
    const objectTypes = [...this.#objectTypes].map((name) => ({ name, attributes: fields }))
    const eventTypes = [...this.#eventTypes].map((name) => ({ name, attributes: eventAttributes }))
    yield `],\n"objectTypes":${JSON.stringify(objectTypes)},\n"eventTypes":${JSON.stringify(eventTypes)}}\n`
  }

  dispose(): Promise<void> {
    return this.#spool.dispose()
  }

  #createEvent(
    objectId: string,
    { activity, time, start, transition }: MiningEvent,
    instanceId: string | null,
    id: string,
  ): object {
    this.#eventTypes.add(activity)
    return {
      id,
      type: activity,
      time: formatTime(time),
      attributes: [
        ...(start === null ? [] : [{ name: 'start_timestamp', value: toIsoOffset(start) }]),
        { name: 'lifecycle', value: transition },
        ...(instanceId === null ? [] : [{ name: 'concept:instance', value: instanceId }]),
      ],
      relationships: [{ objectId, qualifier: 'process instance' }],
    }
  }
}

/** The names of types in OCEL. Source: OCEL 2.0 specification, section 4. */
const ocelTypes: Readonly<Record<ValueKind, string>> = {
  string: 'string',
  int: 'integer',
  float: 'float',
  boolean: 'boolean',
  date: 'time',
}

/** Returns the value of an attribute. It is a number or a boolean only if the type of the field is declared or known, else text. */
function getJsonValue({ kind, text }: CaseValue, field: CaseField): JsonScalar {
  if (field.kind === undefined) return text
  if (kind === 'int') return BigInt(text)
  if (kind === 'float') return Number(text)
  return kind === 'boolean' ? text === 'true' : text
}

type JsonScalar = string | number | bigint | boolean

/** Returns an id that no other event has, because readers keep only one of the events with the same id. */
function createEventId(objectId: string, instanceId: string | null, usedIds: ReadonlySet<string>): string {
  const id = `${objectId}:${instanceId ?? ''}`
  let unique = id
  for (let count = 2; usedIds.has(unique); count++) unique = `${id}:${count}`
  return unique
}

const eventAttributes = [
  { name: 'start_timestamp', type: 'time' },
  { name: 'lifecycle', type: 'string' },
  { name: 'concept:instance', type: 'string' },
]

const formatTime = (date: string | null) => (date === null || date === '' ? NO_TIME : toIsoOffset(date))
