// `optimize-export list`: the reports of a collection, an id a line.
import { reportsIn } from '../collection.js'
import { connectionOf } from '../connection.js'
import type { Context } from '../context.js'
import { exit } from '../failures.js'
import { UsageError } from '../usage-error.js'
import { oneLine } from '../words.js'

/** Lists what a collection has to export. */
export async function runList({ settings, stdout, answer, signal }: Context): Promise<number> {
  const connection = await connectionOf(settings)
  const collectionId = settings.text('collection')
  if (collectionId === undefined) throw new UsageError('nothing to list: give --collection ID')
  const reports = await reportsIn(collectionId, connection, signal)
  if (settings.get('json') === true) answer(reports)
  else for (const id of reports) stdout.write(`${oneLine(id)}\n`)
  return exit.complete
}
