// How long does an export take, from the first request to the closed file, beside everything else one might use?
import type { Bar } from '../lab/chart.js'
import { contest, type Result } from '../lab/contest.js'
import { byLabel, cpu, peakRssMb, rate, ratio, spread, wall } from '../lab/figures.js'
import { table } from '../lab/markdown.js'
import type { Answer, Question, Run } from '../lab/question.js'
import { withServer } from '../lab/server-process.js'
import { shapes, type Shape } from '../lab/shapes.js'
import { megabytes, secondsText, times, whole } from '../lab/statistics.js'
import { BYTES, contenders, CONTROL, FLOOR, OURS, PEERS } from './contenders.js'
import { verdicts } from './goals.js'

/** What the chart and the goals are made of: the ratio to the floor by shape and contender. */
export type Ratios = Readonly<Record<Shape['id'], Readonly<Record<string, number>>>>

export const endToEnd: Question = {
  id: 'end-to-end',
  title: 'End to end, beside the peers',
  async ask(run: Run): Promise<Answer> {
    const records = run.quick ? 20_000 : Number(process.env['BENCH_RECORDS'] ?? 300_000)
    const [some, few] = [inPages(records / 3), inPages(records / 10)]
    const rounds = run.quick ? 1 : Number(process.env['BENCH_ROUNDS'] ?? 5)
    const { all, skipped } = contenders(some, few)
    const blocks: string[] = []
    const ratios: Record<string, Record<string, number>> = {}
    for (const shape of shapes) {
      run.say(shape.title)
      const server = { ...shape.server, records }
      const results = await withServer(run.folder, server, (server) => contest(run, server, all, rounds))
      refuseWinningControl(results, run.quick)
      blocks.push(`### ${capital(shape.title)}\n\n${tableOf(results, rounds)}`)
      const floor = byLabel(results, FLOOR)
      ratios[shape.id] = Object.fromEntries(results.map((result) => [result.label, ratio(result, floor)]))
    }
    const method = `${whole(records)} records of each shape in pages of 1000, in turns, medians of ${rounds} (of 3 or fewer where marked †) with the fastest and the slowest; x = wall time as a multiple of node-fetch + JSON.parse alone. Every file is read back: all ids once, and all CSV files equal cell by cell. * measured on ${whole(some)} records (parquetjs-lite and curl | jq on ${whole(few)}) and scaled.`
    const text = [method, ...blocks, ...skipped, verdicts(ratios as Ratios)].join('\n\n')
    return { text, figures: ratios }
  },
}

/** The peers fetch whole pages. */
const inPages = (records: number) => Math.ceil(records / 1000) * 1000

/**
 * The control wins if it is no slower in wall and in CPU time; on a busy machine wall time alone may deceive. One short run of ours,
 * most of it warming up, is no measure of the control, so a quick run leaves it out.
 */
function refuseWinningControl(results: readonly Result[], quick: boolean): void {
  const control = byLabel(results, CONTROL)
  const beats = (result: Result) =>
    [wall, cpu].every(
      (aspect) => spread(control, aspect).median / control.records <= spread(result, aspect).median / result.records,
    )
  const mustWin = [FLOOR, PEERS.handWritten, ...(quick ? [] : [OURS.csv])]
  const beaten = mustWin.filter((label) => beats(byLabel(results, label)))
  if (beaten.length > 0) throw new Error(`the control that must lose was no slower than ${beaten.join(' and ')}`)
}

function tableOf(results: readonly Result[], rounds: number): string {
  const floor = byLabel(results, FLOOR)
  const all = floor.records
  const rows = results.map((result) => {
    const { label, records, output, runs } = result
    const scale = all / records
    const peak = peakRssMb(result)
    const bytes = spread(result, ({ outputBytes }) => outputBytes).median * scale
    const { median, min, max } = spread(result, wall)
    return [
      `${label}${runs.length < rounds ? ' †' : ''}${records < all ? ' *' : ''}`,
      secondsText({ median: median * scale, min: min * scale, max: max * scale }),
      times(ratio(result, floor)),
      whole(rate(result)),
      ((spread(result, cpu).median * scale) / 1000).toFixed(2),
      peak === null ? '–' : whole(peak),
      output === undefined ? '–' : megabytes(bytes),
    ]
  })
  return table(['', 'wall s (min–max)', 'x', 'records/s', 'CPU s', 'peak RSS MB', 'file MB'], rows)
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The bars of one shape, quickest first. */
export function barsOf(ratios: Readonly<Record<string, number>>): Bar[] {
  const bars = Object.entries(ratios).map(([label, value]): Bar => {
    const kind = label === FLOOR || label === BYTES ? 'floor' : label.startsWith('optimize-export') ? 'ours' : 'peer'
    return { label, ratio: value, kind }
  })
  return bars.filter(({ label }) => label !== CONTROL).sort((a, b) => a.ratio - b.ratio)
}
