// How long does an export block the event loop?
import type { Format } from '../harness/case-types.js'
import { runContest, type Contender } from '../harness/contest.js'
import { getFigure, getSpread } from '../harness/figures.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'

const MAX_BLOCK_MS = 100
const ours = ['csv', 'parquet', 'ndjson'] as const satisfies readonly Format[]

export const eventLoop: Question = {
  id: 'event-loop',
  title: 'The event loop',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 10_000 : 40_000
    const rounds = run.quick ? 1 : 3
    const options = { era: '8.6', records, prerenderedLimits: [1000, 10_000] } as const
    const results = await withServer(run.folder, options, (server) => runContest(run, server, contenders, rounds))
    const rows = results.map((result) => {
      const { median, max } = getSpread(result, ({ figures }) => figures['loopMaxMs'] ?? NaN)
      const verdict = result.label.includes('defaults') ? (max <= MAX_BLOCK_MS ? 'yes' : '**no**') : '–'
      const p99 = getFigure(result, 'loopP99Ms').toFixed(1)
      return [result.label, median.toFixed(0), max.toFixed(0), p99, verdict]
    })
    const method = `monitorEventLoopDelay at a resolution of 1 ms, ${records} records of the modern shape, ${rounds} runs. At default options no block may be longer than ${MAX_BLOCK_MS} ms.`
    const head = [
      '',
      'longest ms, median of runs',
      'longest ms, worst run',
      '99th percentile ms',
      `≤ ${MAX_BLOCK_MS} ms`,
    ]
    return { text: `${method}\n\n${formatMarkdownTable(head, rows)}`, figures: {} }
  },
}

const contenders: readonly Contender[] = [
  { title: 'defaults', source: {} },
  { title: 'limit 10000', source: { limit: 10_000 } },
].flatMap(({ title, source }) =>
  ours.map((format): Contender => ({
    label: `${format}, ${title}`,
    module: 'ours',
    options: { format, source, watchLoop: true },
    outputFormat: format,
  })),
)
