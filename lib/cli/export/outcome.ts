// The outcome of an export: as `--json` prints it, and as one line of text.
import type { ExportStream } from '../../index.js'
import { describeEarlyEnd } from '../output/early-end.js'
import type { ExportOutput } from './export-output.js'
import { formatBytes, pluralize, formatDuration } from '../output/format-text.js'

/** The outcome of a report as `--json` prints it: its receipts, or its error. */
export type Outcome = Readonly<Record<string, unknown>>

export type ExportResult = Pick<ExportStream, 'stats'> & { readonly outcome: Outcome }

/** Returns the outcome: the content of the receipts. For stdout and devices it is the content that a receipt would have. */
export function readOutcome([first, events]: readonly ExportOutput[]): Outcome {
  return { ...readFileOutcome(first!), ...(events ? { events: readFileOutcome(events) } : {}) }
}

function readFileOutcome({ target: { path }, createReceiptContent, getReceipt }: ExportOutput): Outcome {
  if (path === undefined) return createReceiptContent()
  const receipt = getReceipt()
  if (!receipt) return { file: path, ...createReceiptContent() }
  // dates become text, as in the receipt
  return { file: path, receipt: receipt.path, ...(JSON.parse(JSON.stringify(receipt.content)) as Outcome) }
}

/** Returns the figures of one run. The figures of a dataset count all its runs; its `run` has those of the last one. */
export const getFiguresOfThisExport = (outcome: Outcome): Outcome => ({
  ...outcome,
  ...(outcome['run'] as Outcome | undefined),
})

/** `20,000 rows, 33 columns, 5.2 MB in 2.1 s`. */
export function formatOutcome({ outcome, stats }: ExportResult): string {
  const { columns, events, run, ...figures } = outcome
  const earlyEnd = describeEarlyEnd(stats)
  const eventLog = (events ?? {}) as Outcome
  const eventCount = figures['eventCount'] ?? eventLog['eventCount'] ?? eventLog['rows']
  const { rows, bytes: size, files } = getFiguresOfThisExport(outcome)
  return [
    pluralize(rows as number, figures['eventCount'] === undefined ? 'row' : 'process instance'),
    ...(columns === null ? [] : [pluralize(columns as number, 'column')]),
    ...(size === undefined ? [] : [`${formatBytes(size as number)} in ${formatDuration(getSeconds(figures))}`]),
    ...(run === undefined ? [] : [pluralize(files as number, 'file')]),
    ...(earlyEnd === undefined ? [] : [`${earlyEnd}; the report has ${pluralize(stats.total!, 'record')}`]),
    ...(eventCount === undefined
      ? []
      : [eventCount === 0 ? 'no events in this report' : pluralize(eventCount as number, 'event')]),
  ].join(', ')
}

const getSeconds = ({ startedAt, finishedAt }: Outcome) =>
  (Date.parse(finishedAt as string) - Date.parse(startedAt as string)) / 1000
