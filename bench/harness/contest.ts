// Runs cases in turns (A B C A B C …), each in a separate process, and checks their outputs.
import { execFile } from 'node:child_process'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CaseInput, CaseOptions, Format, Measurement } from './case-types.js'
import { Checks } from './check.js'
import { getBuiltPath } from './folders.js'
import type { BenchRun } from './question.js'
import type { BenchServer } from './server-process.js'

export interface Contender {
  readonly label: string
  /** The file in cases/. */
  readonly module: string
  readonly options?: CaseOptions
  /** The format of its file, if it writes one. */
  readonly outputFormat?: Format
  /** Records to export. @default all */
  readonly records?: number
  /** The number of rounds with this case. @default all */
  readonly rounds?: number
  /** See CheckedOutput. */
  readonly group?: string
  /** The path at which the file of its last run is kept. @default it is removed */
  readonly keptPath?: string
}

export interface Result extends Contender {
  readonly records: number
  readonly runs: readonly RunOfCase[]
}

export interface RunOfCase extends Measurement {
  readonly outputBytes: number
}

const execute = promisify(execFile)

export async function runContest(
  run: BenchRun,
  server: BenchServer,
  contenders: readonly Contender[],
  rounds: number,
): Promise<Result[]> {
  const checks = new Checks(run.inspector, server.idsFile)
  const results = contenders.map((contender) => ({
    ...contender,
    records: contender.records ?? server.total,
    runs: [] as RunOfCase[],
  }))
  for (let round = 1; round <= rounds; round++) {
    for (const result of results.filter((candidate) => round <= (candidate.rounds ?? rounds))) {
      const { url, token, reportId, total } = server
      const file = result.keptPath ?? join(run.folder, `output.${result.outputFormat ?? 'none'}`)
      const { records, options = {} } = result
      const ran = await runOne(result, { url, token, reportId, total, records, file, options }, checks, round === 1)
      result.runs.push(ran)
      run.log(`  ${round}/${rounds} ${result.label}: ${Math.round(ran.wallMs)} ms, ${ran.rows} records`)
    }
  }
  return results
}

/** @param isThorough true to compare the file also with the other files of its group */
async function runOne(contender: Contender, input: CaseInput, checks: Checks, isThorough: boolean): Promise<RunOfCase> {
  const { label, module, outputFormat, keptPath } = contender
  await rm(input.file, { force: true })
  const measured = await runCase(module, input)
  checks.checkCount(label, measured, input)
  if (outputFormat === undefined) return { ...measured, outputBytes: 0 }
  const checked = { ...contender, outputFormat }
  await checks.checkIds(checked, input)
  if (isThorough) await checks.checkGroup(checked, input)
  const { size } = await stat(input.file)
  if (keptPath === undefined) await rm(input.file)
  return { ...measured, outputBytes: size }
}

export async function runCase(module: string, input: CaseInput): Promise<Measurement> {
  const { stdout } = await execute(process.execPath, [getBuiltPath('case.js'), module, JSON.stringify(input)])
  return JSON.parse(stdout) as Measurement
}
