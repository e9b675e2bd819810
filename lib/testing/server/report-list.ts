// The endpoints of lists: the reports of a collection, and the definitions of reports (docs/server.md section 8).
import { getReport, isRaw, type ReportState, type ServerState } from './server-state.js'
import type { Reply } from './reply-factory.js'

export function createReportListReply({ settings, replies }: ServerState, query: URLSearchParams): Reply {
  const collectionId = query.get('collectionId')
  if (!collectionId) {
    return replies.error(400, 'badRequestError', 'Must specify a collection ID for this request.')
  }
  const ids = Object.hasOwn(settings.collections, collectionId) ? settings.collections[collectionId]! : []
  const reports = ids.map((id) => ({ id }))
  return replies.json(200, reports)
}

/** @param body a JSON array of report ids */
export function createDefinitionsReply(state: ServerState, body: string): Reply {
  const { replies, knownReportIds } = state
  const ids = parseIds(body)
  if (!ids) return replies.error(400, 'badRequestError', 'Expected an array of report ids.')
  const unknown = ids.filter((id) => !knownReportIds.has(id))
  if (unknown.length > 0) {
    return replies.error(404, 'notFoundError', `Could not find reports with IDs [${unknown.join(', ')}]`)
  }
  const definitions = ids.map((id) => createDefinition(getReport(state, id), id))
  return replies.json(200, definitions)
}

function parseIds(body: string): string[] | undefined {
  try {
    const ids: unknown = JSON.parse(body)
    return Array.isArray(ids) && ids.every((id) => typeof id === 'string') ? ids : undefined
  } catch {
    return undefined
  }
}

function createDefinition({ settings }: ReportState, id: string) {
  const { report, name } = settings
  const view = isRaw(settings)
    ? { entity: null, properties: ['rawData'] }
    : { entity: 'processInstance', properties: ['frequency'] }
  return {
    exportEntityType: report === 'decision' ? 'single_decision_report' : 'single_process_report',
    id,
    name: name ?? `Report ${id}`,
    sourceIndexVersion: 8,
    collectionId: null,
    combined: report === 'combined',
    data: report === 'combined' ? { reports: [] } : { view: report === 'incomplete' ? null : view, definitions: [] },
  }
}
