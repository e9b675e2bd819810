// `optimize-export list`: the reports of a collection, an id a line.
import { listReports } from '../../index.js'
import { connectionOf } from '../connection.js'
import { printJson, type Context } from '../context.js'
import { exit } from '../failures.js'
import { UsageError } from '../usage-error.js'

/** Lists what a collection has to export. */
export async function runList({ settings, stdout, progress, signal }: Context): Promise<number> {
  const connection = await connectionOf(settings)
  const collectionId = settings.text('collection')
  if (collectionId === undefined) throw new UsageError('nothing to list: give --collection ID')
  const reports: string[] = []
  for await (const id of listReports({ ...connection, collectionId, signal })) reports.push(id)
  if (settings.get('json') === true) printJson(stdout, reports)
  else for (const id of reports) stdout.write(`${id}\n`)
  if (reports.length === 0) progress.note(`collection ${collectionId} has no reports, or does not exist`)
  return exit.complete
}
