// Computes ratios within one run from the shortest times, because noise can only make a run longer.
import { runContest, type Contender, type Result } from '../lab/contest.js'
import { findByLabel, getSpread, getWallMs } from '../lab/figures.js'
import type { BenchRun } from '../lab/question.js'
import { withServer } from '../lab/server-process.js'
import { REFERENCE, OURS } from './contenders.js'

export const getGuardRecords = ({ quick }: BenchRun): number => (quick ? 5000 : 50_000)

const contenders: readonly Contender[] = [
  { label: REFERENCE, module: 'floor' },
  { label: OURS.csv, module: 'ours', output: 'csv' },
  { label: OURS.parquet, module: 'ours', options: { format: 'parquet' }, output: 'parquet' },
  { label: OURS.ndjson, module: 'ours', options: { format: 'ndjson' }, output: 'ndjson' },
  { label: OURS.record, module: 'ours', options: { between: true }, output: 'csv' },
]

/** Returns the time as a multiple of the floor's time, by contender. */
export async function measureRatios(run: BenchRun, rounds: number): Promise<Record<string, number>> {
  const options = { era: '3.7', records: getGuardRecords(run) } as const
  const results = await withServer(run.folder, options, (server) => runContest(run, server, contenders, rounds))
  const getShortestMs = (result: Result) => getSpread(result, getWallMs).min
  const reference = getShortestMs(findByLabel(results, REFERENCE))
  const ours = results.filter(({ label }) => label !== REFERENCE)
  return Object.fromEntries(ours.map((result) => [result.label, getShortestMs(result) / reference]))
}
