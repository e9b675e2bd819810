// The process and decision definitions of the instances of a report.

/** The fields with the id of the definition, which includes its version. */
export const definitionFields = ['processDefinitionId', 'decisionDefinitionId']

/** If there are more, receipts and the history of loads do not list them, and the next load does not compare them. */
export const MAX_DEFINITIONS = 1000
