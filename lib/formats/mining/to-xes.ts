// toXes(): process records in, an event log in XES out. Source: IEEE 1849-2016.
import * as rule from '../../shared/options.js'
import type { MiningEvent } from '../../schema/rows/mining-events.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { Encoder } from '../../encode/encoder.js'
import { VERSION } from '../../shared/package-version.js'
import { escapeXml, invalidXmlCharacters } from '../xml-text.js'
import { createValue, formatInstanceId, getCellKind, readCaseValue, type CaseValue } from './case-values.js'
import { createMiningFileEncoder, type MiningFileWriter } from './mining-file-encoder.js'
import {
  createMiningFilePlan,
  miningFileRules,
  type EventLogOptions,
  type MiningFilePlan,
} from './mining-file-options.js'

/** Options of {@link toXes}. */
export interface XesOptions extends EventLogOptions {
  /**
   * `'pairs'`: an event for the start and one for the end of a flow-node instance, with the same `concept:instance`. `'single'`: one
   * event whose time is the end, or the start if the flow node still runs; `start_timestamp` is the start. @default 'pairs'
   */
  lifecycle?: 'single' | 'pairs' | undefined
}

const WHERE = 'toXes'
const rules: rule.Rules<rule.Resolved<XesOptions>> = {
  ...miningFileRules,
  lifecycle: rule.withDefault(rule.oneOf('single', 'pairs'), 'pairs'),
}

/**
 * Encodes process records as an event log in XES (IEEE 1849): one trace per process instance, with its events in the order of their
 * times. Characters that XML cannot hold become U+FFFD.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_ENCODE` for a record that is not a process instance,
 * `ERR_CELL_TYPE` for a value that has no text or does not fit its type in `types`, or `ERR_UNMATCHED_NAME` with `strict`.
 * @example await pipeline(exportStream({ … }), toXes(), createGzip(), atomicFile('log.xes.gz'))
 */
export function toXes(options: XesOptions = {}): Encoder {
  const { lifecycle, ...resolved } = rule.resolveOptions(WHERE, options, rules)
  const plan = createMiningFilePlan(WHERE, resolved, { lifecycle })
  return createMiningFileEncoder(plan, () => new XesWriter(plan))
}

class XesWriter implements MiningFileWriter {
  readonly #plan: MiningFilePlan

  constructor(plan: MiningFilePlan) {
    this.#plan = plan
  }

  begin(): string {
    return HEADER
  }

  writeCase(id: string, record: RecordOrRow, events: readonly MiningEvent[]): string {
    const { fields, mining } = this.#plan
    const attributes = fields.map((field) => formatValue(field.id, readCaseValue(field, record, WHERE)))
    const texts = events.map((event) => formatEvent(event, mining.lifecycle === 'single'))
    return `<trace>${formatAttribute('concept:name', id)}${attributes.join('')}${texts.join('')}</trace>\n`
  }

  end(): string {
    return '</log>\n'
  }
}

const HEADER = `<?xml version="1.0" encoding="UTF-8"?>
<!-- optimize-export ${VERSION} -->
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Activity and lifecycle" keys="concept:name lifecycle:transition"/>
`

function formatEvent(event: MiningEvent, hasStart: boolean): string {
  const { activity, time, start, transition, instanceId } = event
  return [
    '<event>',
    formatAttribute('concept:name', activity, 'string'),
    formatAttribute('time:timestamp', time),
    hasStart ? formatAttribute('start_timestamp', start) : '',
    formatAttribute('lifecycle:transition', transition),
    formatAttribute('concept:instance', formatInstanceId(WHERE, event), getCellKind(instanceId)),
    '</event>',
  ].join('')
}

/** Returns an attribute, or nothing for null. */
const formatAttribute = (key: string, text: string | null, kind = getCellKind(text)) =>
  formatValue(key, text === null ? undefined : createValue(kind, text))

const formatValue = (key: string, value: CaseValue | undefined) =>
  value ? `<${value.kind} key="${escapeAttribute(key)}" value="${escapeAttribute(value.text)}"/>` : ''

/** Line breaks and tabs become references, because readers would replace them by spaces. */
const escapeAttribute = (text: string) =>
  escapeXml(text.replace(invalidXmlCharacters, '\ufffd')).replace(/[\n\r\t]/g, (unit) => `&#${unit.charCodeAt(0)};`)
