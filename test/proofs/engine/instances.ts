// Process instances as Optimize's export API shows them, and the indices that hold them.
import type { OpenSearch } from './opensearch.js'

export type Instance = Record<string, unknown> & { readonly processInstanceId: string; readonly startDate: string }

/** The number of consecutive instances with one start date, so that ties cross the borders of pages. */
const TIED = 100
const BULK = 2500

const mappings = {
  properties: {
    processInstanceId: { type: 'keyword' },
    startDate: { type: 'date', format: "yyyy-MM-dd'T'HH:mm:ss.SSSZ" },
    variables: { type: 'object', enabled: false },
    flowNodeDurations: { type: 'object', enabled: false },
    flowNodeInstances: { type: 'object', enabled: false },
  },
}

/** The id of an instance, by its number from 0. */
export const idOf = (n: number, prefix = 'pi'): string => `${prefix}-${String(n).padStart(6, '0')}`

/** An instance, by its number from 0. */
export function instanceOf(n: number, prefix = 'pi'): Instance {
  const startMs = 1_700_000_000_000 + Math.floor(n / TIED) * 60_000
  const duration = 1000 * (n % 977)
  return {
    processDefinitionKey: 'invoice',
    processDefinitionId: 'invoice:1:4711',
    processInstanceId: idOf(n, prefix),
    counts: { incidents: n % 3, openIncidents: 0, userTasks: n % 5 },
    flowNodeDurations: { approve: { name: 'Approve', value: n % 1000 } },
    businessKey: n % 4 === 0 ? null : `key, "${n}"`,
    startDate: date(startMs),
    endDate: n % 7 === 0 ? null : date(startMs + duration),
    duration,
    engineName: 'camunda-bpm',
    tenantId: null,
    variables: {
      amount: (n * 1.5).toFixed(2),
      approved: String(n % 2 === 0),
      customer: `Müller ${n % 331} & Söhne\n=1+1`,
      note: 'x'.repeat(n % 300),
    },
    flowNodeInstances: [{ id: `${n}:0`, name: 'Approve', startDate: date(startMs), endDate: null }],
  }
}

const date = (epochMs: number) => new Date(epochMs).toISOString().replace('Z', '+0000')

export interface IndexPlan {
  readonly shards: number
  readonly records: number
  /** The beginning of their ids. */
  readonly prefix?: string
}

/** Creates an index, in place of an older one with this name, and fills it. */
export async function fillIndex(engine: OpenSearch, index: string, { shards, records, prefix }: IndexPlan) {
  await engine.must('DELETE', `/${index}?ignore_unavailable=true`)
  const settings = { number_of_shards: shards, number_of_replicas: 0 }
  await engine.must('PUT', `/${index}`, { settings, mappings })
  for (let from = 0; from < records; from += BULK) {
    const size = Math.min(BULK, records - from)
    const lines = Array.from({ length: size }, (_, at) => {
      const instance = instanceOf(from + at, prefix)
      return `{"index":{"_id":"${instance.processInstanceId}"}}\n${JSON.stringify(instance)}\n`
    })
    const { errors } = await engine.must<{ errors: boolean }>('POST', `/${index}/_bulk`, lines.join(''))
    if (errors) throw new Error(`not all instances could be written to ${index}`)
  }
  await engine.must('POST', `/${index}/_refresh`)
}
