// How much time does a slow server cost, and how much of it does prefetch save, with a fast sink and with a slow one?
import { runContest, type Contender } from '../lab/contest.js'
import { getSpread, getWallMs } from '../lab/figures.js'
import { formatTable } from '../lab/markdown.js'
import type { Answer, Question, BenchRun } from '../lab/question.js'
import { withServer } from '../lab/server-process.js'
import { formatSeconds } from '../lab/statistics.js'

/** The speed of the slow sink: it needs about 150 ms for a page of 1000 records. */
const SLOW_SINK_MB_PER_SECOND = 2

export const latency: Question = {
  id: 'latency',
  title: 'A slow server, a slow sink',
  async ask(run: BenchRun): Promise<Answer> {
    const pages = run.quick ? 2 : 5
    const rounds = run.quick ? 1 : 2
    const rows: string[][] = []
    for (const latencyMs of [50, 300]) {
      const options = { era: '3.7', records: pages * 1000, latencyMs } as const
      const results = await withServer(run.folder, options, (server) => runContest(run, server, contenders, rounds))
      const texts = results.map((result) => formatSeconds(getSpread(result, getWallMs)))
      const server = ((pages * latencyMs) / 1000).toFixed(2)
      rows.push([`${latencyMs} ms, fast sink`, server, ...texts.slice(0, 3)])
      rows.push([`${latencyMs} ms, sink of ${SLOW_SINK_MB_PER_SECOND} MB/s`, server, ...texts.slice(3)])
    }
    const method = `${pages} pages to CSV, medians of ${rounds}, wall seconds. \`prefetch\` fetches ahead of demand; pages follow each other, so nothing can be faster than the server's own time.`
    const head = ['a page takes', "server's own time s", 'prefetch 0', 'prefetch 1', 'prefetch 2']
    return { text: `${method}\n\n${formatTable(head, rows)}`, figures: {} }
  },
}

const contenders: readonly Contender[] = [undefined, SLOW_SINK_MB_PER_SECOND].flatMap((sinkMbPerSecond) =>
  [0, 1, 2].map((prefetch): Contender => {
    const options = { source: { prefetch }, ...(sinkMbPerSecond === undefined ? {} : { sinkMbPerSecond }) }
    const label = `prefetch ${prefetch}, ${sinkMbPerSecond === undefined ? 'fast' : 'slow'} sink`
    return { label, module: 'ours', options, output: 'csv' }
  }),
)
