// How long does each stage of an export take alone, with pages in memory?
import { runContest } from '../harness/contest.js'
import { getMsPer1000, getSpread } from '../harness/figures.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'
import { shapes } from '../harness/shapes.js'
import { formatInteger } from '../harness/statistics.js'

const names = [
  'fetch',
  'JSON.parse',
  'parse, digits kept',
  'key deduplicator',
  'flatten',
  'objects through a stream',
  'CSV',
  'Parquet',
  'NDJSON',
]

export const stages: Question = {
  id: 'stages',
  title: 'What each stage costs',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 2000 : 20_000
    const rounds = run.quick ? 1 : 3
    const cases = names.map((variant) => ({ label: variant, module: 'stage', options: { variant } }))
    const measured: { readonly costs: number[]; readonly texts: string[] }[] = []
    for (const shape of shapes) {
      const options = { ...shape.server, records }
      const results = await withServer(run.folder, options, (server) => runContest(run, server, cases, rounds))
      const texts = results.map((result) => {
        const { min, max } = getSpread(result, ({ wallMs }) => wallMs / (records / 1000))
        return `${getMsPer1000(result).toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`
      })
      measured.push({ costs: results.map(getMsPer1000), texts })
    }
    const rows = names.map((name, at) => [name, ...measured.map(({ texts }) => texts[at]!)])
    const method = `Milliseconds for 1000 records. Each stage runs alone in its own process with ${formatInteger(records)} records, medians of ${rounds}. \`flatten\`, which users can call, is not a step of an export: encoders read cells from the nested record. CSV, Parquet and NDJSON are encoders without a stream before them.`
    const text = `${method}\n\n${formatMarkdownTable(['', ...shapes.map(({ title }) => title)], rows)}`
    return { text, figures: measured.map(({ costs }) => costs) }
  },
}
