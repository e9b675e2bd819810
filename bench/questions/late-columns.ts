// How much slower is columns: 'all', which waits for all columns, than the columns of a sample?
import type { CaseOptions } from '../harness/case-types.js'
import { runContest, type Contender, type Result } from '../harness/contest.js'
import { findByLabel, getFigure, getPeakRssMb, computeRatio, getSpread, getWallMs } from '../harness/figures.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer } from '../harness/server-process.js'
import { formatSeconds, formatRatio, formatInteger } from '../harness/statistics.js'

type Columns = Pick<NonNullable<CaseOptions['csv']>, 'columns' | 'lateColumns'>

const ours = ['csv', 'parquet'] as const
const sample: Columns = { columns: 'sample' }
const all: Columns = { columns: 'all' }
const overflow: Columns = { columns: 'sample', lateColumns: 'overflow' }

export const lateColumns: Question = {
  id: 'late-columns',
  title: 'Late columns',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 2000 : 20_000
    const rounds = run.quick ? 1 : 3
    const options = { era: '8.6', records } as const
    const late = { at: records / 2, names: ['lateA', 'lateB'] }
    const contenders = [...createContenders('sample', sample), ...createContenders('all', all)]
    const results = await withServer(run.folder, options, (server) => runContest(run, server, contenders, rounds))
    const lateContenders = [...createContenders('overflow', overflow), ...createContenders('all, two late', all)]
    const lateResults = await withServer(run.folder, { ...options, lateVariables: late }, (server) =>
      runContest(run, server, lateContenders, rounds),
    )
    const rows = [...results, ...lateResults].map((result) => createRow(result, results))
    const method = `${formatInteger(records)} records of the modern shape, medians of ${rounds}; × = time as a multiple of \`columns: 'sample'\`. In the last four lines two variables first appear in the middle of the report.`
    const head = ['', 'wall s (min–max)', '×', 'peak RSS MB', 'late columns']
    return { text: `${method}\n\n${formatMarkdownTable(head, rows)}`, figures: {} }
  },
}

const createContenders = (title: string, columns: Columns): Contender[] =>
  ours.map((format) => ({
    label: `${format}, ${title}`,
    module: 'ours',
    options: { format, [format]: columns },
    outputFormat: format,
  }))

function createRow(result: Result, base: readonly Result[]): string[] {
  const format = result.options?.format ?? 'csv'
  return [
    result.label,
    formatSeconds(getSpread(result, getWallMs)),
    formatRatio(computeRatio(result, findByLabel(base, `${format}, sample`))),
    formatInteger(getPeakRssMb(result) ?? NaN),
    formatInteger(getFigure(result, 'lateColumns')),
  ]
}
