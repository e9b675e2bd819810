// `optimize-export list`: prints the ids and the names of the reports in a collection, one per line.
import { listNamedCollectionReports } from '../collection-reports.js'
import { createConnection } from '../connection.js'
import type { Context } from '../context.js'
import { exit } from '../exit-codes.js'
import { UsageError } from '../usage-error.js'
import { escapeLine } from '../format-text.js'

/** Lists the reports in a collection. */
export async function runList({ settings, stdout, printJson, signal }: Context): Promise<number> {
  const connection = await createConnection(settings)
  const collectionId = settings.text('collection')
  if (collectionId === undefined) throw new UsageError('nothing to list: give --collection ID')
  const reports = await listNamedCollectionReports(collectionId, connection, signal)
  if (settings.get('json') === true) printJson(reports)
  else
    for (const { id, name } of reports)
      stdout.write(
        `${[id, name]
          .filter((text) => text !== undefined)
          .map(escapeLine)
          .join('\t')}\n`,
      )
  return exit.complete
}
