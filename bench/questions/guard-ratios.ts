// Ratios inside one run, from the shortest times: noise only ever makes a run longer.
import { contest, type Contender, type Result } from '../lab/contest.js'
import { byLabel, spread, wall } from '../lab/figures.js'
import type { Run } from '../lab/question.js'
import { withServer } from '../lab/server-process.js'
import { FLOOR, OURS } from './contenders.js'

export const guardRecords = ({ quick }: Run): number => (quick ? 5000 : 50_000)

const contenders: readonly Contender[] = [
  { label: FLOOR, module: 'floor' },
  { label: OURS.csv, module: 'ours', output: 'csv' },
  { label: OURS.parquet, module: 'ours', options: { format: 'parquet' }, output: 'parquet' },
  { label: OURS.ndjson, module: 'ours', options: { format: 'ndjson' }, output: 'ndjson' },
  { label: OURS.record, module: 'ours', options: { between: true }, output: 'csv' },
]

/** Time as a multiple of the floor's, by contender. */
export async function measureRatios(run: Run, rounds: number): Promise<Record<string, number>> {
  const options = { era: '3.7', records: guardRecords(run) } as const
  const results = await withServer(run.folder, options, (server) => contest(run, server, contenders, rounds))
  const shortest = (result: Result) => spread(result, wall).min
  const floor = shortest(byLabel(results, FLOOR))
  const ours = results.filter(({ label }) => label !== FLOOR)
  return Object.fromEntries(ours.map((result) => [result.label, shortest(result) / floor]))
}
