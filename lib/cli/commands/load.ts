import { createServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { exit } from '../errors/exit-codes.js'
import { loadTable } from '../load/load-table.js'
import { getReportId } from '../source/one-report.js'

export async function runLoad(context: Context): Promise<number> {
  const { settings, printJson } = context
  const access = await createServerAccess(settings)
  const load = await loadTable(getReportId(settings), access, context)
  if (settings.get('json') === true) printJson(load)
  return exit.complete
}
