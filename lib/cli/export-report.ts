// One report into its files: one search on the server, every record once, all files whole or none.
import { createGzip } from 'node:zlib'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomicFiles, ExportError, exportStream, flowNodeEvents, type ExportStream } from '../index.js'
import type { Connection } from './connection.js'
import type { Context } from './context.js'
import { eventEncoder, recordEncoder, strictIn } from './encoders.js'
import { outcomeOf, partOf, type Outcome, type Part } from './outcome.js'
import type { Progress } from './progress/progress.js'
import { progressText, shareOf } from './progress/snapshot.js'
import type { Settings } from './settings.js'
import { source as sourceFlags } from './source-flags.js'
import type { Targets } from './targets.js'
import { counted, duration, oneLine } from './words.js'

interface Export {
  readonly source: ExportStream
  readonly parts: readonly Part[]
}

/** A report and its targets. */
export interface Order {
  readonly reportId: string
  readonly targets: Targets
  readonly connection: Connection
}

/** Throws an OptionError or a UsageError for what cannot be asked for; nothing is requested. */
export function checkOrder(order: Order, settings: Settings): void {
  prepare(order, settings).source.destroy()
}

/** Exports a report. Rejects with what failed; then nothing is at the paths that was not there before. */
export async function exportReport(order: Order, context: Context): Promise<Outcome> {
  const { settings, signal, progress, stdout, flush } = context
  const prepared = prepare(order, settings, signal)
  const { stats } = prepared.source
  const label = labelOf(order)
  const maxRecords = Number(settings.get('maxRecords') ?? Infinity)
  const started = performance.now()
  const text = () => progressText(stats, maxRecords, (performance.now() - started) / 1000)
  tell(prepared, label, progress)
  const done = progress.follow({ label, share: () => shareOf(stats, maxRecords), text })
  try {
    await write(prepared, stdout, signal)
    // stdout may still fail to print what it has taken; a file cannot
    if (isToStdout(order)) await flush()
  } finally {
    done()
  }
  return outcomeOf(prepared.parts)
}

const isToStdout = ({ targets: { records } }: Order) => records !== undefined && records.path === undefined

/** The name of an export on the screen. */
export function labelOf({ targets: { records, events } }: Order): string {
  const path = (records ?? events)?.path
  return path === undefined ? 'stdout' : basename(path)
}

function prepare({ reportId, targets, connection }: Order, settings: Settings, signal?: AbortSignal): Export {
  const { records, events } = targets
  const source = exportStream({ ...settings.options(sourceFlags), ...connection, reportId, signal })
  const parts: Part[] = []
  if (records) parts.push(partOf(source, reportId, records, recordEncoder(settings, records)))
  if (events) {
    const fields = settings.get('fields') as string[] | undefined
    const toRows = flowNodeEvents({ fields, strict: strictIn(settings) === true })
    parts.push(partOf(source, reportId, events, eventEncoder(settings, events, !records), [toRows]))
  }
  return { source, parts }
}

/** Both branches or none: what is written to a file appears when all of it is on the disk, of both. */
async function write({ source, parts }: Export, stdout: Writable, signal: AbortSignal): Promise<void> {
  const files = atomicFiles(
    parts.flatMap(({ target: { path, inFolder }, facts: receipt }) =>
      path === undefined ? [] : [{ path, receipt, receiptPlace: inFolder ? 'folder' : 'beside' }],
    ),
  )
  const records: Readable = source
  const streams: (Readable | Writable)[] = [...files]
  // an export that is read to its end no longer minds the signal, and what it was written to may wait for a reader
  const stop = () => streams.forEach((stream) => stream.destroy(signal.reason as Error))
  signal.addEventListener('abort', stop)
  const branches = parts.map(({ target: { gzip }, encoder, toRows }, at) => {
    const [first, ...rest] = [...toRows, encoder, ...(gzip ? [createGzip()] : [])]
    streams.push(first!, ...rest)
    // the file of the last branch is the last file, whether the first has one or goes to stdout
    const file = files.at(at - parts.length)
    return file ? pipeline(records, first!, ...rest, file) : pipeline(records, first!, ...rest, stdout, { end: false })
  })
  const results = await Promise.allSettled(branches)
  signal.removeEventListener('abort', stop)
  // a file that was still being opened is closed, and gone, only after its pipeline has rejected
  await Promise.all(files.map(closed))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failures.length > 0) throw firstOf(failures)
}

/** The failure that made the others: each branch fails when the source or another file does. */
function firstOf(failures: readonly unknown[]): unknown {
  const own = failures.filter((failure) => !(failure instanceof Error && failures.includes(failure.cause)))
  return own.find((failure) => failure instanceof ExportError) ?? own[0]
}

async function closed(file: Writable): Promise<void> {
  if (!file.closed) await new Promise((resolve) => file.once('close', resolve))
}

function tell({ source, parts }: Export, label: string, progress: Progress): void {
  const note = (line: string) => progress.note(`${label}: ${oneLine(line)}`)
  for (const { encoder, toRows } of parts) {
    for (const rows of toRows) rows.on('warning', ({ message }) => note(message))
    encoder.on('warning', ({ message }) => note(message))
  }
  source.on('message', (message) => note(`Optimize says: ${message}`))
  source.on('warning', ({ message }) => note(message))
  source.on('retry', ({ page, delay, reason }) => note(`retrying page ${page} in ${duration(delay / 1000)}: ${reason}`))
  source.on('restart', ({ page, records, reason }) =>
    note(
      `page ${page} may be lost (${reason}); a new search begins and skips the ${counted(records, 'record')} that are here`,
    ),
  )
}
