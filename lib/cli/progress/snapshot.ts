// The progress of an export in one line.
import type { ExportStats } from '../../index.js'
import { bytes, count, counted, duration, percent } from '../words.js'

/** The figures that {@link progressText} and {@link shareOf} use. */
export type Figures = Pick<ExportStats, 'records' | 'total' | 'bytes' | 'restarts'>

/** Records that an export will have in the end; undefined before its first page. */
const goalOf = ({ total }: Figures, maxRecords: number) =>
  total === undefined ? undefined : Math.min(total, maxRecords)

/** The part that is done, 0 to 1. */
export function shareOf(figures: Figures, maxRecords: number): number {
  const goal = goalOf(figures, maxRecords)
  return goal === undefined ? 0 : goal === 0 ? 1 : Math.min(1, figures.records / goal)
}

/** `42% 4,200 of 10,000 records, 1,400/s, 5.2 MB, 4.1 s left, 1 restart`. */
export function progressText(figures: Figures, maxRecords: number, seconds: number): string {
  const goal = goalOf(figures, maxRecords)
  if (goal === undefined) return `waiting for the first page, ${duration(seconds)}`
  const { records, restarts } = figures
  const rate = seconds > 0 ? records / seconds : 0
  const left = goal - records
  return [
    `${percent(shareOf(figures, maxRecords))} ${count(records)} of ${counted(goal, 'record')}`,
    `${count(rate)}/s`,
    bytes(figures.bytes),
    left <= 0 ? 'finishing' : rate > 0 ? `${duration(left / rate)} left` : '',
    restarts > 0 ? counted(restarts, 'restart') : '',
  ]
    .filter(Boolean)
    .join(', ')
}
