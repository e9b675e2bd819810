// How does the number of columns affect the time of each format?
import type { Format } from '../harness/case-types.js'
import { runContest, type Contender } from '../harness/contest.js'
import {
  findByLabel,
  getFigure,
  getPeakRssMb,
  computeRate,
  computeRatio,
  getSpread,
  getWallMs,
} from '../harness/figures.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'
import { formatSeconds, formatRatio, formatInteger } from '../harness/statistics.js'
import { FLOOR } from './contenders.js'

/** Reports with more and more variables. The number of records is such that each report has about the same bytes of JSON. */
const widths = [
  { variables: 10, records: 60_000 },
  { variables: 50, records: 20_000 },
  { variables: 200, records: 6000 },
] as const

const ours = ['csv', 'parquet', 'ndjson'] as const satisfies readonly Format[]
const contenders: readonly Contender[] = [
  { label: FLOOR, module: 'floor' },
  { label: 'bytes', module: 'bytes' },
  ...ours.map((format): Contender => ({ label: format, module: 'ours', options: { format }, outputFormat: format })),
]

export const formats: Question = {
  id: 'formats',
  title: 'Formats by width',
  async ask(run: BenchRun): Promise<Answer> {
    const rounds = run.quick ? 1 : 3
    const rows: string[][] = []
    for (const { variables, records: full } of widths) {
      const records = run.quick ? Math.ceil(full / 20_000) * 1000 : full
      const options = { era: '3.7', records, variables } as const
      const results = await withServer(run.folder, options, (server) => runContest(run, server, contenders, rounds))
      const floor = findByLabel(results, FLOOR)
      const megabytesOfJson = getFigure(findByLabel(results, 'bytes'), 'bytes') / 1e6
      for (const result of results.filter(({ outputFormat }) => outputFormat !== undefined)) {
        const seconds = getSpread(result, getWallMs)
        rows.push([
          `${variables} variables, ${result.label}`,
          formatSeconds(seconds),
          formatRatio(computeRatio(result, floor)),
          formatInteger(computeRate(result)),
          formatInteger(megabytesOfJson / (seconds.median / 1000)),
          formatInteger(getPeakRssMb(result) ?? NaN),
        ])
      }
    }
    const method = `Reports of the early shape with 9 fixed fields and more and more variables, about 40 MB of JSON per report, medians of ${rounds}; x = wall time as a multiple of node-fetch + JSON.parse alone.`
    const head = ['', 'wall s (min–max)', 'x', 'records/s', 'MB/s of JSON', 'peak RSS MB']
    return { text: `${method}\n\n${formatMarkdownTable(head, rows)}`, figures: {} }
  },
}
