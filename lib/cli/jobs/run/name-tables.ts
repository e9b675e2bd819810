import type { Settings } from '../../settings.js'
import { REPORT_PLACEHOLDER } from '../file/plan-jobs.js'

/** Returns the settings of a load of one report of a collection: the id of the report replaces `{report}` in the names of the tables. */
export function nameTables(settings: Settings, reportId: string): Settings {
  const id = reportId.replace(/[^A-Za-z0-9]+/g, '_')
  const names = ['table', 'events'].flatMap((name) => {
    const given = settings.text(name)
    return given === undefined ? [] : [[name, given.replaceAll(REPORT_PLACEHOLDER, id)] as const]
  })
  return settings.withHigherJobLevel(Object.fromEntries(names))
}
