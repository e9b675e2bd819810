import { exportStream, profileColumns, type ColumnProfile, type ExportStream, type Row } from '../../index.js'
import { describeServerMessage } from '../../shared/export-events.js'
import { formatColumnLines, formatMarkdown, formatOnOneLine } from '../inspect/column-dictionary.js'
import { createServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { exit } from '../errors/exit-codes.js'
import { getReportId } from '../source/one-report.js'
import { readSampleOptions } from '../source/source-options.js'
import { compareFlags } from '../flags/inspect-flags.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'
import { createExportTask } from '../progress/progress-text.js'
import { formatBytes, formatCount, pluralize, formatDuration, escapeLine } from '../output/format-text.js'

type ReportProfile = ReturnType<typeof createProfile>

export async function runInspect(context: Context): Promise<number> {
  const { settings, stdout, printJson, progress, signal } = context
  const access = await createServerAccess(settings)
  const reportId = getReportId(settings)
  const [isAll, isJson, isMarkdown, isCompared] = ['all', 'json', 'markdown', 'compare'].map(
    (name) => settings.get(name) === true,
  )
  if (isJson && isMarkdown) throw new UsageError('--json and --markdown: expected one of them')
  if (!isCompared) throwIfLoadFlag(settings)
  const source = exportStream({ ...readSampleOptions(settings), ...access, reportId, signal })
  const started = performance.now()
  let seconds = 0
  source.on('page', () => (seconds = (performance.now() - started) / 1000))
  const pageTask = { label: reportId, share: () => 0, text: () => 'requesting the first records' }
  const stopProgress = progress.follow(isAll ? createExportTask(reportId, source.stats, Infinity) : pageTask)
  const columns = await profileColumns(source as AsyncIterable<Row>).finally(stopProgress)
  if (isAll) seconds = (performance.now() - started) / 1000
  const profile = createProfile(reportId, source, columns, seconds)
  // imported here, because an inspection without `--compare` needs no database
  const compared = isCompared
    ? await (await import('../inspect/compare-with-load.js')).compareWithLoad(reportId, access, context)
    : undefined
  if (isJson) printJson({ ...profile, ...(compared && { comparison: compared.comparison }) })
  else stdout.write(isMarkdown ? formatDictionary(profile) : formatProfile(profile, compared?.lines ?? []))
  return exit.complete
}

/** Throws a UsageError for a flag of a load. A configuration file may have it, because the file may also be for loads. */
function throwIfLoadFlag(settings: Settings): void {
  const { values } = settings.levels.find(({ from }) => from === 'flags')!
  const flag = compareFlags.flatMap(({ flags }) => flags).find(({ name }) => values[name] !== undefined)
  if (flag) throw settings.createError(flag.name, 'needs --compare')
}

function createProfile(reportId: string, source: ExportStream, columns: readonly ColumnProfile[], seconds: number) {
  const { records, total = 0, bytes: size, message } = source.stats
  // the size of the report as a multiple of the sample; the sample of a report without raw data is the whole report
  const factor = records === 0 ? 0 : Math.max(1, total / records)
  return {
    reportId,
    kind: source.kind,
    total,
    records,
    bytesPerRecord: records === 0 ? 0 : Math.round(size / records),
    estimatedBytes: Math.round(size * factor),
    estimatedSeconds: Number((seconds * factor).toFixed(3)),
    message,
    warnings: createWarnings(source.kind, columns),
    columns,
  }
}

function createWarnings(kind: string | undefined, columns: readonly ColumnProfile[]): string[] {
  return [
    ...columns.flatMap(({ name, warnings }) => warnings.map((warning) => `${formatOnOneLine(name)}: ${warning}`)),
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
  hyperMap: 'a hyper-map: groups, each with keys and values',
  number: 'one number',
}

const describeKind = (kind: string | undefined) => kindTexts[String(kind)] ?? 'no data'

function formatProfile(profile: ReportProfile, comparison: readonly string[]): string {
  const { reportId, kind, total, records, bytesPerRecord, estimatedBytes, estimatedSeconds } = profile
  const { message, warnings, columns } = profile
  const width = Math.max(6, ...columns.map(({ type }) => type.length))
  const rows = [
    `report    ${reportId}`,
    `kind      ${describeKind(kind)}`,
    `total     ${pluralize(total, 'record')}`,
    `sample    ${pluralize(records, 'record')}, ${formatBytes(bytesPerRecord)} of JSON each`,
    `estimate  about ${formatBytes(estimatedBytes)} of JSON for the whole report, in about ${formatDuration(estimatedSeconds)}`,
    ...(message === undefined ? [] : [describeServerMessage(message)]),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(columns.length === 0 ? [] : ['', `filled  ${'type'.padEnd(width)}  column`]),
    ...formatColumnLines(columns),
    ...comparison,
  ]
  return `${rows.map(escapeLine).join('\n')}\n`
}

function formatDictionary({ reportId, kind, total, records, columns }: ReportProfile): string {
  const read = records >= total ? 'all records' : `the first ${pluralize(records, 'record')} of ${formatCount(total)}`
  const facts = [`${describeKind(kind)}; from ${read}`, 'The examples and values are data of the report.']
  return `${formatMarkdown(`Columns of report ${reportId}`, facts, columns).join('\n')}\n`
}
