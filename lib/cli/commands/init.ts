// `optimize-export init`: prints a commented jobs file for the reports of a collection, or the JSON schema of jobs files.
import { listNamedCollectionReports } from '../source/collection-reports.js'
import { createServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { exit } from '../errors/exit-codes.js'
import { escapeLines } from '../output/format-text.js'
import { createJobsSchema } from '../jobs/file/jobs-schema.js'
import { createJobsTemplate, getSchemaPath } from '../jobs/file/jobs-template.js'
import { readFormat } from '../flags/formats.js'
import { isInstalledGlobally } from '../../shared/package-version.js'
import { createDestination } from '../load/databases.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'

export async function runInit({ settings, stdout, printJson, signal }: Context): Promise<number> {
  if (settings.get('schema') === true) {
    printJson(createJobsSchema())
    return exit.complete
  }
  const collection = settings.text('collection')
  if (collection === undefined) throw new UsageError('nothing to print: give --collection ID, or --schema')
  const { into, mode } = readDatabase(settings)
  const format = readFormat(settings, 'format')
  const access = await createServerAccess(settings)
  const reports = await listNamedCollectionReports(collection, access, settings, signal)
  const options = { schema: getSchemaPath(isInstalledGlobally(import.meta.dirname)), into, mode, format }
  stdout.write(escapeLines(createJobsTemplate(getUrl(settings), reports, options)))
  return exit.complete
}

/** Returns the address of the server. An address from OPTIMIZE_URL becomes a reference, so that the jobs file is for any server. */
function getUrl(settings: Settings): string {
  const level = settings.levels.find(({ values }) => values['url'] !== undefined)
  return level?.from === 'environment' ? '${OPTIMIZE_URL}' : settings.text('url')!
}

/** Returns the database and the mode of the jobs, both checked. Ignores OPTIMIZE_INTO, which may contain a password. */
function readDatabase(settings: Settings): { into: string | undefined; mode: string | undefined } {
  const flags = settings.levels.find(({ from }) => from === 'flags')?.values
  const [into, mode] = [flags?.['into'] as string | undefined, settings.text('mode')]
  if (into !== undefined) createDestination(settings)
  if (into !== undefined && settings.get('format') !== undefined)
    throw settings.createError('format', 'is for files, not for --into')
  if (mode !== undefined && into === undefined) throw settings.createError('mode', 'needs --into')
  settings.checkWord('mode')
  return { into, mode }
}
