// The meanings of the columns of a report. Source: docs/server.md 4.4, 5 and 6.
import { isJsonObject } from '../shared/json/json.js'
import { findNestedField } from '../shared/reports/nested-fields.js'
import type { RecordOrRow } from '../shared/types.js'

const fieldMeanings: Readonly<Record<string, string>> = {
  processDefinitionKey: 'key of the process definition, the same for all of its versions',
  processDefinitionId: 'id of one version of the process definition',
  processInstanceId: 'id of the process instance',
  businessKey: 'business key of the process instance',
  startDate: 'start of the process instance',
  endDate: 'end of the process instance; empty while it runs',
  duration: 'duration of the process instance in milliseconds; so far, if it runs',
  engineName: 'engine that ran the instance, or name of the data source',
  tenantId: 'tenant of the instance',
  numberOfIncidents: 'incidents of the process instance',
  numberOfOpenIncidents: 'incidents of the process instance that are not resolved',
  numberOfUserTasks: 'user tasks of the process instance',
  flowNodeInstances: 'flow-node instances with id, name, startDate and endDate; --events writes one row for each',
  decisionDefinitionKey: 'key of the decision definition, the same for all of its versions',
  decisionDefinitionId: 'id of one version of the decision definition',
  decisionInstanceId: 'id of the evaluation of the decision',
  evaluationDateTime: 'time of the evaluation',
  key: 'group, as an id',
  label: 'group, as a name',
  distributedKey: 'second group, as an id',
  distributedLabel: 'second group, as a name',
  value: 'value of the measure; durations are in milliseconds',
}

const prefixMeanings: Readonly<Record<string, (key: string, name: string | undefined) => string>> = {
  'count:': (key) => countMeanings[key] ?? `count of ${key}`,
  'dur:': (key, name = key) => `duration of the flow node ${JSON.stringify(name)} in milliseconds`,
  'variable:': () => 'process variable, as the server sends it: text, or a list if it is an object',
  'input:': (key, name = key) => `input ${JSON.stringify(name)} of the decision`,
  'output:': (key, name = key) => `output ${JSON.stringify(name)} of the decision`,
}

const countMeanings: Readonly<Record<string, string>> = {
  incidents: fieldMeanings['numberOfIncidents']!,
  openIncidents: fieldMeanings['numberOfOpenIncidents']!,
  userTasks: fieldMeanings['numberOfUserTasks']!,
}

/**
 * Returns the meaning of a column in a few words, or undefined for a column that the API does not document.
 * @param record a record that has the column; the name of a flow node, an input or an output is read from it
 */
export function describeColumn(id: string, record: RecordOrRow): string | undefined {
  const nested = findNestedField(id)
  if (!nested) return Object.hasOwn(fieldMeanings, id) ? fieldMeanings[id] : undefined
  const key = id.slice(nested.prefix.length)
  const holder = record[nested.field]
  const entry = isJsonObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined
  const name = isJsonObject(entry) && typeof entry['name'] === 'string' ? entry['name'] : undefined
  return prefixMeanings[nested.prefix]!(key, name)
}
