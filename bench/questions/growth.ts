// Do speed and memory stay as they are when a report grows?
import { contest, type Contender, type Result } from '../lab/contest.js'
import { peakRssMb, rate, spread, wall } from '../lab/figures.js'
import { table } from '../lab/markdown.js'
import type { Answer, Question, Run } from '../lab/question.js'
import { withServer } from '../lab/server-process.js'
import { secondsText, whole } from '../lab/statistics.js'

const ours = ['csv', 'parquet'] as const
/** Peak memory may differ by so much between 10^5 records and the most. */
const FLAT = 1.1
const limitMb = { csv: 120, parquet: 200 } as const

export const growth: Question = {
  id: 'growth',
  title: 'Growth',
  async ask(run: Run): Promise<Answer> {
    const sizes = run.quick ? [1000, 10_000] : [10_000, 100_000, 1_000_000, 3_000_000]
    const most = sizes.at(-1)!
    const options = { era: '3.7', records: most } as const
    const contenders = sizes.flatMap((records) => ours.map((format) => contenderOf(format, records)))
    const results = await withServer(run.folder, options, (server) =>
      contest(run, server, contenders, run.quick ? 1 : 3),
    )
    const rows = results.map((result) => [
      result.label,
      secondsText(spread(result, wall)),
      whole(rate(result)),
      whole(peakRssMb(result) ?? NaN),
      whole(withoutKeysMb(result)),
    ])
    const method = `The first records of one report of ${whole(most)} (seed shape); medians of ${run.quick ? 1 : 3} up to 10^5 records, one run beyond. The one thing that grows with the records is the set of their keys, 10 to 12 bytes each (8 in tables that are 4/5 full): the last column is without 10 bytes a record.`
    const head = ['', 'wall s (min–max)', 'records/s', 'peak RSS MB', 'without keys MB']
    const verdict = ours.map((format) => verdictOf(format, results, sizes.slice(1))).join('\n')
    return { text: `${method}\n\n${table(head, rows)}\n\n${verdict}`, figures: {} }
  },
}

const labelOf = (format: string, records: number) => `${format}, ${whole(records)} records`

function contenderOf(format: (typeof ours)[number], records: number): Contender {
  const rounds = records > 100_000 ? 1 : 3
  return { label: labelOf(format, records), module: 'ours', options: { format }, output: format, records, rounds }
}

/** The keys take at least this, whatever else there is. */
const BYTES_A_KEY = 10

function withoutKeysMb(result: Result): number {
  return (peakRssMb(result) ?? NaN) - (result.records * BYTES_A_KEY) / 1e6
}

function verdictOf(format: (typeof ours)[number], results: readonly Result[], sizes: readonly number[]): string {
  const of = results.filter(({ label }) => sizes.some((size) => label === labelOf(format, size)))
  const peaks = of.map((result) => peakRssMb(result) ?? NaN)
  const rests = of.map(withoutKeysMb)
  const most = Math.max(...peaks)
  const small = most <= limitMb[format] ? `within ${limitMb[format]} MB` : `**over ${limitMb[format]} MB**`
  const range = `${whole(Math.min(...peaks))} to ${whole(most)} MB from ${whole(sizes[0]!)} to ${whole(sizes.at(-1)!)} records`
  return `- ${format}: peak RSS ${range}, ${flatness(peaks)}, ${small}; without keys ${flatness(rests)}.`
}

function flatness(peaks: readonly number[]): string {
  const [least, most] = [Math.min(...peaks), Math.max(...peaks)]
  if (most <= least * FLAT) return 'flat within 10 %'
  return `**not flat**: ${(most / least).toFixed(2)} times from the least to the most`
}
