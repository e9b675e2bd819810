// Computes figures from the results of a contest: medians, and the time per record as a multiple of another contender's.
import type { Result, RunOfCase } from './contest.js'
import { computeSpread, type Spread } from './statistics.js'

type Metric = (run: RunOfCase) => number

export const getSpread = ({ runs }: Result, metric: Metric): Spread => computeSpread(runs.map(metric))

export const getWallMs: Metric = ({ wallMs }) => wallMs

export const getCpuMs: Metric = ({ cpuMs }) => cpuMs

/** Milliseconds of wall time for 1000 records. */
export const getMsPer1000 = (result: Result): number => getSpread(result, getWallMs).median / (result.records / 1000)

export const computeRatio = (result: Result, to: Result): number => getMsPer1000(result) / getMsPer1000(to)

export const computeRate = (result: Result): number => 1e6 / getMsPer1000(result)

/** Returns the median of the peak memory of the runs in MB, or null if it was not measured. */
export function getPeakRssMb({ runs }: Result): number | null {
  const measured = runs.map(({ peakRssMb }) => peakRssMb).filter((peak) => peak !== null)
  return measured.length === 0 ? null : computeSpread(measured).median
}

/** Returns the median of a figure that the case reports. */
export const getFigure = (result: Result, name: string): number =>
  getSpread(result, ({ figures }) => figures[name] ?? NaN).median

export function findByLabel(results: readonly Result[], label: string): Result {
  const found = results.find((result) => result.label === label)
  if (!found) throw new Error(`nothing was measured as ${label}`)
  return found
}
