// Renders decision instances as JSON text (docs/server.md section 6). The keys of clauses are ids, in no stable order, as from a HashMap.
import { Random } from '../random.js'
import type { RecordSource } from './record-source.js'
import type { FakeSettings } from '../options/fake-settings.js'
import { createTimeline } from './timeline.js'
import type { Variable } from './variables.js'
import { decisions } from './generated-values.js'
import { createIdGenerator } from './id-generator.js'
import type { EraRules } from '../eras.js'

const categories = ['day-to-day expense', 'budget', 'exceptional', 'Sonderfall – Prüfung']

/** Returns the instances of a decision report: one input clause per variable, two output clauses. */
export function createDecisionRecords(settings: FakeSettings, eraRules: EraRules): RecordSource {
  const getId = createIdGenerator(eraRules, settings.seed)
  const getProcessId = createIdGenerator(eraRules, settings.seed + 1)
  const getStart = createTimeline(settings.seed, settings.records)
  const random = new Random()
  return {
    getId,
    render(index, zone, variables) {
      random.startAt(settings.seed, index)
      const key = random.oneOf(decisions)
      const inputs = variables
        .filter((variable) => index >= variable.firstIndex)
        .map((variable) => renderInput(variable, random))
      const rotation = random.below(inputs.length + 1)
      return (
        `{"decisionDefinitionKey":"${key}","decisionDefinitionId":"${key}:1:9","decisionInstanceId":"${getId(index)}"` +
        `,"processInstanceId":"${getProcessId(index)}","evaluationDateTime":"${zone.format(getStart(index))}"` +
        `,"engineName":"camunda-bpm","tenantId":null` +
        `,"inputVariables":{${[...inputs.slice(rotation), ...inputs.slice(0, rotation)].join(',')}}` +
        `,"outputVariables":{${renderOutputs(random)}}}`
      )
    },
  }
}

function renderInput({ name, jsonKey, type, value }: Variable, random: Random): string {
  const text = random.below(30) === 0 ? 'null' : value(random)
  return `${jsonKey}:{"id":${jsonKey},"name":${JSON.stringify(`Input ${name}`)},"type":"${type}","value":${text}}`
}

/** Renders the outputs: one value per matching rule in `values`, which may be empty; a value may be null. */
function renderOutputs(random: Random): string {
  const hits = Array.from({ length: random.below(4) }, () =>
    random.below(10) === 0 ? 'null' : JSON.stringify(random.oneOf(categories)),
  )
  return (
    `"OutputClause_1":{"id":"OutputClause_1","name":"Classification","type":"String","values":[${hits.join(',')}]}` +
    `,"OutputClause_2":{"id":"OutputClause_2","name":"Audit required","type":"Boolean","values":["${random.below(2) === 0}"]}`
  )
}
