// npm run bench [-- QUESTION… --quick]: runs all questions, or the named ones, and writes RESULTS.md and chart.svg. A quick run
// writes them beside the compiled files, not into bench/, because its figures are not precise enough for a result.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderChart } from './harness/chart.js'
import { getBuiltPath, getSourcePath } from './harness/folders.js'
import { Inspector } from './harness/inspector.js'
import { describeMachine } from './harness/machine.js'
import type { Question, BenchRun } from './harness/question.js'
import { readSections, writeSections, type Section } from './harness/results.js'
import { shapes } from './harness/shapes.js'
import { formatInteger } from './harness/statistics.js'
import { sectionIds, questions } from './questions/all.js'
import { createBars, endToEnd, type Ratios } from './questions/end-to-end.js'

function selectQuestions(args: readonly string[]): readonly Question[] {
  const names = args.filter((arg) => arg !== '--quick')
  const unknown = names.filter((name) => questions.every(({ id }) => id !== name))
  if (unknown.length > 0)
    throw new Error(`no question called ${unknown.join(', ')}; there are ${questions.map(({ id }) => id).join(', ')}`)
  return names.length === 0 ? questions : questions.filter(({ id }) => names.includes(id))
}

async function ask({ id, title, ask }: Question, run: BenchRun): Promise<Section> {
  const started = performance.now()
  const machine = describeMachine()
  run.log(`${title} …`)
  const { text, figures } = await ask(run)
  const seconds = formatInteger((performance.now() - started) / 1000)
  const kind = run.quick ? ' **A quick run: no result.**' : ''
  return { id, figures, text: `## ${title}\n\n${machine}; took ${seconds} s.${kind}\n\n${text}` }
}

async function drawChart(results: string, path: string): Promise<void> {
  const ratios = (await readSections(results)).find(({ id }) => id === endToEnd.id)?.figures as Ratios | undefined
  if (ratios)
    await writeFile(path, renderChart(shapes.map(({ id, title }) => ({ title, bars: createBars(ratios[id]) }))))
}

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const selected = selectQuestions(args)
const toPath = quick ? getBuiltPath : getSourcePath
const results = toPath('RESULTS.md')
const folder = await mkdtemp(join(process.env['BENCH_TMP'] ?? tmpdir(), 'optimize-export-bench-'))
const inspector = await Inspector.open()
const log = (line: string) => process.stderr.write(`${line}\n`)
try {
  for (const question of selected) {
    const section = await ask(question, { quick, folder, inspector, log })
    process.stdout.write(`\n${section.text}\n`)
    await writeSections(results, [section], sectionIds)
  }
  await drawChart(results, toPath('chart.svg'))
  log(`written: ${results}`)
} finally {
  inspector.close()
  await rm(folder, { recursive: true, force: true })
}
