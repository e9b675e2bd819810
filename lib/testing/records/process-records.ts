// Renders process instances as JSON text, with fields in the order of RawDataProcessInstanceDto (docs/server.md 5.1, 5.2). It
// builds the text without objects, because benchmarks need millions of records.
import type { Zone } from '../dates.js'
import { Random } from '../random.js'
import type { RecordSource } from './record-source.js'
import type { FakeSettings } from '../options/fake-settings.js'
import { measuredAtMs, createTimeline } from './timeline.js'
import type { Variable } from './variables.js'
import { flowNodes, processes } from './generated-values.js'
import { createIdGenerator } from './id-generator.js'
import type { EraRules } from '../eras.js'

export function createProcessRecords(settings: FakeSettings, eraRules: EraRules): RecordSource {
  const getId = createIdGenerator(eraRules, settings.seed)
  const getStart = createTimeline(settings.seed, settings.records)
  const heads = processes.map(renderHead)
  const nodes = createNodes(eraRules.hasFlowNodes ? settings.flowNodes : 0)
  const random = new Random()
  return {
    getId,
    render(index, zone, variables) {
      random.startAt(settings.seed, index)
      const processIndex = random.below(heads.length)
      const id = getId(index)
      const startMs = getStart(index)
      const durationMs = random.below(20) === 0 ? undefined : 60_000 + random.below(random.below(400_000_000) + 1)
      const lifetime = { startMs, endMs: durationMs === undefined ? undefined : startMs + durationMs }
      let text = `${heads[processIndex]!}${id}"`
      if (eraRules.hasFlowNodes) text += renderCounts(random) + renderDurations(nodes, random)
      text += `,"businessKey":${renderBusinessKey(eraRules, processIndex, random)},"startDate":"${zone.format(startMs)}"`
      text += `,"endDate":${renderDate(lifetime.endMs, zone)},"duration":${durationMs ?? Math.max(1, measuredAtMs - startMs)}`
      text += `,"engineName":"camunda-bpm","tenantId":null,"variables":{${renderVariables(variables, index, random)}}`
      return eraRules.hasFlowNodes
        ? `${text},"flowNodeInstances":[${renderInstances(nodes, id, lifetime, zone)}]}`
        : `${text}}`
    },
  }
}

interface FlowNode {
  /** `"startEvent":{"name":"Start","value":` */
  readonly durationPrefix: string
  /** The name as JSON text, with its quotes. */
  readonly jsonName: string
}

interface Lifetime {
  readonly startMs: number
  /** Undefined while the instance runs. */
  readonly endMs: number | undefined
}

const renderHead = ({ key }: { key: string }, n: number) =>
  `{"processDefinitionKey":"${key}","processDefinitionId":"${key}:${n + 1}:${1801 + n}","processInstanceId":"`

function createNodes(count: number): readonly FlowNode[] {
  return Array.from({ length: count }, (_, n) => {
    const { id, name } = flowNodes[n % flowNodes.length]!
    const round = Math.floor(n / flowNodes.length)
    const nodeId = JSON.stringify(round === 0 ? id : `${id}_${round + 1}`)
    const jsonName = JSON.stringify(name)
    return { durationPrefix: `${nodeId}:{"name":${jsonName},"value":`, jsonName }
  })
}

function renderCounts(random: Random): string {
  const incidents = random.below(40) === 0 ? 1 + random.below(3) : 0
  return `,"counts":{"incidents":${incidents},"openIncidents":${random.below(incidents + 1)},"userTasks":${random.below(4)}}`
}

function renderDurations(nodes: readonly FlowNode[], random: Random): string {
  let text = ''
  for (const node of nodes) text += `${text && ','}${node.durationPrefix}${random.below(5_000_000)}}`
  return `,"flowNodeDurations":{${text}}`
}

function renderBusinessKey(eraRules: EraRules, processIndex: number, random: Random): string {
  const number = random.below(1_250_000)
  return eraRules.hasBusinessKeys && number < 1_000_000
    ? `"${processes[processIndex]!.businessPrefix}-2024-${number}"`
    : 'null'
}

const renderDate = (epochMs: number | undefined, zone: Zone) =>
  epochMs === undefined ? 'null' : `"${zone.format(epochMs)}"`

/** `"amount":"12","approved":"true"` */
function renderVariables(variables: readonly Variable[], index: number, random: Random): string {
  let text = ''
  for (const variable of variables) {
    if (index < variable.firstIndex) continue
    text += `${text && ','}${variable.jsonKey}:${!variable.isPresent || variable.isPresent(index) ? variable.value(random) : '""'}`
  }
  return text
}

/** Renders the first flow nodes of an instance; the last one is active while the instance runs. */
function renderInstances(nodes: readonly FlowNode[], id: string, { startMs, endMs }: Lifetime, zone: Zone): string {
  const visitedCount = Math.min(nodes.length, 3)
  const idStart = id.slice(0, 13)
  const stepMs = Math.max(0, Math.floor(((endMs ?? measuredAtMs) - startMs) / (visitedCount + 1)))
  let text = ''
  let from = zone.format(startMs)
  for (let n = 0; n < visitedCount; n++) {
    const isActive = endMs === undefined && n === visitedCount - 1
    const to = zone.format(startMs + stepMs * (n + 1))
    text += `${text && ','}{"id":"${idStart}:${n}","name":${nodes[n]!.jsonName},"startDate":"${from}","endDate":${isActive ? 'null' : `"${to}"`}}`
    from = to
  }
  return text
}
