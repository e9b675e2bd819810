// The metrics of all jobs, for the textfile collector of Prometheus' node exporter.
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getReason } from '../../../shared/system-errors.js'
import { atomicFile } from '../../../index.js'
import type { Settings } from '../../settings.js'
import type { JobHistory, StateFile } from './state-file.js'
import type { PlannedJob } from '../file/plan-jobs.js'

interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  /** Returns undefined if the job has no such metric. A job that was never tried has no history. */
  readonly read: (history: JobHistory | undefined) => number | undefined
}

const toSeconds = (time: string) => Date.parse(time) / 1000

/**
 * Returns 0 for a job without a success, because an alert never fires for a series that does not exist. Returns undefined for a report that
 * cannot be exported, because it can have no success.
 */
function readLastSuccess(history: JobHistory | undefined): number | undefined {
  if (history?.lastSuccess) return toSeconds(history.lastSuccess.finishedAt)
  return history?.result === 'not exportable' ? undefined : 0
}

const isSuccess = ({ result }: JobHistory) => result === 'complete' || result === 'not exportable'

const readTotal = (name: keyof JobHistory['totals']) => (history: JobHistory | undefined) => history?.totals[name] ?? 0

const metrics: readonly Metric[] = [
  {
    name: 'last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When the job was last complete; 0 if it never was.',
    read: readLastSuccess,
  },
  {
    name: 'last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When the job last ended, complete or not.',
    read: (history) => history && toSeconds(history.finishedAt),
  },
  {
    name: 'last_run_success',
    type: 'gauge',
    help: '1 if the last run of the job was complete or its report cannot be exported, else 0.',
    read: (history) => history && Number(isSuccess(history)),
  },
  {
    name: 'last_run_duration_seconds',
    type: 'gauge',
    help: 'How long the last run of the job took.',
    read: (history) => history?.seconds,
  },
  {
    name: 'last_run_retries',
    type: 'gauge',
    help: 'Repeated requests of the last run.',
    read: (history) => history?.retries,
  },
  {
    name: 'last_run_restarts',
    type: 'gauge',
    help: 'New searches of the last run.',
    read: (history) => history?.restarts,
  },
  {
    name: 'last_run_changes',
    type: 'gauge',
    help: 'Differences that the last run found, such as lost columns or fewer rows.',
    read: (history) => history?.changes,
  },
  {
    name: 'rows',
    type: 'gauge',
    help: 'Rows of the last success: of its file (without those of an event log beside it), or those that a load read.',
    read: (history) => history?.lastSuccess?.rows,
  },
  {
    name: 'bytes',
    type: 'gauge',
    help: 'Bytes of the last success: of the files that it wrote, or of the pages of a load.',
    read: (history) => history?.lastSuccess?.bytes,
  },
  { name: 'runs_total', type: 'counter', help: 'Runs of the job.', read: readTotal('runs') },
  { name: 'failures_total', type: 'counter', help: 'Failed runs of the job.', read: readTotal('failures') },
  { name: 'retries_total', type: 'counter', help: 'Repeated requests of the job.', read: readTotal('retries') },
  { name: 'restarts_total', type: 'counter', help: 'New searches of the job.', read: readTotal('restarts') },
]

interface RunEnd {
  readonly finishedAt: Date
  readonly exitCode: number
}

export function formatMetrics(names: readonly string[], { finishedAt, exitCode }: RunEnd, state: StateFile): string {
  const histories = names.map((name) => ({ name, history: state.get(name) }))
  const perJob = metrics.flatMap(({ name, type, help, read }) => {
    const samples = histories.flatMap(({ name: job, history }) => {
      const value = read(history)
      return value === undefined ? [] : [`optimize_export_job_${name}{job="${escapeLabel(job)}"} ${value}`]
    })
    return samples.length === 0 ? [] : [...formatHeader(`optimize_export_job_${name}`, type, help), ...samples]
  })
  const lines = [
    ...perJob,
    ...formatHeader('optimize_export_run_timestamp_seconds', 'gauge', 'When the run ended.'),
    `optimize_export_run_timestamp_seconds ${finishedAt.getTime() / 1000}`,
    ...formatHeader('optimize_export_run_exit_code', 'gauge', 'The exit code of the run.'),
    `optimize_export_run_exit_code ${exitCode}`,
  ]
  return `${lines.join('\n')}\n`
}

const formatHeader = (name: string, type: string, help: string) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]

/** Source: the text exposition format of Prometheus, "Comments, help text, and type information". */
const escapeLabel = (text: string) =>
  text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))

/** Writes the metrics of all jobs of the jobs file, also of jobs that this run left out, so that no series ends. */
export async function writeMetrics(
  path: string,
  jobs: readonly MetricsJob[],
  end: RunEnd,
  state: StateFile,
): Promise<void> {
  const names = jobs.flatMap((job) => listNames(job, state))
  await pipeline(Readable.from([Buffer.from(formatMetrics(names, end, state))]), atomicFile(path))
}

type MetricsJob = Pick<PlannedJob, 'name' | 'reportOrCollection'>

/** Returns the names of the jobs of a collection, as the collection was last listed; for any other job its own name. */
function listNames({ name, reportOrCollection }: MetricsJob, state: StateFile): readonly string[] {
  const jobs = 'collectionId' in reportOrCollection ? state.getCollectionJobs(name) : undefined
  return jobs ?? [name]
}

/** Rejects with a UsageError if the file cannot be created. Called before the first job, because a run may take the whole night. */
export async function checkMetricsFile(settings: Settings): Promise<void> {
  const path = settings.text('metrics')
  if (path === undefined) return
  const fail = (problem: string) => {
    throw settings.createError('metrics', problem)
  }
  const folder = dirname(path)
  // because of the slash, a file in place of the folder is an error
  await access(`${folder}/`, constants.W_OK).catch((error: unknown) => {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    fail(`the folder ${folder} ${isMissing ? 'does not exist' : `cannot be written: ${getReason(error)}`}`)
  })
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder) fail(`expected a file, got the folder ${path}`)
}
