import type { Settings } from '../../settings.js'

/** The part of `table` and `events` that stands for the id of a report of a collection. */
export const REPORT_PLACEHOLDER = '{report}'

/** Returns settings in which the names of the tables have the id of the report in place of the placeholder. */
export function fillPlaceholder(settings: Settings, reportId: string): Settings {
  const id = reportId.replace(/[^A-Za-z0-9]+/g, '_')
  const names = ['table', 'events'].flatMap((name) => {
    const given = settings.text(name)
    return given === undefined ? [] : [[name, given.replaceAll(REPORT_PLACEHOLDER, id)] as const]
  })
  return settings.withJobValuesOnTop(Object.fromEntries(names))
}
