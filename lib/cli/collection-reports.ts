// The reports of a collection.
import { collectionIdOf, listReports } from '../index.js'
import type { Connection } from './connection.js'

/**
 * The ids of the reports.
 *
 * @throws Error if there are none: Optimize answers with an empty list also for a collection that does not exist.
 */
export async function listCollectionReports(
  collection: string,
  connection: Connection,
  signal: AbortSignal,
): Promise<string[]> {
  const collectionId = collectionIdOf(collection)
  const reports: string[] = []
  for await (const id of listReports({ ...connection, collectionId, signal })) reports.push(id)
  if (reports.length > 0) return reports
  throw new Error(`collection ${collectionId}: it has no reports, or does not exist`)
}
