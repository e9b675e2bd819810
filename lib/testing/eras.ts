// The differences between versions, as data (docs/server.md 2.1, 2.2, 5.1 and section 7).

/**
 * A group of versions that behave alike:
 * - `'3.7'`: Optimize 3.7, the first with the data export API
 * - `'8.6'`: 3.8 to 3.13 for Camunda 7, and 8.1 to 8.6; the fields are as in 3.11
 * - `'8.7'`: 8.7
 * - `'8.8'`: 8.8 to 8.10
 */
export type Era = '3.7' | '8.6' | '8.7' | '8.8'

export interface EraRules {
  /** The server also accepts `?access_token=` and `Authorization: secret` without a scheme. One valid token is enough. */
  readonly acceptsBareTokens: boolean
  /** A refused token gets JSON and a removed cookie; if false, an empty body with a challenge. */
  readonly rejectsWithJson: boolean
  /** If set, the answer to an unknown or a combined report or an expired search is a 500 that names an exception of this Java package. */
  readonly exceptionPackage?: string
  /** The answer to a report without a definition key is a 400 whose body contains the definition of the report; if false, a 500. */
  readonly hasReportInRefusal: boolean
  /** `counts`, `flowNodeDurations` and `flowNodeInstances` exist. */
  readonly hasFlowNodes: boolean
  /** Instances may have a business key. */
  readonly hasBusinessKeys: boolean
  /** Ids are UUIDs, as in Camunda 7; if false, Zeebe keys. */
  readonly hasUuids: boolean
  readonly contentType: string
  /** Returns the reason of an expired search as this version words it. */
  readonly formatExpiredReason: (reason: string) => string
  /** Returns the name of an invalid parameter in the form of Jersey or Spring. */
  readonly formatProperty: (parameter: string) => string
  /** The status for a URL of more than 8192 bytes. */
  readonly urlTooLongStatus: 414 | 431
  /** For raw data, a blank number counts as null, so the defaults of the user interface apply. If false, it is invalid. */
  readonly isBlankNumberNull: boolean
}

/** The rules of '8.6'. Each other era has those that differ. */
const rulesOf86 = {
  acceptsBareTokens: false,
  rejectsWithJson: false,
  hasReportInRefusal: true,
  hasFlowNodes: true,
  hasBusinessKeys: true,
  hasUuids: true,
  contentType: 'application/json',
  formatExpiredReason: (reason: string) => reason,
  formatProperty: (parameter: string) => `exportReportData.arg1.${parameter}`,
  urlTooLongStatus: 414,
  isBlankNumberNull: false,
} as const satisfies EraRules

export const rulesByEra: Readonly<Record<Era, EraRules>> = {
  '3.7': {
    ...rulesOf86,
    acceptsBareTokens: true,
    rejectsWithJson: true,
    hasFlowNodes: false,
    formatExpiredReason: (reason) =>
      `Elasticsearch exception [type=search_context_missing_exception, reason=${reason}]`,
  },
  '8.6': rulesOf86,
  '8.7': {
    ...rulesOf86,
    exceptionPackage: 'jakarta.ws.rs',
    hasReportInRefusal: false,
    hasBusinessKeys: false,
    hasUuids: false,
  },
  '8.8': {
    ...rulesOf86,
    exceptionPackage: 'io.camunda.optimize.rest.exceptions',
    hasBusinessKeys: false,
    hasUuids: false,
    contentType: 'application/json;charset=UTF-8',
    formatProperty: (parameter) => parameter,
    urlTooLongStatus: 431,
    isBlankNumberNull: true,
  },
}
