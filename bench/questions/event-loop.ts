// How long does an export keep the event loop from anything else?
import type { Format } from '../lab/case-types.js'
import { contest, type Contender } from '../lab/contest.js'
import { figure, spread } from '../lab/figures.js'
import { table } from '../lab/markdown.js'
import type { Answer, Question, Run } from '../lab/question.js'
import { withServer } from '../lab/server-process.js'

const LIMIT_MS = 100
const ours = ['csv', 'parquet', 'ndjson'] as const satisfies readonly Format[]

export const eventLoop: Question = {
  id: 'event-loop',
  title: 'The event loop',
  async ask(run: Run): Promise<Answer> {
    const records = run.quick ? 10_000 : 40_000
    const rounds = run.quick ? 1 : 3
    const options = { era: '8.6', records, warmLimits: [1000, 10_000] } as const
    const results = await withServer(run.folder, options, (server) => contest(run, server, contenders, rounds))
    const rows = results.map((result) => {
      const { median, max } = spread(result, ({ figures }) => figures['loopMaxMs'] ?? NaN)
      const verdict = result.label.includes('defaults') ? (max <= LIMIT_MS ? 'yes' : '**no**') : '–'
      const p99 = figure(result, 'loopP99Ms').toFixed(1)
      return [result.label, median.toFixed(0), max.toFixed(0), p99, verdict]
    })
    const method = `monitorEventLoopDelay at a resolution of 1 ms, ${records} records of the modern shape, ${rounds} runs. At default options no block may be longer than ${LIMIT_MS} ms.`
    const head = ['', 'longest ms, median of runs', 'longest ms, worst run', '99th percentile ms', `≤ ${LIMIT_MS} ms`]
    return { text: `${method}\n\n${table(head, rows)}`, figures: {} }
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
    output: format,
  })),
)
