// Results of a contest as figures: medians, and time a record as a multiple of another contender's.
import type { Result, RunOfCase } from './contest.js'
import { computeSpread, type Spread } from './statistics.js'

/** What of a run can be looked at. */
type Metric = (run: RunOfCase) => number

export const getSpread = ({ runs }: Result, metric: Metric): Spread => computeSpread(runs.map(metric))

export const getWallMs: Metric = ({ wallMs }) => wallMs

export const getCpuMs: Metric = ({ cpuMs }) => cpuMs

/** Milliseconds of wall time for 1000 records. */
export const getMsPer1000 = (result: Result): number => getSpread(result, getWallMs).median / (result.records / 1000)

/** How much longer a record takes than with the other one. */
export const computeRatio = (result: Result, to: Result): number => getMsPer1000(result) / getMsPer1000(to)

/** Records a second. */
export const computeRate = (result: Result): number => 1e6 / getMsPer1000(result)

/** The most memory any run took, in MB; null where nobody measured. */
export function peakRssMb({ runs }: Result): number | null {
  const measured = runs.map(({ peakRssMb }) => peakRssMb).filter((peak) => peak !== null)
  return measured.length === 0 ? null : computeSpread(measured).median
}

/** A figure that the case itself gave, the median of its runs. */
export const getFigure = (result: Result, name: string): number =>
  getSpread(result, ({ figures }) => figures[name] ?? NaN).median

/** The contender of that name. */
export function findByLabel(results: readonly Result[], label: string): Result {
  const found = results.find((result) => result.label === label)
  if (!found) throw new Error(`nothing was measured as ${label}`)
  return found
}
