// `optimize-export run`: runs the jobs of a file, several at a time.
import { dirname, join } from 'node:path'
import type { Context } from '../context.js'
import { exit } from '../exit-codes.js'
import { formatDuration, pluralize } from '../format-text.js'
import { runHook } from '../jobs/hooks.js'
import { JsonLog, TextLog, type JobLog } from '../jobs/job-log.js'
import type { JobResult } from '../jobs/job-result.js'
import { JobState } from '../jobs/job-state.js'
import { RunLock } from '../jobs/run-lock.js'
import { writeMetrics } from '../jobs/metrics.js'
import { planJobs, type JobsPlan, type PlannedJob } from '../jobs/plan-jobs.js'
import { runPlan, type RunSummary } from '../jobs/run-plan.js'
import { findSuggestion } from '../parser.js'
import { program } from '../program.js'
import { UsageError } from '../usage-error.js'

const DEFAULT_JOBS = 2

/** Runs the jobs of the file that the settings name. */
export async function runJobs(context: Context): Promise<number> {
  const { settings, printJson } = context
  const path = settings.text('file')
  if (path === undefined) throw new UsageError('nothing to run: give a jobs file, such as jobs.yaml')
  const log = createLog(context)
  const limit = getLimit(context)
  const plan = await planJobs(path, program.commands, context)
  const jobs = selectJobs(plan.jobs, settings.get('only'))
  if (settings.get('check') === true) return showPlan(jobs, context)
  const statePath = settings.text('state') ?? join(dirname(path), '.optimize-export', 'state.json')
  const lock = await RunLock.acquire(statePath, context.signal)
  try {
    const state = await JobState.read(statePath)
    const isResumed = settings.get('resume') === true
    const isPart = settings.get('only') !== undefined
    const summary = await runPlan(jobs, { limit, isResumed, isPart, state }, context, log)
    const exitCode = await finishRun(plan, summary, state, context, log)
    if (settings.get('json') === true) printJson({ ...summary, exitCode })
    log.note(exitCode === exit.complete ? 'info' : 'error', 'summary', formatSummary(summary), { exitCode })
    return exitCode
  } finally {
    await lock.release()
  }
}

function createLog({ settings, progress, stderr }: Context): JobLog {
  const format = settings.text('logFormat') ?? 'text'
  if (format === 'text') return new TextLog(progress)
  if (format === 'json') return new JsonLog(stderr, settings.get('quiet') === true)
  throw settings.createError('logFormat', `expected text or json, got ${JSON.stringify(format)}`)
}

function getLimit({ settings }: Context): number {
  const limit = settings.get('jobs') ?? DEFAULT_JOBS
  if (Number.isSafeInteger(limit) && (limit as number) >= 1) return limit as number
  throw settings.createError('jobs', 'expected an integer of at least 1')
}

function selectJobs(jobs: readonly PlannedJob[], only: unknown): readonly PlannedJob[] {
  if (!Array.isArray(only)) return jobs
  const names = jobs.map(({ name }) => name)
  for (const name of only as string[]) {
    if (names.includes(name)) continue
    const suggestion = findSuggestion(name, names)
    const hint = suggestion === undefined ? `expected one of ${names.join(', ')}` : `did you mean ${suggestion}`
    throw new UsageError(`--only: there is no job ${JSON.stringify(name)}, ${hint}`)
  }
  return jobs.filter(({ name }) => only.includes(name))
}

function showPlan(jobs: readonly PlannedJob[], { settings, stdout, printJson }: Context): number {
  const plan = jobs.map(({ name, kind, reportOrCollection, server, targets }) => ({
    name,
    kind,
    ...reportOrCollection,
    server,
    targets,
  }))
  if (settings.get('json') === true) printJson({ jobs: plan })
  else
    for (const { name, kind, targets } of plan)
      stdout.write(`${name}: ${kind} to ${targets.length > 0 ? targets.join(', ') : 'one target per report'}\n`)
  return exit.complete
}

/** Writes the metrics and runs the hook. Returns the exit code. */
async function finishRun(
  { onSuccess, onFailure }: JobsPlan,
  summary: RunSummary,
  state: JobState,
  { settings, env }: Context,
  log: JobLog,
): Promise<number> {
  let { exitCode } = summary
  const fail = (event: string, message: string) => {
    log.note('error', event, message)
    if (exitCode === exit.complete) exitCode = exit.failed
  }
  const metrics = settings.text('metrics')
  if (metrics !== undefined)
    await writeMetrics(metrics, summary, state).catch((error: unknown) =>
      fail('metrics', `--metrics: ${(error as Error).message}`),
    )
  const [key, command] = exitCode === exit.complete ? ['on-success', onSuccess] : ['on-failure', onFailure]
  const problem = command === undefined ? undefined : await runHook(command, summary, env)
  if (problem !== undefined) fail('hook', `${key}: the command failed: ${problem}`)
  return exitCode
}

/** `3 jobs: 2 complete, 1 failed, in 12 s`. */
function formatSummary({ jobs, startedAt, finishedAt, error }: RunSummary): string {
  const counts = new Map<JobResult['result'], number>()
  for (const { result } of jobs) counts.set(result, (counts.get(result) ?? 0) + 1)
  const parts = [...counts].map(([result, count]) => `${count} ${result}`)
  const seconds = (finishedAt.getTime() - startedAt.getTime()) / 1000
  const stopped = error ? ` (${String(error['message'])})` : ''
  return `${pluralize(jobs.length, 'job')}${stopped}: ${parts.join(', ')}, in ${formatDuration(seconds)}`
}
