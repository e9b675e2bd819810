// The process and decision definitions of the instances of a report.

/** The fields with the id of the definition, which includes its version. */
export const definitionFields = ['processDefinitionId', 'decisionDefinitionId']

/** Definitions are recorded and compared if there are at most this many. */
export const MAX_DEFINITIONS = 1000
