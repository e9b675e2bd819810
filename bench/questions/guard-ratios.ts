// Computes ratios within one run from the shortest times, because noise can only make a run longer.
import { runContest, type Contender, type Result } from '../harness/contest.js'
import { findByLabel, getSpread, getWallMs } from '../harness/figures.js'
import type { BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'
import { shapes } from '../harness/shapes.js'
import { FLOOR, OURS } from './contenders.js'
import { optionRows } from './option-rows.js'
import { measureOptions } from './options.js'

export const getGuardRecords = ({ quick }: BenchRun): number => (quick ? 5000 : 50_000)

const contenders: readonly Contender[] = [
  { label: FLOOR, module: 'floor' },
  { label: OURS.csv, module: 'ours', outputFormat: 'csv' },
  { label: OURS.parquet, module: 'ours', options: { format: 'parquet' }, outputFormat: 'parquet' },
  { label: OURS.ndjson, module: 'ours', options: { format: 'ndjson' }, outputFormat: 'ndjson' },
  { label: OURS.csvByRecord, module: 'ours', options: { hasTransform: true }, outputFormat: 'csv' },
]

/**
 * Returns for each contender its time as a multiple of the floor's time, and for each option its CPU time as a multiple of that of the
 * plain form of its format.
 */
export async function measureRatios(run: BenchRun, rounds: number): Promise<Record<string, number>> {
  return { ...(await measureContenders(run, rounds)), ...(await measureOptionRatios(run, rounds)) }
}

async function measureOptionRatios(run: BenchRun, rounds: number): Promise<Record<string, number>> {
  const ratios: [string, number][] = []
  for (const shape of shapes) {
    const costs = await measureOptions(run, shape, getGuardRecords(run), rounds, optionRows)
    ratios.push(...costs.map(({ label, cpu }): [string, number] => [`${label} (${shape.id})`, cpu]))
  }
  return Object.fromEntries(ratios)
}

async function measureContenders(run: BenchRun, rounds: number): Promise<Record<string, number>> {
  const options = { era: '3.7', records: getGuardRecords(run) } as const
  const results = await withServer(run.folder, options, (server) => runContest(run, server, contenders, rounds))
  const getShortestMs = (result: Result) => getSpread(result, getWallMs).min
  const floorMs = getShortestMs(findByLabel(results, FLOOR))
  const ours = results.filter(({ label }) => label !== FLOOR)
  return Object.fromEntries(ours.map((result) => [result.label, getShortestMs(result) / floorMs]))
}
