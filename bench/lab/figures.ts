// Results of a contest as figures: medians, and time a record as a multiple of another contender's.
import type { Result, RunOfCase } from './contest.js'
import { spreadOf, type Spread } from './statistics.js'

/** What of a run can be looked at. */
type Aspect = (run: RunOfCase) => number

export const spread = ({ runs }: Result, aspect: Aspect): Spread => spreadOf(runs.map(aspect))

export const wall: Aspect = ({ wallMs }) => wallMs

export const cpu: Aspect = ({ cpuMs }) => cpuMs

/** Milliseconds of wall time for 1000 records. */
export const msPer1000 = (result: Result): number => spread(result, wall).median / (result.records / 1000)

/** How much longer a record takes than with the other one. */
export const ratio = (result: Result, to: Result): number => msPer1000(result) / msPer1000(to)

/** Records a second. */
export const rate = (result: Result): number => 1e6 / msPer1000(result)

/** The most memory any run took, in MB; null where nobody measured. */
export function peakRssMb({ runs }: Result): number | null {
  const measured = runs.map(({ peakRssMb }) => peakRssMb).filter((peak) => peak !== null)
  return measured.length === 0 ? null : spreadOf(measured).median
}

/** A figure that the case itself gave, the median of its runs. */
export const figure = (result: Result, name: string): number =>
  spread(result, ({ figures }) => figures[name] ?? NaN).median

/** The contender of that name. */
export function byLabel(results: readonly Result[], label: string): Result {
  const found = results.find((result) => result.label === label)
  if (!found) throw new Error(`nothing was measured as ${label}`)
  return found
}
