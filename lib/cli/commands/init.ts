// `optimize-export init`: writes a commented jobs file for the reports of a collection, or the JSON schema of jobs files.
import { listNamedCollectionReports } from '../collection-reports.js'
import { createConnection } from '../connection.js'
import type { Context } from '../context.js'
import { exit } from '../exit-codes.js'
import { escapeLines } from '../format-text.js'
import { createJobsSchema } from '../jobs/jobs-schema.js'
import { createJobsTemplate } from '../jobs/jobs-template.js'
import { program } from '../program.js'
import { getFormat } from '../targets.js'
import { UsageError } from '../usage-error.js'

/** Prints the file on stdout. */
export async function runInit({ settings, stdout, printJson, signal }: Context): Promise<number> {
  if (settings.get('schema') === true) {
    printJson(createJobsSchema(program.commands))
    return exit.complete
  }
  const collection = settings.text('collection')
  if (collection === undefined) throw new UsageError('no reports: give --collection ID, or --schema')
  const format = getFormat(settings, 'format')
  const connection = await createConnection(settings)
  const reports = await listNamedCollectionReports(collection, connection, signal)
  stdout.write(escapeLines(createJobsTemplate(settings.text('url')!, reports, format)))
  return exit.complete
}
