import { DEFAULT_LIMIT } from '../../shared/source-defaults.js'
import type { Settings } from '../settings.js'
import { sourceFlags } from '../flags/source-flags.js'

/** One page is fetched ahead, because the server then works while a page is encoded and written. */
const DEFAULT_PREFETCH = 1

/** Reads the options of an export. With `maxRecords` no page is fetched ahead by default, because that page could be one too many. */
export function readSourceOptions(settings: Settings): ReturnType<Settings['options']> {
  const options = readOptions(settings)
  return 'maxRecords' in options ? options : { prefetch: DEFAULT_PREFETCH, ...options }
}

/** Reads the options for the first records of a report: as many as `maxRecords`, else one page; with `--all` the whole report. */
export function readSampleOptions(settings: Settings): ReturnType<Settings['options']> {
  const options = readOptions(settings)
  const maxRecords = settings.get('all') === true ? undefined : (options['limit'] ?? DEFAULT_LIMIT)
  return { maxRecords, ...options }
}

/** Returns the records after which an export ends early; Infinity without `--max-records`. */
export const readMaxRecords = (settings: Settings): number => Number(settings.get('maxRecords') ?? Infinity)

function readOptions(settings: Settings): ReturnType<Settings['options']> {
  readHeaders(settings)
  return settings.options(sourceFlags)
}

/** Returns the headers for requests to Optimize. */
export function readHeaders(settings: Settings): Readonly<Record<string, string>> | undefined {
  const headers = settings.get('headers')
  if (typeof headers === 'string') throw settings.createError('headers', 'expected name:value')
  return headers as Readonly<Record<string, string>> | undefined
}
