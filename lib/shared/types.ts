// The types that source and sink share: records as the API sends them, and flat rows.

/** A JSON value; integers beyond 2^53 are `bigint`. The digits of a number such as `1.50` are kept apart from the value (`digits.ts`). */
export type JsonValue = string | number | bigint | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/**
 * One element of the `data` array, as the server sent it: a process instance, a decision instance, or a
 * `{ key, value, label }` entry. A number report has one record, `{ value }`.
 */
export type ExportRecord = Record<string, JsonValue>

/** The value of a cell: a JSON value, or a Date or `undefined` from a transform of the user. */
export type Cell = JsonValue | Date | undefined

/** A flat record: one property per column, no nested variables. */
export type Row = Record<string, Cell>

/** A nested record or a flat row, for code that reads both. Not public. To the compiler it is {@link Row}, but only a `Row` is flat. */
export type RecordOrRow = Row

/** The kind of a report, known after its first page; `'empty'` means a report without records. */
export type ReportKind = 'process' | 'decision' | 'map' | 'hyperMap' | 'number' | 'empty'

/** Fields that this package does not know; later versions of Optimize may add some. */
export interface UnknownFields {
  /** Any JSON value. */
  [field: string]: JsonValue
}

/**
 * The value of a variable: text, also for numbers and booleans; `''` if it is empty, null or missing. Newer servers send an object
 * variable as an array of JSON texts, or as null.
 */
export type VariableValue = string | (string | null)[] | null

/** A process instance of a raw data report. Source: RawDataProcessInstanceDto; dates are text such as `2021-12-02T17:21:49.330+0000`. */
export interface ProcessRecord {
  /** The key of the process definition. */
  processDefinitionKey: string
  /** The id of the process definition, one per version. */
  processDefinitionId: string
  /** The id of the instance, unique in the report. */
  processInstanceId: string
  /** Null when not set; always null in Camunda 8. */
  businessKey: string | null
  /** When the instance started. */
  startDate: string | null
  /** When the instance ended; null while it runs. */
  endDate: string | null
  /** Milliseconds; for a running instance, the time since its start. */
  duration: number | null
  /** The engine or the data source. */
  engineName: string | null
  /** The tenant; null without tenants. */
  tenantId: string | null
  /** The variables by name. */
  variables: Record<string, VariableValue>
  /** Incidents and user tasks of the instance; Optimize 3.11 and 8.3 on. */
  counts?: ProcessCounts
  /** Total duration per flow node, by flow node id; Optimize 3.9 and 8.1 on. */
  flowNodeDurations?: Record<string, FlowNodeDuration>
  /** The flow nodes that the instance went through; Optimize 3.11 and 8.3 on. */
  flowNodeInstances?: FlowNodeInstance[]
  /** Fields that this package does not know; later versions of Optimize may add some. */
  [field: string]: JsonValue | undefined
}

/** See {@link ProcessRecord}. */
export interface ProcessCounts extends UnknownFields {
  /** All incidents. */
  incidents: number
  /** Incidents that are not resolved. */
  openIncidents: number
  /** User tasks. */
  userTasks: number
}

/** See {@link ProcessRecord}. */
export interface FlowNodeDuration extends UnknownFields {
  /** The name in the diagram; null for an unknown id. */
  name: string | null
  /** Milliseconds. */
  value: number | null
}

/** See {@link ProcessRecord}. */
export interface FlowNodeInstance extends UnknownFields {
  /** The id of this instance of the flow node. */
  id: string
  /** The name in the diagram; null or empty if the flow node has none. */
  name: string | null
  /** When it started. */
  startDate: string | null
  /** When it ended; null while it is active. */
  endDate: string | null
}

/** A decision instance of a raw data report (Camunda 7). Source: RawDataDecisionInstanceDto. */
export interface DecisionRecord extends UnknownFields {
  /** The key of the decision definition. */
  decisionDefinitionKey: string
  /** The id of the decision definition, one per version. */
  decisionDefinitionId: string
  /** The id of the evaluation, unique in the report. */
  decisionInstanceId: string
  /** The process instance that evaluated the decision, if one did. */
  processInstanceId: string | null
  /** When the decision was evaluated. */
  evaluationDateTime: string | null
  /** The engine or the data source. */
  engineName: string | null
  /** The tenant; null without tenants. */
  tenantId: string | null
  /** The inputs by clause id. */
  inputVariables: Record<string, DecisionInput>
  /** The outputs by clause id. */
  outputVariables: Record<string, DecisionOutput>
}

/** See {@link DecisionRecord}. */
export interface DecisionInput extends UnknownFields {
  /** The clause id. */
  id: string
  /** The display name. */
  name: string | null
  /** `String`, `Integer`, `Long`, `Double`, `Boolean`, `Date` and others. */
  type: string | null
  /** Text, also for numbers; `''` if the input is missing. */
  value: string | null
}

/** See {@link DecisionRecord}. */
export interface DecisionOutput extends UnknownFields {
  /** The clause id. */
  id: string
  /** The display name. */
  name: string | null
  /** `String`, `Integer`, `Long`, `Double`, `Boolean`, `Date` and others. */
  type: string | null
  /** One text per matching rule, in their order; empty if no rule matched. */
  values: (string | null)[]
}

/** An entry of a report that is grouped. Source: MapResultEntryDto. */
export interface MapEntry extends UnknownFields {
  /** The group: a flow node id, a date, a value of a variable, or `missing`. */
  key: string
  /** The measure; null if the group has none. */
  value: number | null
  /** The name of the group, or else its key. */
  label: string | null
}

/** An entry of a report that is grouped and distributed. Source: HyperMapResultEntryDto. */
export interface HyperMapEntry extends UnknownFields {
  /** The group. */
  key: string
  /** The measure per part of the group. */
  value: MapEntry[]
  /** The name of the group, or else its key. */
  label: string | null
}

/** The only record of a number report. */
export interface NumberRecord extends UnknownFields {
  /** The measure; in milliseconds if it is a duration. */
  value: number
}
