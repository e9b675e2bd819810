// `optimize-export list`: the reports of a collection, an id a line.
import { listCollectionReports } from '../collection-reports.js'
import { createConnection } from '../connection.js'
import type { Context } from '../context.js'
import { exit } from '../failures.js'
import { UsageError } from '../usage-error.js'
import { escapeLine } from '../format-text.js'

/** Lists what a collection has to export. */
export async function runList({ settings, stdout, printJson, signal }: Context): Promise<number> {
  const connection = await createConnection(settings)
  const collectionId = settings.text('collection')
  if (collectionId === undefined) throw new UsageError('nothing to list: give --collection ID')
  const reports = await listCollectionReports(collectionId, connection, signal)
  if (settings.get('json') === true) printJson(reports)
  else for (const id of reports) stdout.write(`${escapeLine(id)}\n`)
  return exit.complete
}
