import { collectionIdOf, listNamedReports, listReports, type NamedReport } from '../../index.js'
import type { ServerAccess } from '../access/server-access.js'
import type { Settings } from '../settings.js'
import { readHeaders } from './source-options.js'

/**
 * Returns the ids of the reports in a collection.
 *
 * @throws Error if the list is empty, because Optimize also sends an empty list if the collection does not exist.
 */
export async function listCollectionReports(
  collection: string,
  access: ServerAccess,
  settings: Settings,
  signal: AbortSignal,
): Promise<string[]> {
  const collectionId = collectionIdOf(collection)
  const reports: string[] = []
  for await (const id of listReports({ ...access, headers: readHeaders(settings), collectionId, signal }))
    reports.push(id)
  return throwIfEmpty(reports, collectionId)
}

export async function listNamedCollectionReports(
  collection: string,
  access: ServerAccess,
  settings: Settings,
  signal: AbortSignal,
): Promise<NamedReport[]> {
  const collectionId = collectionIdOf(collection)
  return throwIfEmpty(
    await listNamedReports({ ...access, headers: readHeaders(settings), collectionId, signal }),
    collectionId,
  )
}

function throwIfEmpty<T>(reports: T[], collectionId: string): T[] {
  if (reports.length > 0) return reports
  throw new Error(`collection ${collectionId}: it has no reports, or does not exist`)
}
