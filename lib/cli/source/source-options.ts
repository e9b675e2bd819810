// The options of exportStream() for a command that reads a whole report.
import type { Settings } from '../settings.js'
import { sourceFlags } from '../flags/source-flags.js'

/** One page is fetched ahead, because the server then works while a page is encoded and written. */
const DEFAULT_PREFETCH = 1

/** Reads the options from the settings. With `maxRecords`, a page that is fetched ahead could be one too many. */
export function readSourceOptions(settings: Settings): ReturnType<Settings['options']> {
  const options = settings.options(sourceFlags)
  return 'maxRecords' in options ? options : { prefetch: DEFAULT_PREFETCH, ...options }
}
