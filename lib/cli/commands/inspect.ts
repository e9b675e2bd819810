// `optimize-export inspect`: describes a report from one page of it.
import {
  exportStream,
  profileColumns,
  reportIdOf,
  type ColumnProfile,
  type ExportRecord,
  type ExportStream,
} from '../../index.js'
import type { ComparedTable } from '../compare-table.js'
import { createConnection, type Connection } from '../connection.js'
import type { Context } from '../context.js'
import { exit } from '../exit-codes.js'
import type { Settings } from '../settings.js'
import { sourceFlags } from '../source-flags.js'
import { UsageError } from '../usage-error.js'
import { formatBytes, formatCount, pluralize, formatDuration, escapeLine, formatPercent } from '../format-text.js'

/** What one page tells about a report. */
interface ReportProfile {
  readonly reportId: string
  readonly kind: string | undefined
  readonly total: number
  readonly records: number
  readonly bytesPerRecord: number
  readonly estimatedBytes: number
  readonly estimatedSeconds: number
  readonly message: string | undefined
  readonly warnings: readonly string[]
  readonly columns: readonly ColumnProfile[]
}

/** Reads one page and prints the profile. */
export async function runInspect(context: Context): Promise<number> {
  const { settings, stdout, printJson, progress, signal } = context
  const connection = await createConnection(settings)
  const reportId = getReportId(settings)
  const options = settings.options(sourceFlags)
  const maxRecords = options['maxRecords'] ?? options['limit'] ?? 1000
  const source = exportStream({ maxRecords: maxRecords as number, ...options, ...connection, reportId, signal })
  const started = performance.now()
  let seconds = 0
  source.once('page', () => (seconds = (performance.now() - started) / 1000))
  const stopProgress = progress.follow({ label: reportId, share: () => 0, text: () => 'requesting one page' })
  const records = await source.toArray().finally(stopProgress)
  const profile = createProfile(reportId, source, records, seconds)
  const compared = settings.get('compare') === true ? await compare(reportId, connection, context) : undefined
  if (settings.get('json') === true) printJson({ ...profile, ...(compared && { comparison: compared.comparison }) })
  else stdout.write(formatProfile(profile, compared?.lines ?? []))
  return exit.complete
}

/** Compares the report with its table. The databases are imported only here, because most inspections need none. */
async function compare(reportId: string, connection: Connection, context: Context): Promise<ComparedTable> {
  const { compareTable } = await import('../compare-table.js')
  return compareTable(reportId, connection, context)
}

function getReportId(settings: Settings): string {
  const reports = settings.get('report')
  if (Array.isArray(reports) && reports.length === 1 && typeof reports[0] === 'string') return reportIdOf(reports[0])
  throw new UsageError('nothing to inspect: give one --report ID')
}

function createProfile(
  reportId: string,
  source: ExportStream,
  records: ExportRecord[],
  seconds: number,
): ReportProfile {
  const { total = 0, bytes: size, message } = source.stats
  const columns = profileColumns(records)
  // a report without raw data has only one page
  const share = records.length === 0 ? 0 : Math.max(1, total / records.length)
  return {
    reportId,
    kind: source.kind,
    total,
    records: records.length,
    bytesPerRecord: records.length === 0 ? 0 : Math.round(size / records.length),
    estimatedBytes: Math.round(size * share),
    estimatedSeconds: Number((seconds * share).toFixed(3)),
    message,
    warnings: createWarnings(source.kind, columns, records.length),
    columns,
  }
}

function createWarnings(kind: string | undefined, columns: readonly ColumnProfile[], records: number): string[] {
  const hidden = columns.filter(({ placeholders }) => placeholders > 0)
  return [
    ...hidden.map(
      ({ name, placeholders }) =>
        `${name} is <<OBJECT_VARIABLE_VALUE>> in ${formatCount(placeholders)} of ${pluralize(records, 'record')}: this version of Optimize does not export object variables`,
    ),
    ...(kind === 'map' || kind === 'hyperMap' || kind === 'number'
      ? ['if the report has several measures, Optimize exports only the first']
      : []),
    ...(kind === 'empty' ? ['the report has no data'] : []),
  ]
}

const kindTexts: Readonly<Record<string, string>> = {
  process: 'process instances, raw data',
  decision: 'decision instances, raw data',
  map: 'a map of groups and values',
  hyperMap: 'a map of groups of groups and values',
  number: 'one number',
}

function formatProfile(profile: ReportProfile, comparison: readonly string[]): string {
  const { reportId, kind = '', total, records, bytesPerRecord, estimatedBytes, estimatedSeconds } = profile
  const { message, warnings, columns } = profile
  const width = Math.max(6, ...columns.map(({ type }) => type.length))
  const rows = [
    `report    ${reportId}`,
    `kind      ${kindTexts[kind] ?? 'no data'}`,
    `total     ${pluralize(total, 'record')}`,
    `sample    ${pluralize(records, 'record')}, ${formatBytes(bytesPerRecord)} of JSON each`,
    `estimate  about ${formatBytes(estimatedBytes)} of JSON for the whole report, in about ${formatDuration(estimatedSeconds)}`,
    ...(message === undefined ? [] : [`Optimize says: ${message}`]),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(columns.length === 0 ? [] : ['', `filled  ${'type'.padEnd(width)}  column`]),
    ...columns.map(
      ({ name, type, filled }) =>
        `${(filled > 0 && filled < 0.01 ? '<1%' : formatPercent(filled)).padStart(6)}  ${type.padEnd(width)}  ${formatName(name)}`,
    ),
    ...comparison,
  ]
  return `${rows.map(escapeLine).join('\n')}\n`
}

/** Returns a column name on one line. Names of variables may contain line breaks. */
const formatName = (name: string) => (/[\p{Cc}]/u.test(name) ? JSON.stringify(name) : name)
