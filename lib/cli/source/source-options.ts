import type { Settings } from '../settings.js'
import { sourceFlags } from '../flags/source-flags.js'

/** One page is fetched ahead, because the server then works while a page is encoded and written. */
const DEFAULT_PREFETCH = 1

/** Reads the options from the settings. With `maxRecords` no page is fetched ahead by default, because that page could be one too many. */
export function readSourceOptions(settings: Settings): ReturnType<Settings['options']> {
  const options = settings.options(sourceFlags)
  return 'maxRecords' in options ? options : { prefetch: DEFAULT_PREFETCH, ...options }
}
