// Records for tests of loads.

/** Returns a process instance with these fields; the other documented fields have a fixed value or are null. */
export const createInstance = (id: string, fields: Record<string, unknown> = {}) => ({
  processDefinitionKey: 'order',
  processDefinitionId: 'order:1',
  processInstanceId: id,
  businessKey: null,
  startDate: '2024-05-31T06:11:26.123+0000',
  endDate: null,
  duration: 5,
  engineName: null,
  tenantId: null,
  variables: {},
  ...fields,
})

/** Returns this many instances, each with this duration. */
export const createInstances = (count: number, duration: number) =>
  Array.from({ length: count }, (_, at) => createInstance(`id-${at}`, { duration }))
