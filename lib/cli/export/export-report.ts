// Exports one report to its files, which share one search on the server. No file appears before all are complete.
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  atomicFiles,
  exportStream,
  type Encoder,
  type ExportEvents,
  type ExportStream,
  type RowTransform,
  type WrittenReceipt,
} from '../../index.js'
import { createGzipStream } from '../../encode/gzip-files.js'
import { waitForBranches } from '../../shared/streams/branches.js'
import { MANIFEST_NAME } from '../../shared/manifest-name.js'
import type { ServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { DefinitionList } from './definition-list.js'
import { createDataset, createEventEncoder, createRecordEncoder } from './encoders.js'
import { createEventTransform } from './event-options.js'
import { createOutput, onWarning, type ExportOutput } from './export-output.js'
import { readOutcome, type ExportResult } from './outcome.js'
import { createExportTask } from '../progress/progress-text.js'
import { toProgressEvent, toWarningEvent, type ProgressEvent } from '../progress/progress-event.js'
import type { Settings } from '../settings.js'
import { readMaxRecords, readSourceOptions } from '../source/source-options.js'
import { checkStoreFlags, createStore } from '../files/stores.js'
import { listPaths, type ReportTargets } from './report-targets.js'
import type { Target } from './target.js'
import { escapeLine } from '../output/format-text.js'

interface PreparedExport {
  readonly source: ExportStream
  readonly outputs: readonly ExportOutput[]
}

export interface ReportExport {
  readonly reportId: string
  readonly targets: ReportTargets
  readonly access: ServerAccess
  /** The name for progress and messages. @default the last part of the path, or `stdout` */
  readonly label?: string | undefined
  /** Called for each receipt before a file is moved into place; if it throws, no file of the export is changed. */
  readonly checkReceipt?: ((path: string, receipt: Readonly<Record<string, unknown>>) => void) | undefined
  /** True if the receipts of files, not of datasets, list the definitions of the records. @default false */
  readonly listsDefinitions?: boolean | undefined
}

/** Checks the options of an export. Throws an OptionError or a UsageError; sends no request. */
export function checkExport(reportExport: ReportExport, settings: Settings): void {
  prepare(reportExport, { settings }).source.destroy()
}

/** Checks that the objects of the export in S3 can be written. Also rejects if a flag of S3 is given although no target is in S3. */
export async function checkStores({ targets }: ReportExport, { settings, progress }: Context): Promise<void> {
  const paths = listPaths(targets)
  checkStoreFlags(paths, settings)
  for (const path of paths) await createStore(path, settings, progress)?.check(path.replace(/\/$/, `/${MANIFEST_NAME}`))
}

/**
 * Exports a report. If it rejects, its files are as they were, unless the message says otherwise. If only the last flush of stdout failed,
 * the event log is in place.
 */
export async function exportReport(reportExport: ReportExport, context: Context): Promise<ExportResult> {
  const { settings, progress, flush } = context
  const prepared = prepare(reportExport, context)
  const label = getLabel(reportExport)
  showProgressEvents(prepared, label, context)
  const stopProgress = progress.follow(createExportTask(label, prepared.source.stats, readMaxRecords(settings)))
  try {
    await writeFiles(prepared, reportExport, context)
    // stdout may accept bytes and fail to write them later; a finished file has all bytes
    if (isToStdout(reportExport)) await flush()
  } finally {
    stopProgress()
  }
  return { outcome: readOutcome(prepared.outputs), stats: prepared.source.stats }
}

const isToStdout = ({ targets: { records } }: ReportExport) => records !== undefined && records.path === undefined

export function getLabel({ label, targets: { records, events } }: ReportExport): string {
  const path = (records ?? events)?.path
  return label ?? (path === undefined ? 'stdout' : basename(path))
}

type PrepareContext = Pick<Context, 'settings'> & Partial<Pick<Context, 'signal' | 'progress'>>

function prepare(reportExport: ReportExport, { settings, signal, progress }: PrepareContext): PreparedExport {
  const { reportId, targets, access } = reportExport
  const { records, events } = targets
  const source = exportStream({ ...readSourceOptions(settings), ...access, reportId, signal })
  // without this listener, an abort before the pipelines listen would be an unhandled error; they reject with it later
  source.on('error', () => undefined)
  const outputs: ExportOutput[] = []
  const addDataset = (target: Target, transforms: readonly RowTransform[]) => {
    const path = target.path!
    const receipt = () => createCheckedReceipt(output, reportExport)
    const onReceipt = (written: WrittenReceipt) => output.onReceipt(written)
    const store = createStore(path, settings, progress)
    const dataset = createDataset(settings, target, target === events, { path, store, receipt, onReceipt })
    const output = createOutput(source, reportId, target, dataset, transforms)
    outputs.push(output)
  }
  if (records?.isDataset) addDataset(records, [])
  else if (records) outputs.push(createOutput(source, reportId, records, createRecordEncoder(settings, records)))
  if (events) {
    const transform = createEventTransform(settings, events)
    const transforms = transform ? [transform] : []
    if (events.isDataset) addDataset(events, transforms)
    else
      outputs.push(createOutput(source, reportId, events, createEventEncoder(settings, events, !records), transforms))
  }
  return { source, outputs }
}

function createCheckedReceipt(
  { target, createReceiptContent }: ExportOutput,
  { checkReceipt }: ReportExport,
  extraFields = {},
): Record<string, unknown> {
  const content = { ...createReceiptContent(), ...extraFields }
  checkReceipt?.(target.path!, content)
  return content
}

async function writeFiles(
  { source, outputs }: PreparedExport,
  reportExport: ReportExport,
  { settings, progress, stdout, signal }: Context,
): Promise<void> {
  const definitions = reportExport.listsDefinitions ? new DefinitionList() : undefined
  const files = atomicFiles(
    outputs.flatMap((output) => {
      const { target, onReceipt } = output
      const { path, receiptPlace, isDataset } = target
      if (path === undefined || isDataset) return []
      const receipt = () => createCheckedReceipt(output, reportExport, listDefinitions(source, definitions))
      const store = createStore(path, settings, progress)
      return [{ path, receipt, receiptPlace, onReceipt, store }]
    }),
  )
  const streams: (Readable | Writable)[] = [...files]
  // a source that has ended ignores the signal, but a destination such as a FIFO may still wait for a reader
  const stop = () => streams.forEach((stream) => stream.destroy(signal.reason as Error))
  signal.addEventListener('abort', stop)
  const branches = outputs.map(({ target: { gzip, isDataset }, encoder, transforms }, index) => {
    if (isDataset) {
      streams.push(...transforms, encoder)
      return pipeline([source as Readable, ...transforms, encoder])
    }
    const [first, ...rest] = [...transforms, encoder as Encoder, ...(gzip ? [createGzipStream()] : [])]
    streams.push(first!, ...rest)
    // indexes count from the end, because the first branch may go to stdout and have no file
    const file = files.at(index - outputs.length)
    const delays = definitions ? [definitions.createEndDelay()] : []
    return file
      ? pipeline(source as Readable, first!, ...rest, ...delays, file)
      : pipeline(source as Readable, first!, ...rest, stdout, { end: false })
  })
  if (definitions) {
    streams.push(...definitions.streams)
    branches.push(definitions.collect(source))
  }
  await waitForBranches(branches, [...files, ...listDatasets(outputs)]).finally(() =>
    signal.removeEventListener('abort', stop),
  )
}

/** Returns the definitions for the receipt of a complete export; a part of a report has only some of them. */
function listDefinitions({ stats }: ExportStream, definitions: DefinitionList | undefined) {
  const ids = stats.complete ? definitions?.ids : undefined
  return ids ? { definitions: ids } : {}
}

const listDatasets = (outputs: readonly ExportOutput[]): Writable[] =>
  outputs.filter(({ target }) => target.isDataset).map(({ encoder }) => encoder)

function showProgressEvents(
  { source, outputs }: PreparedExport,
  label: string,
  { progress, onEvent = () => undefined }: Context,
): void {
  const show = (event: ProgressEvent) => {
    if (event.message !== undefined) progress.note(`${label}: ${escapeLine(event.message)}`)
    onEvent(event)
  }
  const warn = (warning: { readonly message: string }) => show(toWarningEvent(warning))
  for (const { encoder, transforms } of outputs) {
    for (const transform of transforms) transform.on('warning', warn)
    onWarning(encoder, warn)
  }
  for (const name of Object.keys(toProgressEvent) as (keyof ExportEvents)[])
    source.on(name, (payload) => show(toProgressEvent[name](payload as never)))
}
