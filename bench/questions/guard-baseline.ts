// What does npm run guard hold the code against? The same measurement, made when the results were.
import { table } from '../lab/markdown.js'
import type { Answer, Question, Run } from '../lab/question.js'
import { times, whole } from '../lab/statistics.js'
import { measureRatios, guardRecords } from './guard-ratios.js'

export const guardBaseline: Question = {
  id: 'guard',
  title: 'Baseline of the guard',
  async ask(run: Run): Promise<Answer> {
    const rounds = run.quick ? 1 : 5
    const ratios = await measureRatios(run, rounds)
    const method = `The shortest of ${rounds} runs of ${whole(guardRecords(run))} records (seed shape) as a multiple of the floor's shortest. \`npm run guard\` measures the same again.`
    const rows = Object.entries(ratios).map(([label, ratio]) => [label, times(ratio)])
    return { text: `${method}\n\n${table(['', 'x'], rows)}`, figures: ratios }
  },
}
