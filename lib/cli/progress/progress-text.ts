import type { ExportStats } from '../../index.js'
import type { Task } from './progress.js'
import { formatBytes, formatCount, pluralize, formatDuration, formatPercent } from '../output/format-text.js'

export type ProgressStats = Pick<ExportStats, 'records' | 'total' | 'bytes' | 'restarts'>

export function createExportTask(label: string, stats: ProgressStats, maxRecords: number): Task {
  const started = performance.now()
  return {
    label,
    share: () => computeShare(stats, maxRecords),
    text: () => formatProgress(stats, maxRecords, (performance.now() - started) / 1000),
  }
}

/** Undefined before the first page. */
const getExpectedRecords = ({ total }: ProgressStats, maxRecords: number) =>
  total === undefined ? undefined : Math.min(total, maxRecords)

export function computeShare(stats: ProgressStats, maxRecords: number): number {
  const expectedRecords = getExpectedRecords(stats, maxRecords)
  return expectedRecords === undefined ? 0 : expectedRecords === 0 ? 1 : Math.min(1, stats.records / expectedRecords)
}

/** Returns `42% 4,200 of 10,000 records, 1,400/s, 5.2 MB, 4.1 s left, 1 restart`. */
export function formatProgress(stats: ProgressStats, maxRecords: number, seconds: number): string {
  const expectedRecords = getExpectedRecords(stats, maxRecords)
  if (expectedRecords === undefined) return `waiting for the first page, ${formatDuration(seconds)}`
  const { records, restarts } = stats
  const rate = seconds > 0 ? records / seconds : 0
  const remaining = expectedRecords - records
  return [
    `${formatPercent(computeShare(stats, maxRecords))} ${formatCount(records)} of ${pluralize(expectedRecords, 'record')}`,
    `${formatCount(rate)}/s`,
    formatBytes(stats.bytes),
    remaining <= 0 ? 'finishing' : rate > 0 ? `${formatDuration(remaining / rate)} left` : '',
    restarts > 0 ? pluralize(restarts, 'restart') : '',
  ]
    .filter(Boolean)
    .join(', ')
}
