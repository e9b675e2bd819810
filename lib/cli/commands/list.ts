import { listCollectionReports, listNamedCollectionReports } from '../source/collection-reports.js'
import { createServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { exit } from '../errors/exit-codes.js'
import { UsageError } from '../errors/usage-error.js'
import { escapeLine } from '../output/format-text.js'

export async function runList({ settings, stdout, printJson, signal }: Context): Promise<number> {
  const access = await createServerAccess(settings)
  const collectionId = settings.text('collection')
  if (collectionId === undefined) throw new UsageError('nothing to list: give --collection ID')
  const print = <T>(reports: readonly T[], format: (report: T) => readonly string[]) => {
    if (settings.get('json') === true) printJson(reports)
    else for (const report of reports) stdout.write(`${format(report).map(escapeLine).join('\t')}\n`)
  }
  if (settings.get('names') === true)
    print(await listNamedCollectionReports(collectionId, access, settings, signal), ({ id, name = '' }) => [id, name])
  else print(await listCollectionReports(collectionId, access, settings, signal), (id) => [id])
  return exit.complete
}
