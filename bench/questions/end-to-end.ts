// How long does an export take, from the first request to the closed file, compared with other tools?
import type { Bar } from '../harness/chart.js'
import { runContest, type Result } from '../harness/contest.js'
import {
  findByLabel,
  getCpuMs,
  getPeakRssMb,
  computeRate,
  computeRatio,
  getSpread,
  getWallMs,
} from '../harness/figures.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'
import { shapes, type Shape } from '../harness/shapes.js'
import { formatMegabytes, formatSeconds, formatRatio, formatInteger } from '../harness/statistics.js'
import { BYTES, createContenders, CONTROL, FLOOR, OURS, PEERS } from './contenders.js'
import { createVerdicts } from './goals.js'

/** The ratio to the time of the floor, by shape and contender; the chart and the goals use it. */
export type Ratios = Readonly<Record<Shape['id'], Readonly<Record<string, number>>>>

export const endToEnd: Question = {
  id: 'end-to-end',
  title: 'End to end, beside the peers',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 20_000 : Number(process.env['BENCH_RECORDS'] ?? 300_000)
    const [reducedRecords, minimalRecords] = [roundToPages(records / 3), roundToPages(records / 10)]
    const rounds = run.quick ? 1 : Number(process.env['BENCH_ROUNDS'] ?? 5)
    const { all, skipped } = createContenders(reducedRecords, minimalRecords)
    const blocks: string[] = []
    const ratios: Record<string, Record<string, number>> = {}
    for (const shape of shapes) {
      run.log(shape.title)
      const server = { ...shape.server, records }
      const results = await withServer(run.folder, server, (server) => runContest(run, server, all, rounds))
      assertControlLoses(results, run.quick)
      blocks.push(`### ${capitalize(shape.title)}\n\n${createTable(results, rounds)}`)
      const floor = findByLabel(results, FLOOR)
      ratios[shape.id] = Object.fromEntries(results.map((result) => [result.label, computeRatio(result, floor)]))
    }
    const method = `${formatInteger(records)} records of each shape in pages of 1000, in turns, medians of ${rounds} (of 3 or fewer where marked †) with the fastest and the slowest; x = wall time as a multiple of node-fetch + JSON.parse alone. Every file is read back: all ids once, and all CSV files equal cell by cell. * measured on ${formatInteger(reducedRecords)} records (parquetjs-lite and curl | jq on ${formatInteger(minimalRecords)}) and scaled.`
    const text = [method, ...blocks, ...skipped, createVerdicts(ratios as Ratios)].join('\n\n')
    return { text, figures: ratios }
  },
}

/** Rounds up to whole pages, because the peers fetch whole pages. */
const roundToPages = (records: number) => Math.ceil(records / 1000) * 1000

/**
 * Checks that the control lost. It has beaten a contender if neither its wall time nor its CPU time is longer, because wall time alone
 * is unreliable on a busy machine. A quick run does not compare it with the library, because one short run is mostly warm-up.
 */
function assertControlLoses(results: readonly Result[], quick: boolean): void {
  const control = findByLabel(results, CONTROL)
  const hasBeaten = (result: Result) =>
    [getWallMs, getCpuMs].every(
      (aspect) =>
        getSpread(control, aspect).median / control.records <= getSpread(result, aspect).median / result.records,
    )
  const mustWin = [FLOOR, PEERS.handWritten, ...(quick ? [] : [OURS.csv])]
  const beaten = mustWin.filter((label) => hasBeaten(findByLabel(results, label)))
  if (beaten.length > 0) throw new Error(`the control that must lose was no slower than ${beaten.join(' and ')}`)
}

function createTable(results: readonly Result[], rounds: number): string {
  const floor = findByLabel(results, FLOOR)
  const allRecords = floor.records
  const rows = results.map((result) => {
    const { label, records, outputFormat, runs } = result
    const scale = allRecords / records
    const peak = getPeakRssMb(result)
    const bytes = getSpread(result, ({ outputBytes }) => outputBytes).median * scale
    const { median, min, max } = getSpread(result, getWallMs)
    return [
      `${label}${runs.length < rounds ? ' †' : ''}${records < allRecords ? ' *' : ''}`,
      formatSeconds({ median: median * scale, min: min * scale, max: max * scale }),
      formatRatio(computeRatio(result, floor)),
      formatInteger(computeRate(result)),
      ((getSpread(result, getCpuMs).median * scale) / 1000).toFixed(2),
      peak === null ? '–' : formatInteger(peak),
      outputFormat === undefined ? '–' : formatMegabytes(bytes),
    ]
  })
  return formatMarkdownTable(['', 'wall s (min–max)', 'x', 'records/s', 'CPU s', 'peak RSS MB', 'file MB'], rows)
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Returns the bars of one shape, the fastest first. */
export function createBars(ratios: Readonly<Record<string, number>>): Bar[] {
  const bars = Object.entries(ratios).map(([label, value]): Bar => {
    const kind = label === FLOOR || label === BYTES ? 'floor' : label.startsWith('optimize-export') ? 'ours' : 'peer'
    return { label, ratio: value, kind }
  })
  return bars.filter(({ label }) => label !== CONTROL).sort((a, b) => a.ratio - b.ratio)
}
