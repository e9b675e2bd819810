// Runs the jobs of a plan that need to run, and updates the state.
import { listCollectionReports } from '../../source/collection-reports.js'
import type { Context } from '../../context.js'
import { exit, hasRefusedToken, pickWorstExitCode } from '../../errors/exit-codes.js'
import { createJsonError, toExitCode, toJsonError } from '../../errors/command-errors.js'
import type { StoppedError } from '../../errors/stopped-error.js'
import { createReportTargets } from '../../export/report-targets.js'
import type { JobLog } from './job-log.js'
import { createNotRunResult, type JobEnd, type JobResult } from './job-result.js'
import { ReadyJobRun, type FinishedJob, type ReadyJob } from './run-ready-job.js'
import type { JobHistory, StateFile } from '../state/state-file.js'
import type { PlannedJob } from '../file/plan-jobs.js'
import { findFileTargets, findTableTargets, TargetClaims } from '../file/target-claims.js'
import { fillPlaceholder } from '../file/report-placeholder.js'
import { scheduleJobs } from './schedule-jobs.js'
import { ServerLimiter, systemClock } from './server-limiter.js'
import { isTargetUnchanged } from '../state/target-check.js'

export interface RunOptions {
  readonly maxJobs: number
  /** True with `--resume`. A job is left out if it was complete or fresh in the last run, and its settings and targets are unchanged. */
  readonly isResumed: boolean
  /** True with `--only`. The run then has the id of the run before, so that a later `--resume` still knows the other jobs of that run. */
  readonly isSubset: boolean
  readonly state: StateFile
}

export interface RunSummary {
  readonly complete: boolean
  readonly exitCode: number
  /** The id of the run; undefined if the run failed before its first job. */
  readonly run: string | undefined
  readonly startedAt: Date
  readonly finishedAt: Date
  /** The reason why the run did not start or stopped early, or a failure that is not one of a job. */
  readonly error: Readonly<Record<string, unknown>> | undefined
  readonly jobs: readonly JobResult[]
}

const tokenRefused: JobEnd = {
  result: 'not started',
  exitCode: exit.authentication,
  ...createJsonError('ERR_NOT_TRIED', 'not started, because the server had already refused the token'),
}

export class PlannedJobsRun {
  readonly #options: RunOptions
  readonly #context: Context
  readonly #log: JobLog
  readonly #startedAt = new Date()
  readonly #limiters = new Map<string, ServerLimiter>()
  readonly #refusedAccessGroups = new Set<string>()
  readonly #claims = new TargetClaims<string>()
  readonly #results = new Map<string, JobResult>()
  readonly #names: string[] = []
  #stateError: RunSummary['error']

  constructor(options: RunOptions, context: Context, log: JobLog) {
    this.#options = options
    this.#context = context
    this.#log = log
  }

  /** Runs the jobs. Returns the summary, with the results in the order of the file. */
  async run(jobs: readonly PlannedJob[]): Promise<RunSummary> {
    const { state, maxJobs, isResumed, isSubset } = this.#options
    const { signal } = this.#context
    const lastRunId = state.runId
    const runId = await state.begin(isResumed || isSubset)
    const readyJobs: ReadyJob[] = []
    for (const job of jobs) {
      const expanded = await this.#expand(job)
      readyJobs.push(...expanded)
      this.#names.push(...(expanded.length > 0 ? expanded.map(({ name }) => name) : [job.name]))
    }
    const waiting: ReadyJob[] = []
    for (const job of readyJobs) {
      const notRun =
        this.#claimTargets(job) ?? (await this.#createResultIfUpToDate(job, isResumed ? lastRunId : undefined))
      if (!notRun) {
        waiting.push(job)
        continue
      }
      this.#addResult(job, notRun)
      if (notRun.result === 'fresh') await this.#setState(job.name, { ...job.history!, freshRunId: runId })
    }
    await scheduleJobs(waiting, {
      maxJobs,
      clock: systemClock,
      signal,
      skip: (job) => this.#skip(job),
      run: async (job) => this.#finish(job, await new ReadyJobRun(job, this.#context, this.#log).run(), runId),
    })
    return this.#summarize(runId)
  }

  /** Returns one ready job for each report. Returns none if a collection cannot be listed, and adds a result that says why. */
  async #expand(job: PlannedJob): Promise<readonly ReadyJob[]> {
    const { reportOrCollection, name, kind } = job
    if ('reportId' in reportOrCollection) return this.#createReadyJobs(job, [reportOrCollection.reportId])
    const { signal } = this.#context
    const finish = (end: JobEnd) => {
      this.#addResult({ planned: job }, createNotRunResult({ name, kind, labels: [], reportId: undefined }, end))
      return []
    }
    if (this.#refusedAccessGroups.has(job.accessGroup)) return finish(tokenRefused)
    try {
      const ids = await listCollectionReports(reportOrCollection.collectionId, job.access, job.settings, signal)
      const readyJobs = this.#createReadyJobs(job, ids)
      this.#options.state.setCollectionJobs(
        name,
        readyJobs.map((readyJob) => readyJob.name),
      )
      return readyJobs
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error
      const { code, message, help } = toJsonError(reason, job.settings)
      const result = signal.aborted ? 'stopped' : 'failed'
      return finish({ result, exitCode: toExitCode(reason), code, message, help })
    }
  }

  #createReadyJobs(planned: PlannedJob, reportIds: readonly string[]): readonly ReadyJob[] {
    const { kind } = planned
    const isFromCollection = 'collectionId' in planned.reportOrCollection
    const allTargets = kind === 'export' ? createReportTargets(planned.settings, reportIds, isFromCollection) : []
    return reportIds.map((reportId, index) => {
      const name = isFromCollection ? `${planned.name}/${reportId}` : planned.name
      const settings =
        isFromCollection && kind === 'load' ? fillPlaceholder(planned.settings, reportId) : planned.settings
      const reportTargets = allTargets[index]
      const targets = reportTargets ? findFileTargets(reportTargets) : findTableTargets(settings)
      const history = this.#options.state.get(name)
      return {
        ...{ planned, name, kind, settings, reportId, reportTargets, ...targets, isFromCollection, history },
        settingsHash: isFromCollection ? `${planned.settingsHash} ${reportId}` : planned.settingsHash,
        limiter: this.#getLimiter(planned),
        lastSuccessSeconds: history?.lastSuccess?.seconds,
      }
    })
  }

  #getLimiter({ server, ownValues: { concurrency } }: PlannedJob): ServerLimiter {
    const limiter = this.#limiters.get(server) ?? new ServerLimiter(this.#options.maxJobs)
    this.#limiters.set(server, limiter)
    if (concurrency !== undefined) limiter.restrictJobs(concurrency)
    return limiter
  }

  /** Registers the targets of the job. If an earlier job has one of them, returns a failed result instead. */
  #claimTargets(job: ReadyJob): JobResult | undefined {
    const { name, claims } = job
    const [conflict] = this.#claims.findConflicts(claims)
    if (conflict) {
      const error = createJsonError('ERR_USAGE', `the job ${conflict.job} has the same target: ${conflict.label}`)
      return createNotRunResult(job, { result: 'failed', exitCode: exit.usage, ...error })
    }
    this.#claims.add(claims, name)
    return undefined
  }

  /** Returns the result of a job that need not run, because an earlier success counts; undefined if it must run. */
  async #createResultIfUpToDate(job: ReadyJob, resumedRunId: string | undefined): Promise<JobResult | undefined> {
    const { history, planned } = job
    const success = history?.lastSuccess
    if (!history || success?.settingsHash !== job.settingsHash) return undefined
    const isDone = resumedRunId !== undefined && succeededIn(resumedRunId, history)
    const ageMs = Date.now() - Date.parse(success.finishedAt)
    const freshForMs = planned.ownValues['fresh-for']
    // a success in the future was written with another clock
    const isFresh = freshForMs !== undefined && ageMs >= 0 && ageMs < freshForMs
    if (
      (!isDone && !isFresh) ||
      !(await isTargetUnchanged(job.settings, success, this.#log.progress, this.#context.signal))
    )
      return undefined
    return createNotRunResult(job, { result: isDone ? 'done' : 'fresh', exitCode: exit.complete })
  }

  #skip(job: ReadyJob): boolean {
    const { signal } = this.#context
    if (signal.aborted) {
      const { code, message, exitCode } = signal.reason as StoppedError
      this.#addResult(job, createNotRunResult(job, { result: 'not started', exitCode, code, message }))
      return true
    }
    if (!this.#refusedAccessGroups.has(job.planned.accessGroup)) return false
    this.#addResult(job, createNotRunResult(job, tokenRefused))
    return true
  }

  async #finish(job: ReadyJob, { result, success, pageSize }: FinishedJob, runId: string): Promise<void> {
    this.#addResult(job, result)
    const { retries, restarts, seconds, code } = result
    const { lastSuccess, totals = { runs: 0, failures: 0, retries: 0, restarts: 0 } } = job.history ?? {}
    const history: JobHistory = {
      runId,
      result: result.result as JobHistory['result'],
      code,
      finishedAt: result.finishedAt!.toISOString(),
      seconds,
      retries,
      restarts,
      changes: result.changes.length,
      lastSuccess: success ?? lastSuccess,
      totals: {
        runs: totals.runs + 1,
        failures: totals.failures + (result.result === 'failed' ? 1 : 0),
        retries: totals.retries + retries,
        restarts: totals.restarts + restarts,
      },
      // if no size helped, none is stored: in an outage all sizes fail
      pageSize: success ? pageSize : job.history?.pageSize,
    }
    await this.#setState(job.name, history)
  }

  async #setState(name: string, history: JobHistory): Promise<void> {
    await this.#options.state.set(name, history).catch((error: unknown) => {
      const message = `state: cannot be written: ${(error as Error).message}`
      this.#stateError = createJsonError('ERR_FAILED', message)
      this.#log.note('error', 'state', message)
    })
  }

  /** Every result of a job comes here, whether the job ran or not. */
  #addResult({ planned }: Pick<ReadyJob, 'planned'>, result: JobResult): void {
    this.#results.set(result.name, result)
    if (hasRefusedToken(result)) this.#refusedAccessGroups.add(planned.accessGroup)
    const isAfterStop = result.result === 'not started' && this.#context.signal.aborted
    if (!isAfterStop) this.#log.finish(result)
  }

  #summarize(run: string): RunSummary {
    const { signal } = this.#context
    const jobs = this.#names.map((name) => this.#results.get(name)!)
    const worst = pickWorstExitCode([
      ...jobs.map(({ exitCode }) => exitCode),
      ...(this.#stateError ? [exit.failed] : []),
    ])
    // a signal that came too late to stop a job changes nothing
    const isStopped = signal.aborted && jobs.some(({ code }) => code === (signal.reason as StoppedError).code)
    const stopped = isStopped ? (signal.reason as StoppedError) : undefined
    const exitCode = stopped?.exitCode ?? worst
    return {
      complete: exitCode === exit.complete,
      exitCode,
      run,
      startedAt: this.#startedAt,
      finishedAt: new Date(),
      error: stopped ? toJsonError(stopped) : this.#stateError,
      jobs,
    }
  }
}

/** Returns true if the job was complete in this run, or fresh. */
const succeededIn = (run: string, { runId, freshRunId, result }: JobHistory) =>
  freshRunId === run || (runId === run && result === 'complete')
