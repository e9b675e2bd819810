// How much slower is each option than the plain form of its format?
import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaseOptions, Measurement } from '../harness/case-types.js'
import { runCase } from '../harness/contest.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, BenchRun, Question } from '../harness/question.js'
import { withServer, type BenchServer, type ServerOptions } from '../harness/server-process.js'
import { shapes, type Shape } from '../harness/shapes.js'
import { computeSpread, formatInteger, formatRatio } from '../harness/statistics.js'
import { optionRows, createPlainRow, type OptionRow } from './option-rows.js'

/** No option may cost more than this multiple of the plain form of its format. */
const MAX_RATIO = 1.5
const MAX_RSS_MB = 150

export const options: Question = {
  id: 'options',
  title: 'Options',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 10_000 : Number(process.env['BENCH_RECORDS'] ?? 300_000)
    const rounds = run.quick ? 1 : Number(process.env['BENCH_ROUNDS'] ?? 3)
    const wanted = new RegExp(process.env['BENCH_OPTIONS'] ?? '')
    const rows = optionRows.filter(({ label }) => wanted.test(label))
    const blocks: string[] = []
    const figures: Record<string, Record<string, number>> = {}
    for (const shape of shapes) {
      run.log(shape.title)
      const costs = await measureOptions(run, shape, records, rounds, rows)
      blocks.push(`### ${shape.title}\n\n${createTable(costs)}`)
      figures[shape.id] = Object.fromEntries(costs.map(({ label, cpu }) => [label, cpu]))
    }
    const method = `${formatInteger(records)} records of each shape, the shortest of ${rounds} runs, in turns. CPU and wall time are multiples of those of the plain form of the format. For a decision report the times are first divided by the floor's time for the same records (node-fetch and JSON.parse), because its records are larger or smaller. The entries of a map or hyper-map report are tiny (70 bytes) and few on a real server, so those rows are compared by the time for a row. The rows and a hash of the bytes of every file equal those of an export record by record.`
    return { text: [method, ...blocks].join('\n\n'), figures }
  },
}

export interface OptionCost {
  readonly label: string
  /** Times as multiples of those of the plain form, after both were divided by the time of the floor or by the rows. */
  readonly cpu: number
  readonly wall: number
  readonly rssMb: number
  readonly cpuMs: number
  readonly wallMs: number
}

type Kind = OptionRow['report']

const servers: Readonly<Record<Kind, (shape: Shape, records: number) => ServerOptions>> = {
  process: ({ server }, records) => ({ ...server, records }),
  late: ({ server }, records) => ({
    ...server,
    records,
    lateVariables: { at: records / 2, names: ['lateA', 'lateB'] },
  }),
  decision: ({ server }, records) => ({ ...server, records, report: 'decision' }),
  map: ({ server }, records) => ({ ...server, records: Math.ceil(records / 3), report: 'map' }),
  hyperMap: ({ server }, records) => ({ ...server, records: Math.ceil(records / 3), report: 'hyperMap' }),
}

/** Measures options in turns with the plain forms of their formats. */
export async function measureOptions(
  run: BenchRun,
  shape: Shape,
  records: number,
  rounds: number,
  rows: readonly OptionRow[],
): Promise<OptionCost[]> {
  const kinds = [...new Set<Kind>(['process', ...rows.map((row) => row.report)])]
  const formats = [...new Set(rows.map(({ format }) => format))]
  return withServers(run.folder, kinds, shape, records, async (byKind) => {
    const contest = new OptionContest(run, byKind)
    const all = [...formats.map(createPlainRow), ...rows]
    for (let round = 1; round <= rounds; round++) {
      for (const kind of kinds) await contest.runFloor(kind)
      for (const row of all) await contest.runRow(row, round === 1)
    }
    return rows.map((row) => contest.getCost(row))
  })
}

async function withServers<T>(
  folder: string,
  kinds: readonly Kind[],
  shape: Shape,
  records: number,
  use: (servers: ReadonlyMap<Kind, BenchServer>) => Promise<T>,
  started: ReadonlyMap<Kind, BenchServer> = new Map(),
): Promise<T> {
  const [kind, ...others] = kinds
  if (kind === undefined) return use(started)
  return withServer(folder, servers[kind](shape, records), (server) =>
    withServers(folder, others, shape, records, use, new Map([...started, [kind, server]])),
  )
}

type Aspect = 'cpuMs' | 'wallMs'

const getFloorLabel = (kind: Kind) => `floor, ${kind}`

class OptionContest {
  readonly #run: BenchRun
  readonly #servers: ReadonlyMap<Kind, BenchServer>
  readonly #runs = new Map<string, Measurement[]>()

  constructor(run: BenchRun, byKind: ReadonlyMap<Kind, BenchServer>) {
    this.#run = run
    this.#servers = byKind
  }

  async runFloor(kind: Kind): Promise<void> {
    this.#add(getFloorLabel(kind), await this.#measure('floor', kind, {}))
  }

  /** @param isThorough true to compare the files with those of an export record by record */
  async runRow(row: OptionRow, isThorough: boolean): Promise<void> {
    const measured = await this.#measure('ours', row.report, row.options)
    this.#add(row.label, measured)
    if (!isThorough) return
    const found = await this.#hashFiles(row.options)
    const { rows } = await this.#measure('ours', row.report, { ...row.options, hasTransform: true })
    const expected = await this.#hashFiles(row.options)
    if (rows !== measured.rows) throw new Error(`${row.label}: expected ${rows} rows, counted ${measured.rows}`)
    if (found !== expected) throw new Error(`${row.label}: the bytes are not those of an export record by record`)
  }

  getCost(row: OptionRow): OptionCost {
    const plain = createPlainRow(row.format)
    const isByRow = row.report === 'map' || row.report === 'hyperMap'
    const getUnits = ({ label, report }: OptionRow, aspect: Aspect) =>
      isByRow ? this.#runs.get(label)![0]!.rows : this.#getShortest(getFloorLabel(report), aspect)
    const getMultiple = (one: OptionRow, aspect: Aspect) => this.#getShortest(one.label, aspect) / getUnits(one, aspect)
    const divide = (aspect: Aspect) => getMultiple(row, aspect) / getMultiple(plain, aspect)
    const { label } = row
    const rssMb = computeSpread(this.#runs.get(label)!.map(({ peakRssMb }) => peakRssMb ?? NaN)).median
    const [cpuMs, wallMs] = [this.#getShortest(label, 'cpuMs'), this.#getShortest(label, 'wallMs')]
    return { label, cpu: divide('cpuMs'), wall: divide('wallMs'), rssMb, cpuMs, wallMs }
  }

  #getShortest(label: string, aspect: Aspect): number {
    return computeSpread(this.#runs.get(label)!.map((measured) => measured[aspect])).min
  }

  #add(label: string, measured: Measurement): void {
    this.#run.log(`  ${label}: ${Math.round(measured.cpuMs)} ms CPU, ${measured.rows} rows`)
    this.#runs.set(label, [...(this.#runs.get(label) ?? []), measured])
  }

  #measure(module: 'ours' | 'floor', kind: Kind, options: CaseOptions): Promise<Measurement> {
    const { url, token, reportId, total } = this.#servers.get(kind)!
    return runCase(module, { url, token, reportId, total, records: total, file: this.#file, options })
  }

  get #file(): string {
    return join(this.#run.folder, 'output')
  }

  async #hashFiles({ events }: CaseOptions): Promise<string> {
    const hash = createHash('sha256')
    for (const file of events ? [this.#file, `${this.#file}.events`] : [this.#file]) {
      hash.update(await readFile(file))
      await rm(file)
    }
    return hash.digest('hex')
  }
}

function createTable(costs: readonly OptionCost[]): string {
  const rows = costs.map(({ label, cpu, wall, rssMb, cpuMs, wallMs }) => [
    label,
    formatRatio(cpu),
    formatRatio(wall),
    (cpuMs / 1000).toFixed(2),
    (wallMs / 1000).toFixed(2),
    formatInteger(rssMb),
    cpu <= MAX_RATIO && wall <= MAX_RATIO && rssMb <= MAX_RSS_MB ? 'yes' : '**no**',
  ])
  const goal = `≤ ${MAX_RATIO} x, ≤ ${MAX_RSS_MB} MB`
  return formatMarkdownTable(['', 'CPU x', 'wall x', 'CPU s', 'wall s', 'peak RSS MB', goal], rows)
}
