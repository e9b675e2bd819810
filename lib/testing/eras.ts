// The differences between versions, as data (docs/server.md 2.1, 2.2, 5.1 and section 7).

/** A group of versions that behave alike: 3.7 (Camunda 7); 8.6 is also 3.11 to 3.13; 8.8 is also 8.9 and 8.10. */
export type Era = '3.7' | '8.6' | '8.7' | '8.8'

export interface EraRules {
  /** `?access_token=` and a bare `Authorization: secret` are credentials too, and any right one is enough. */
  readonly looseTokens: boolean
  /** The package of the exceptions whose text is all that a 500 says of the real refusal; undefined: refusals have their own status. */
  readonly wraps?: string
  /** A report without a definition is 400 with the definition in the body, not a wrapped 500. */
  readonly explainsIncomplete: boolean
  /** `counts`, `flowNodeDurations` and `flowNodeInstances` exist. */
  readonly flowNodes: boolean
  /** Instances may have a business key. */
  readonly businessKeys: boolean
  readonly contentType: string
  /** What the reason of an expired search is wrapped in. */
  readonly expiredReason: (reason: string) => string
  /** Jersey's or Spring's name of an invalid parameter. */
  readonly property: (parameter: string) => string
  /** A URL beyond 8192 bytes. */
  readonly urlTooLong: 414 | 431
  /** A blank number is null and finds the user interface's defaults, instead of being no number. */
  readonly blankIsNull: boolean
}

const jersey = {
  looseTokens: false,
  explainsIncomplete: true,
  flowNodes: true,
  businessKeys: true,
  contentType: 'application/json',
  expiredReason: (reason: string) => reason,
  property: (parameter: string) => `exportReportData.arg1.${parameter}`,
  urlTooLong: 414,
  blankIsNull: false,
} as const satisfies EraRules

export const eraRules: Readonly<Record<Era, EraRules>> = {
  '3.7': {
    ...jersey,
    looseTokens: true,
    flowNodes: false,
    expiredReason: (reason) => `Elasticsearch exception [type=search_context_missing_exception, reason=${reason}]`,
  },
  '8.6': jersey,
  '8.7': { ...jersey, wraps: 'jakarta.ws.rs', explainsIncomplete: false, businessKeys: false },
  '8.8': {
    ...jersey,
    wraps: 'io.camunda.optimize.rest.exceptions',
    businessKeys: false,
    contentType: 'application/json;charset=UTF-8',
    property: (parameter) => parameter,
    urlTooLong: 431,
    blankIsNull: true,
  },
}
