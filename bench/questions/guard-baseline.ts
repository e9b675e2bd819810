// The baseline of npm run guard: the same measurement, made together with RESULTS.md.
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { formatRatio, formatInteger } from '../harness/statistics.js'
import { measureRatios, getGuardRecords } from './guard-ratios.js'

export const guardBaseline: Question = {
  id: 'guard',
  title: 'Baseline of the guard',
  async ask(run: BenchRun): Promise<Answer> {
    const rounds = run.quick ? 1 : 5
    const ratios = await measureRatios(run, rounds)
    const method = `The shortest of ${rounds} runs of ${formatInteger(getGuardRecords(run))} records (early shape; options in both shapes) as a multiple of the floor's shortest; for an option the CPU time as a multiple of that of the plain form of its format. \`npm run guard\` measures the same again.`
    const rows = Object.entries(ratios).map(([label, ratio]) => [label, formatRatio(ratio)])
    return { text: `${method}\n\n${formatMarkdownTable(['', 'x'], rows)}`, figures: ratios }
  },
}
