// The figures of all jobs for the textfile collector of Prometheus' node exporter.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomicFile } from '../../index.js'
import type { JobRecord, JobState } from './job-state.js'
import type { RunSummary } from './run-plan.js'

interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  /** Returns undefined if the job has no such figure yet. */
  readonly read: (record: JobRecord) => number | undefined
}

const toSeconds = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time) / 1000)

const metrics: readonly Metric[] = [
  {
    name: 'last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When the job was last complete.',
    read: ({ lastSuccess }) => toSeconds(lastSuccess?.finishedAt),
  },
  {
    name: 'last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When the job last ended, complete or not.',
    read: ({ finishedAt }) => toSeconds(finishedAt),
  },
  {
    name: 'last_run_success',
    type: 'gauge',
    help: '1 if the last run of the job was complete, else 0.',
    read: ({ result }) => (result === 'complete' || result === 'not exportable' ? 1 : 0),
  },
  {
    name: 'last_run_duration_seconds',
    type: 'gauge',
    help: 'The time of the last run.',
    read: ({ seconds }) => seconds,
  },
  {
    name: 'last_run_retries',
    type: 'gauge',
    help: 'Repeated requests of the last run.',
    read: ({ retries }) => retries,
  },
  { name: 'last_run_restarts', type: 'gauge', help: 'New searches of the last run.', read: ({ restarts }) => restarts },
  { name: 'rows', type: 'gauge', help: 'Rows of the last success.', read: ({ lastSuccess }) => lastSuccess?.rows },
  {
    name: 'bytes',
    type: 'gauge',
    help: 'Bytes of the last success: of the files, or of the pages of a load.',
    read: ({ lastSuccess }) => lastSuccess?.bytes,
  },
  { name: 'runs_total', type: 'counter', help: 'Runs of the job.', read: ({ totals }) => totals.runs },
  { name: 'failures_total', type: 'counter', help: 'Failed runs of the job.', read: ({ totals }) => totals.failures },
  {
    name: 'retries_total',
    type: 'counter',
    help: 'Repeated requests of the job.',
    read: ({ totals }) => totals.retries,
  },
  { name: 'restarts_total', type: 'counter', help: 'New searches of the job.', read: ({ totals }) => totals.restarts },
]

/** Returns the text of the metrics of all jobs of the last run. */
export function formatMetrics({ jobs, finishedAt, exitCode }: RunSummary, state: JobState): string {
  const records = jobs.flatMap(({ name }) => {
    const record = state.get(name)
    return record ? [{ name, record }] : []
  })
  const perJob = metrics.flatMap(({ name, type, help, read }) => {
    const samples = records.flatMap(({ name: job, record }) => {
      const value = read(record)
      return value === undefined ? [] : [`optimize_export_job_${name}{job="${escapeLabel(job)}"} ${value}`]
    })
    return samples.length === 0 ? [] : [...formatHead(`optimize_export_job_${name}`, type, help), ...samples]
  })
  const lines = [
    ...perJob,
    ...formatHead('optimize_export_run_timestamp_seconds', 'gauge', 'When the run ended.'),
    `optimize_export_run_timestamp_seconds ${finishedAt.getTime() / 1000}`,
    ...formatHead('optimize_export_run_exit_code', 'gauge', 'The exit code of the run.'),
    `optimize_export_run_exit_code ${exitCode}`,
  ]
  return `${lines.join('\n')}\n`
}

const formatHead = (name: string, type: string, help: string) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]

/** Source: the text exposition format of Prometheus, "Comments, help text, and type information". */
const escapeLabel = (text: string) =>
  text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))

/** Writes the metrics to a file that is always whole. */
export async function writeMetrics(path: string, summary: RunSummary, state: JobState): Promise<void> {
  await pipeline(Readable.from([Buffer.from(formatMetrics(summary, state))]), atomicFile(path))
}
