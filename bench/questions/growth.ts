// Do speed and memory stay the same when a report grows?
import { runContest, type Contender, type Result } from '../harness/contest.js'
import { getPeakRssMb, computeRate, getSpread, getWallMs } from '../harness/figures.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'
import { formatSeconds, formatInteger } from '../harness/statistics.js'

const ours = ['csv', 'parquet'] as const
/** The largest allowed ratio of the highest to the lowest peak memory, from 10^5 records on. */
const MAX_MEMORY_GROWTH = 1.1
const limitMb = { csv: 120, parquet: 200 } as const

export const growth: Question = {
  id: 'growth',
  title: 'Growth',
  async ask(run: BenchRun): Promise<Answer> {
    const sizes = run.quick ? [1000, 10_000] : [10_000, 100_000, 1_000_000, 3_000_000]
    const maximum = sizes.at(-1)!
    const options = { era: '3.7', records: maximum } as const
    const contenders = sizes.flatMap((records) => ours.map((format) => createContender(format, records)))
    const results = await withServer(run.folder, options, (server) =>
      runContest(run, server, contenders, run.quick ? 1 : 3),
    )
    const rows = results.map((result) => [
      result.label,
      formatSeconds(getSpread(result, getWallMs)),
      formatInteger(computeRate(result)),
      formatInteger(getPeakRssMb(result) ?? NaN),
      formatInteger(computeWithoutKeysMb(result)),
    ])
    const method = `The first records of one report of ${formatInteger(maximum)} (early shape); medians of ${run.quick ? 1 : 3} up to 10^5 records, one run beyond. The one thing that grows with the records is the set of their keys, 8 bytes each in tables that are at most 4/5 full: 10 to 15 bytes for a record. The last column is without 10 bytes for each record.`
    const head = ['', 'wall s (min–max)', 'records/s', 'peak RSS MB', 'without keys MB']
    const verdict = ours.map((format) => createVerdict(format, results, sizes.slice(1))).join('\n')
    return { text: `${method}\n\n${formatMarkdownTable(head, rows)}\n\n${verdict}`, figures: {} }
  },
}

const createLabel = (format: string, records: number) => `${format}, ${formatInteger(records)} records`

function createContender(format: (typeof ours)[number], records: number): Contender {
  const rounds = records > 100_000 ? 1 : 3
  return {
    label: createLabel(format, records),
    module: 'ours',
    options: { format },
    outputFormat: format,
    records,
    rounds,
  }
}

/** The fewest bytes that the key of a record needs: 8, in tables that are at most 4/5 full. */
const BYTES_PER_KEY = 10

function computeWithoutKeysMb(result: Result): number {
  return (getPeakRssMb(result) ?? NaN) - (result.records * BYTES_PER_KEY) / 1e6
}

function createVerdict(format: (typeof ours)[number], results: readonly Result[], sizes: readonly number[]): string {
  const matching = results.filter(({ label }) => sizes.some((size) => label === createLabel(format, size)))
  const peaks = matching.map((result) => getPeakRssMb(result) ?? NaN)
  const rests = matching.map(computeWithoutKeysMb)
  const maximum = Math.max(...peaks)
  const limitText = maximum <= limitMb[format] ? `within ${limitMb[format]} MB` : `**over ${limitMb[format]} MB**`
  const range = `${formatInteger(Math.min(...peaks))} to ${formatInteger(maximum)} MB from ${formatInteger(sizes[0]!)} to ${formatInteger(sizes.at(-1)!)} records`
  return `- ${format}: peak RSS ${range}, ${describeFlatness(peaks)}, ${limitText}; without keys ${describeFlatness(rests)}.`
}

function describeFlatness(peaks: readonly number[]): string {
  const [minimum, maximum] = [Math.min(...peaks), Math.max(...peaks)]
  if (maximum <= minimum * MAX_MEMORY_GROWTH) return 'flat within 10 %'
  return `**not flat**: ${(maximum / minimum).toFixed(2)} times from the least to the most`
}
