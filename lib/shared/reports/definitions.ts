/** The fields with the id of the process or decision definition, which includes its version. */
export const definitionFields = ['processDefinitionId', 'decisionDefinitionId']

/** If a report has more definitions, receipts and the history of loads list none, and the next load does not compare them. */
export const MAX_DEFINITIONS = 1000
