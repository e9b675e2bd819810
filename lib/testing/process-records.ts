// Process instances as JSON text, fields in the order of RawDataProcessInstanceDto (docs/server.md 5.1, 5.2).
// Text is put together directly: benchmarks ask for millions of records, and an object each would cost more than the answer.
import type { Zone } from './dates.js'
import { Random } from './random.js'
import type { Records } from './records.js'
import type { Settings } from './settings.js'
import { measuredAtMs, timeline } from './timeline.js'
import type { Variable } from './variables.js'
import { flowNodes, idsOf, processes } from './words.js'
import type { EraRules } from './eras.js'

/** The instances of a process report. */
export function processRecords(settings: Settings, era: EraRules): Records {
  const idOf = idsOf(settings.era, settings.seed)
  const startOf = timeline(settings.seed, settings.records)
  const heads = processes.map(headOf)
  const nodes = nodesOf(era.flowNodes ? settings.flowNodes : 0)
  const random = new Random()
  return {
    idOf,
    render(index, zone, variables) {
      random.startAt(settings.seed, index)
      const kind = random.below(heads.length)
      const id = idOf(index)
      const startMs = startOf(index)
      const durationMs = random.below(20) === 0 ? undefined : 60_000 + random.below(random.below(400_000_000) + 1)
      const span = { startMs, endMs: durationMs === undefined ? undefined : startMs + durationMs }
      let text = `${heads[kind]!}${id}"`
      if (era.flowNodes) text += counts(random) + durations(nodes, random)
      text += `,"businessKey":${businessKey(era, kind, random)},"startDate":"${zone.format(startMs)}"`
      text += `,"endDate":${dateOrNull(span.endMs, zone)},"duration":${durationMs ?? Math.max(1, measuredAtMs - startMs)}`
      text += `,"engineName":"camunda-bpm","tenantId":null,"variables":{${variablesText(variables, index, random)}}`
      return era.flowNodes ? `${text},"flowNodeInstances":[${instances(nodes, id, span, zone)}]}` : `${text}}`
    },
  }
}

interface Node {
  /** `"startEvent":{"name":"Start","value":` */
  readonly duration: string
  readonly name: string
}

interface Span {
  readonly startMs: number
  /** Undefined: still running. */
  readonly endMs: number | undefined
}

const headOf = ({ key }: { key: string }, n: number) =>
  `{"processDefinitionKey":"${key}","processDefinitionId":"${key}:${n + 1}:${1801 + n}","processInstanceId":"`

function nodesOf(count: number): readonly Node[] {
  return Array.from({ length: count }, (_, n) => {
    const { id, name } = flowNodes[n % flowNodes.length]!
    const round = Math.floor(n / flowNodes.length)
    const nodeId = JSON.stringify(round === 0 ? id : `${id}_${round + 1}`)
    return { duration: `${nodeId}:{"name":${JSON.stringify(name)},"value":`, name: JSON.stringify(name) }
  })
}

function counts(random: Random): string {
  const incidents = random.below(40) === 0 ? 1 + random.below(3) : 0
  return `,"counts":{"incidents":${incidents},"openIncidents":${random.below(incidents + 1)},"userTasks":${random.below(4)}}`
}

function durations(nodes: readonly Node[], random: Random): string {
  let text = ''
  for (const node of nodes) text += `${text && ','}${node.duration}${random.below(5_000_000)}}`
  return `,"flowNodeDurations":{${text}}`
}

function businessKey(era: EraRules, kind: number, random: Random): string {
  const number = random.below(1_250_000)
  return era.businessKeys && number < 1_000_000 ? `"${processes[kind]!.businessPrefix}-2024-${number}"` : 'null'
}

const dateOrNull = (epochMs: number | undefined, zone: Zone) =>
  epochMs === undefined ? 'null' : `"${zone.format(epochMs)}"`

/** `"amount":"12","approved":"true"` */
function variablesText(variables: readonly Variable[], index: number, random: Random): string {
  let text = ''
  for (const variable of variables) {
    if (index < variable.from) continue
    text += `${text && ','}${variable.key}:${!variable.has || variable.has(index) ? variable.value(random) : '""'}`
  }
  return text
}

/** The first flow nodes that an instance went through; the last one is active while the instance runs. */
function instances(nodes: readonly Node[], id: string, { startMs, endMs }: Span, zone: Zone): string {
  const visited = Math.min(nodes.length, 3)
  const idStart = id.slice(0, 13)
  const stepMs = Math.max(0, Math.floor(((endMs ?? measuredAtMs) - startMs) / (visited + 1)))
  let text = ''
  let from = zone.format(startMs)
  for (let n = 0; n < visited; n++) {
    const active = endMs === undefined && n === visited - 1
    const to = zone.format(startMs + stepMs * (n + 1))
    text += `${text && ','}{"id":"${idStart}:${n}","name":${nodes[n]!.name},"startDate":"${from}","endDate":${active ? 'null' : `"${to}"`}}`
    from = to
  }
  return text
}
