// `optimize-export init`: writes a commented jobs file for the reports of a collection, or the JSON schema of jobs files.
import { collectionIdOf, listNamedReports } from '../../index.js'
import { createConnection } from '../connection.js'
import type { Context } from '../context.js'
import { exit } from '../exit-codes.js'
import { escapeLines } from '../format-text.js'
import { createJobsSchema } from '../jobs/jobs-schema.js'
import { createJobsTemplate } from '../jobs/jobs-template.js'
import { program } from '../program.js'
import { UsageError } from '../usage-error.js'

/** Prints the file on stdout. */
export async function runInit({ settings, stdout, printJson, signal }: Context): Promise<number> {
  if (settings.get('schema') === true) {
    printJson(createJobsSchema(program.commands))
    return exit.complete
  }
  const collection = settings.text('collection')
  if (collection === undefined) throw new UsageError('no reports: give --collection ID, or --schema')
  const connection = await createConnection(settings)
  const collectionId = collectionIdOf(collection, connection.baseUrl)
  const reports = await listNamedReports({ ...connection, collectionId, signal })
  if (reports.length === 0) throw new Error(`collection ${collection}: it has no reports, or does not exist`)
  stdout.write(escapeLines(createJobsTemplate(settings.text('url')!, reports)))
  return exit.complete
}
