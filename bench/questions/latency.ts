// How much time does a slow server cost, and how much of it does prefetch save, with a fast sink and with a slow one?
import { runContest, type Contender } from '../harness/contest.js'
import { computeRatio, getSpread, getWallMs } from '../harness/figures.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'
import { formatSeconds } from '../harness/statistics.js'

/** A server: the time that it needs for a page, the records of a page, and the number of pages. */
interface SlowServer {
  readonly latencyMs: number
  readonly limit: number
  readonly pages: number
}

const servers: readonly SlowServer[] = [
  { latencyMs: 50, limit: 1000, pages: 40 },
  { latencyMs: 300, limit: 1000, pages: 20 },
  { latencyMs: 300, limit: 10_000, pages: 8 },
]

const PREFETCHES = [0, 1, 2]

/** The speed of the slow sink. */
const SLOW_SINK_MB_PER_SECOND = 5

const sinks: readonly {
  readonly label: string
  readonly options: Contender['options']
  readonly outputFormat: 'csv' | 'parquet'
}[] = [
  { label: 'csv', options: {}, outputFormat: 'csv' },
  { label: 'parquet', options: { format: 'parquet' }, outputFormat: 'parquet' },
  {
    label: `csv, sink of ${SLOW_SINK_MB_PER_SECOND} MB/s`,
    options: { sinkMbPerSecond: SLOW_SINK_MB_PER_SECOND },
    outputFormat: 'csv',
  },
]

export const latency: Question = {
  id: 'latency',
  title: 'A slow server, a slow sink',
  async ask(run: BenchRun): Promise<Answer> {
    const rounds = run.quick ? 1 : 3
    const rows: string[][] = []
    for (const { latencyMs, limit, pages } of servers) {
      const records = (run.quick ? 2 : pages) * limit
      const options = { era: '8.6', records, latencyMs, prerenderedLimits: [limit] } as const
      const [bytesOnly, ...results] = await withServer(run.folder, options, (server) =>
        runContest(run, server, createContenders(limit), rounds),
      )
      const seconds = formatSeconds(getSpread(bytesOnly!, getWallMs))
      rows.push([`${latencyMs} ms, ${limit} records`, 'bytes only', seconds, '', ''])
      for (const [index, { label }] of sinks.entries()) {
        const ratios = results
          .slice(index * PREFETCHES.length, (index + 1) * PREFETCHES.length)
          .map((result) => computeRatio(result, bytesOnly!).toFixed(2))
        rows.push(['', label, ...ratios])
      }
    }
    const method = `Records of the modern shape, medians of ${rounds}. The first line of each server is the wall time of a program that fetches the pages and drops them; pages follow each other, so nothing can be faster. The other lines are multiples of it.`
    const head = ['a page takes', 'work', ...PREFETCHES.map((prefetch) => `prefetch ${prefetch}`)]
    return { text: `${method}\n\n${formatMarkdownTable(head, rows)}`, figures: {} }
  },
}

const createContenders = (limit: number): Contender[] => [
  { label: 'bytes only', module: 'bytes', options: { source: { limit } } },
  ...sinks.flatMap(({ label, options, outputFormat }) =>
    PREFETCHES.map((prefetch): Contender => {
      const source = { limit, prefetch }
      return {
        label: `${label}, prefetch ${prefetch}`,
        module: 'ours',
        options: { ...options, source },
        outputFormat,
      }
    }),
  ),
]
