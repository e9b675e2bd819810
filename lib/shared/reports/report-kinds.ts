// The kinds of reports: their fields in the order of Optimize's CSV download, their key and their known types.
// Sources: RawDataProcessInstanceDto, RawDataDecisionInstanceDto, MapResultEntryDto, HyperMapResultEntryDto (camunda/camunda).
import { isJsonObject } from '../json/json.js'
import type { ExportRecord, ReportKind } from '../types.js'

/** The fields that every version documents for a process instance. A field that only some versions have belongs in `fieldsByKind`. */
const commonProcessFields = [
  'processDefinitionKey',
  'processDefinitionId',
  'processInstanceId',
  'businessKey',
  'startDate',
  'endDate',
  'duration',
  'engineName',
  'tenantId',
] as const

/** The fields in which versions before 3.11 and 8.3 send the counts. */
const legacyCountFields = ['numberOfIncidents', 'numberOfOpenIncidents', 'numberOfUserTasks'] as const

/** The columns of a file without rows, unless options or the stream name others. */
export const defaultColumnsWithoutRows = commonProcessFields

const decisionFields = [
  'decisionDefinitionKey',
  'decisionDefinitionId',
  'decisionInstanceId',
  'processInstanceId',
  'evaluationDateTime',
  'engineName',
  'tenantId',
] as const

const mapFields = ['key', 'label', 'value'] as const

/** The fields of a kind that are one column each and come first, in the order of their columns. Nested fields follow, then all others. */
export const fieldsByKind: Readonly<Record<ReportKind, readonly string[]>> = {
  process: [...commonProcessFields, ...legacyCountFields],
  decision: decisionFields,
  map: mapFields,
  hyperMap: mapFields,
  number: ['value'],
  empty: [],
}

/** The field with the id of a record, for the kinds that have one. */
export const keyFieldByKind: Readonly<Partial<Record<ReportKind, string>>> = {
  process: 'processInstanceId',
  decision: 'decisionInstanceId',
}

const dateFields: ReadonlySet<string> = new Set(['startDate', 'endDate', 'evaluationDateTime'])
const integerFields: ReadonlySet<string> = new Set(['duration', ...legacyCountFields])

/** Returns `timestamp` or `int64` for a column that the API documents as date or integer, `undefined` for any other column. */
export function getKnownType(column: string): 'timestamp' | 'int64' | undefined {
  if (dateFields.has(column)) return 'timestamp'
  return integerFields.has(column) || column.startsWith('count:') || column.startsWith('dur:') ? 'int64' : undefined
}

const isPair = (value: unknown) => isJsonObject(value) && 'key' in value && 'value' in value

/**
 * Returns whether a record may be a group of a hyper-map report. A record with an instance id is never a group, even if it has a `key`
 * and a `value`.
 * @param has returns whether the record has a field
 */
export const canBeGroup = (has: (field: string) => boolean): boolean =>
  has('key') && has('value') && !has('processInstanceId') && !has('decisionInstanceId')

/** Returns whether a record is a group of a hyper-map report: its value is an array of pairs. */
export function isHyperMapGroup(record: ExportRecord): boolean {
  const { value } = record
  return Array.isArray(value) && canBeGroup((field) => field in record) && value.every(isPair)
}

const hasOnlyMapFields = (record: ExportRecord) =>
  'key' in record &&
  'value' in record &&
  Object.keys(record).every((field) => field === 'key' || field === 'value' || field === 'label')

/**
 * Returns the kind of the report that a list of records is from. An instance id or a cursor means a decision or process report. Any
 * other report is a hyper-map report if one of the records is a group, or else a map report.
 * @param has returns whether the first record has a field
 */
export function detectReportKind(
  has: (field: string) => boolean,
  hasCursor: boolean,
  hasGroup: () => boolean,
): ReportKind {
  if (has('decisionInstanceId')) return 'decision'
  if (hasCursor || has('processInstanceId')) return 'process'
  return hasGroup() ? 'hyperMap' : 'map'
}

/** Returns the kind of report that a record comes from; `undefined` for any other object, also for the record of a number report. */
export function detectKindOfRecord(record: ExportRecord): ReportKind | undefined {
  if ('decisionInstanceId' in record && ('inputVariables' in record || 'outputVariables' in record)) return 'decision'
  if ('processInstanceId' in record && ('variables' in record || 'counts' in record || 'flowNodeDurations' in record))
    return 'process'
  if (!hasOnlyMapFields(record)) return undefined
  return isHyperMapGroup(record) ? 'hyperMap' : 'map'
}
