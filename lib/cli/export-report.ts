// One report into its files: one search on the server, every record once, all files whole or none.
import { createGzip } from 'node:zlib'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomicFiles, ExportError, exportStream, flowNodeEvents, type ExportStream } from '../index.js'
import type { Connection } from './connection.js'
import type { Context } from './context.js'
import { createEventEncoder, createRecordEncoder, getStrict } from './encoders.js'
import { readOutcome, createOutputFile, type Outcome, type OutputFile } from './outcome.js'
import type { Progress } from './progress/progress.js'
import { formatProgress, computeShare } from './progress/progress-text.js'
import type { Settings } from './settings.js'
import { sourceFlags } from './source-flags.js'
import type { Targets } from './targets.js'
import { pluralize, formatDuration, escapeLine } from './format-text.js'

interface PreparedExport {
  readonly source: ExportStream
  readonly outputFiles: readonly OutputFile[]
}

/** A report and its targets. */
export interface ExportJob {
  readonly reportId: string
  readonly targets: Targets
  readonly connection: Connection
}

/** Throws an OptionError or a UsageError for what cannot be asked for; nothing is requested. */
export function checkJob(job: ExportJob, settings: Settings): void {
  prepare(job, settings).source.destroy()
}

/** Exports a report. Rejects with what failed; then nothing is at the paths that was not there before. */
export async function exportReport(job: ExportJob, context: Context): Promise<Outcome> {
  const { settings, signal, progress, stdout, flush } = context
  const prepared = prepare(job, settings, signal)
  const { stats } = prepared.source
  const label = getLabel(job)
  const maxRecords = Number(settings.get('maxRecords') ?? Infinity)
  const started = performance.now()
  const text = () => formatProgress(stats, maxRecords, (performance.now() - started) / 1000)
  showEvents(prepared, label, progress)
  const stopProgress = progress.follow({ label, share: () => computeShare(stats, maxRecords), text })
  try {
    await writeFiles(prepared, stdout, signal)
    // stdout may still fail to print what it has taken; a file cannot
    if (isToStdout(job)) await flush()
  } finally {
    stopProgress()
  }
  return readOutcome(prepared.outputFiles)
}

const isToStdout = ({ targets: { records } }: ExportJob) => records !== undefined && records.path === undefined

/** The name of an export on the screen. */
export function getLabel({ targets: { records, events } }: ExportJob): string {
  const path = (records ?? events)?.path
  return path === undefined ? 'stdout' : basename(path)
}

function prepare(
  { reportId, targets, connection }: ExportJob,
  settings: Settings,
  signal?: AbortSignal,
): PreparedExport {
  const { records, events } = targets
  const source = exportStream({ ...settings.options(sourceFlags), ...connection, reportId, signal })
  const outputFiles: OutputFile[] = []
  if (records) outputFiles.push(createOutputFile(source, reportId, records, createRecordEncoder(settings, records)))
  if (events) {
    const fields = settings.get('fields') as string[] | undefined
    const toRows = flowNodeEvents({ fields, strict: getStrict(settings) === true })
    outputFiles.push(
      createOutputFile(source, reportId, events, createEventEncoder(settings, events, !records), [toRows]),
    )
  }
  return { source, outputFiles }
}

/** Both branches or none: what is written to a file appears when all of it is on the disk, of both. */
async function writeFiles(
  { source, outputFiles }: PreparedExport,
  stdout: Writable,
  signal: AbortSignal,
): Promise<void> {
  const files = atomicFiles(
    outputFiles.flatMap(({ target: { path, isInFolder }, createFacts: receipt }) =>
      path === undefined ? [] : [{ path, receipt, receiptPlace: isInFolder ? 'folder' : 'beside' }],
    ),
  )
  const records: Readable = source
  const streams: (Readable | Writable)[] = [...files]
  // an export that is read to its end no longer minds the signal, and what it was written to may wait for a reader
  const stop = () => streams.forEach((stream) => stream.destroy(signal.reason as Error))
  signal.addEventListener('abort', stop)
  const branches = outputFiles.map(({ target: { gzip }, encoder, toRows }, at) => {
    const [first, ...rest] = [...toRows, encoder, ...(gzip ? [createGzip()] : [])]
    streams.push(first!, ...rest)
    // the file of the last branch is the last file, whether the first has one or goes to stdout
    const file = files.at(at - outputFiles.length)
    return file ? pipeline(records, first!, ...rest, file) : pipeline(records, first!, ...rest, stdout, { end: false })
  })
  const results = await Promise.allSettled(branches)
  signal.removeEventListener('abort', stop)
  // a file that was still being opened is closed, and gone, only after its pipeline has rejected
  await Promise.all(files.map(waitForClose))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failures.length > 0) throw findFirstCause(failures)
}

/** The failure that made the others: each branch fails when the source or another file does. */
function findFirstCause(failures: readonly unknown[]): unknown {
  const ownFailures = failures.filter((failure) => !(failure instanceof Error && failures.includes(failure.cause)))
  return ownFailures.find((failure) => failure instanceof ExportError) ?? ownFailures[0]
}

async function waitForClose(file: Writable): Promise<void> {
  if (!file.closed) await new Promise((resolve) => file.once('close', resolve))
}

function showEvents({ source, outputFiles }: PreparedExport, label: string, progress: Progress): void {
  const note = (line: string) => progress.note(`${label}: ${escapeLine(line)}`)
  for (const { encoder, toRows } of outputFiles) {
    for (const rows of toRows) rows.on('warning', ({ message }) => note(message))
    encoder.on('warning', ({ message }) => note(message))
  }
  source.on('message', (message) => note(`Optimize says: ${message}`))
  source.on('warning', ({ message }) => note(message))
  source.on('retry', ({ page, delay, reason }) =>
    note(`retrying page ${page} in ${formatDuration(delay / 1000)}: ${reason}`),
  )
  source.on('restart', ({ page, records, reason }) =>
    note(
      `page ${page} may be lost (${reason}); a new search begins and skips the ${pluralize(records, 'record')} that are here`,
    ),
  )
}
