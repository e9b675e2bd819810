// Runs one job with the functions of the commands `export` and `load`. If the server cannot answer the first page, the job begins
// again with smaller pages.
import { setMaxListeners } from 'node:events'
import { dirname } from 'node:path'
import { ExportError, type Load } from '../../../index.js'
import { pickFileFacts } from '../../../files/file-facts.js'
import { DEFAULT_LIMIT, DEFAULT_REQUEST_TIMEOUT_MS } from '../../../shared/source-defaults.js'
import type { ServerAccess } from '../../access/server-access.js'
import type { Context } from '../../context.js'
import { toKebabCase } from '../../flags/flags.js'
import { databaseFlags, loadFlags } from '../../flags/load-flags.js'
import { sourceFlags } from '../../flags/source-flags.js'
import { exit } from '../../errors/exit-codes.js'
import { checkStores, exportReport } from '../../export/export-report.js'
import { loadTable } from '../../load/load-table.js'
import { toExitCode, toJsonError } from '../../errors/command-errors.js'
import { getFiguresOfThisExport, type Outcome } from '../../export/outcome.js'
import type { ProgressEvent } from '../../progress/progress-event.js'
import type { StoppedError } from '../../errors/stopped-error.js'
import { isStoreAddress } from '../../files/stores.js'
import { createOutputFolder } from '../../export/output-folders.js'
import { listPaths, type ReportTargets } from '../../export/report-targets.js'
import { ChangeCheck } from './change-check.js'
import { LargePageDetector, getSmallerPageSize } from './large-page-detector.js'
import type { JobLog } from './job-log.js'
import type { JobEnd, JobResult } from './job-result.js'
import type { DatasetFingerprint, FileFingerprint, JobHistory, JobSuccess } from '../state/state-file.js'
import type { PlannedJob } from '../file/plan-jobs.js'
import type { ServerLimiter } from './server-limiter.js'
import { createReadableFiles } from '../../files/readable-files.js'

/** A job with one report: a planned job, or one report of its collection. */
export interface ReadyJob extends Pick<
  PlannedJob,
  'name' | 'kind' | 'settings' | 'labels' | 'claims' | 'settingsHash'
> {
  /** The job of the file. If it has a collection, the ready job has another `name`, `labels`, `claims`, `settings` and `settingsHash`. */
  readonly planned: PlannedJob
  readonly reportId: string
  /** Undefined for a load. */
  readonly reportTargets: ReportTargets | undefined
  readonly isFromCollection: boolean
  readonly limiter: ServerLimiter
  /** Undefined if the job was never tried. */
  readonly history: JobHistory | undefined
  readonly lastSuccessSeconds: number | undefined
}

export interface FinishedJob {
  readonly result: JobResult
  readonly success: JobSuccess | undefined
  readonly pageSize: JobHistory['pageSize']
}

export class ReadyJobRun {
  readonly #job: ReadyJob
  readonly #context: Context
  readonly #log: JobLog
  readonly #startedAt = new Date()
  readonly #started = performance.now()
  readonly #changeCheck: ChangeCheck
  readonly #loadChanges: string[] = []
  readonly #configuredLimit: number
  #pageSize: number
  #retries = 0
  #restarts = 0

  constructor(job: ReadyJob, context: Context, log: JobLog) {
    this.#job = job
    this.#context = context
    this.#log = log
    this.#changeCheck = new ChangeCheck(job.planned.ownValues['fail-on'], job.reportTargets?.events?.path)
    this.#configuredLimit = Number(job.settings.get('limit') ?? DEFAULT_LIMIT)
    const { pageSize } = job.history ?? {}
    this.#pageSize = pageSize?.limit === this.#configuredLimit ? pageSize.records : this.#configuredLimit
  }

  async run(): Promise<FinishedJob> {
    this.#log.start(this.#job)
    try {
      for (;;) {
        const success = await this.#attempt()
        if (success) return this.#finish({ result: 'complete', exitCode: exit.complete }, success)
      }
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** Exports or loads the report. Returns undefined if the job must begin again with smaller pages. */
  async #attempt(): Promise<JobSuccess | undefined> {
    const { signal } = this.#context
    const tooLarge = new AbortController()
    const attemptSignal = AbortSignal.any([signal, tooLarge.signal])
    setMaxListeners(0, attemptSignal)
    const detector = new LargePageDetector()
    const onEvent = (event: ProgressEvent) => {
      this.#recordEvent(event)
      if (this.#canUseSmallerPages && detector.recordEvent(event)) tooLarge.abort()
    }
    const context = {
      ...this.#context,
      settings: this.#job.settings,
      progress: this.#log.progress,
      signal: attemptSignal,
      onEvent,
    }
    try {
      return this.#job.kind === 'export' ? await this.#export(context) : await this.#load(context)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ExportError) this.#recordOverload(error.status, 0)
      const isTooLarge = tooLarge.signal.aborted || detector.recordError(error)
      if (!isTooLarge || !this.#canUseSmallerPages) throw error
      const smaller = getSmallerPageSize(this.#pageSize)
      this.#log.warn(
        this.#job,
        `the server could not answer a first page of ${this.#pageSize} records; trying pages of ${smaller}`,
      )
      this.#pageSize = smaller
      return undefined
    }
  }

  async #export(context: Context): Promise<JobSuccess> {
    const { name: label, reportId, reportTargets, settings } = this.#job
    const paths = listPaths(reportTargets!)
    for (const path of paths) if (!isStoreAddress(path)) await createOutputFolder(dirname(path))
    const access = this.#createAccess()
    const checkReceipt = (path: string, receipt: Outcome) => this.#changeCheck.check(path, receipt)
    const reportExport = { reportId, targets: reportTargets!, access, label, checkReceipt, listsDefinitions: true }
    await checkStores(reportExport, context)
    await this.#changeCheck.readReceipts(paths, createReadableFiles(settings, context.progress))
    const { outcome } = await exportReport(reportExport, context)
    const events = outcome['events'] as Outcome | undefined
    const { rows, bytes } = getFiguresOfThisExport(outcome) as { rows: number; bytes: number }
    const outcomes = [outcome, ...(events ? [events] : [])]
    const dataset = outcomes.map(getDatasetFingerprint).find((found) => found !== undefined)
    if (dataset) return this.#createSuccess(rows, bytes, { dataset })
    const fingerprints = outcomes.map(getFingerprint)
    const hasFingerprints = fingerprints.every((file) => file !== undefined)
    return this.#createSuccess(rows, sumBytes(fingerprints), hasFingerprints ? { files: fingerprints } : {})
  }

  async #load(context: Context): Promise<JobSuccess> {
    const { name, reportId } = this.#job
    const load: Load = await loadTable(reportId, this.#createAccess(), context, name)
    return this.#createSuccess(load.rows, load.stats.bytes, load.dryRun ? {} : { loadId: load.id })
  }

  #createAccess(): ServerAccess & { readonly limit: number } {
    const { planned, limiter, settings } = this.#job
    const requestTimeoutMs = Number(settings.get('requestTimeout') ?? DEFAULT_REQUEST_TIMEOUT_MS)
    return {
      ...planned.access,
      accessToken: limiter.createWaitingToken(planned.access.accessToken, requestTimeoutMs),
      limit: this.#pageSize,
    }
  }

  #createSuccess(rows: number, bytes: number, target: Pick<JobSuccess, 'files' | 'dataset' | 'loadId'>): JobSuccess {
    const { settingsHash } = this.#job
    return { finishedAt: new Date().toISOString(), seconds: this.#seconds, rows, bytes, settingsHash, ...target }
  }

  get #seconds(): number {
    return Number(((performance.now() - this.#started) / 1000).toFixed(3))
  }

  get #canUseSmallerPages(): boolean {
    return getSmallerPageSize(this.#pageSize) < this.#pageSize
  }

  #recordEvent(event: ProgressEvent): void {
    const { limiter } = this.#job
    this.#log.event(this.#job, event)
    if (event.event === 'page') limiter.recordPage()
    if (event.event === 'retry') this.#retries++
    if (event.event === 'restart') this.#restarts++
    if (event.event === 'change') this.#loadChanges.push(event.message!)
    if (event.event === 'retry' || event.event === 'restart') this.#recordOverload(event.status, event.delay ?? 0)
  }

  #recordOverload(status: number | undefined, delayMs: number): void {
    if (status !== 429 && status !== 503) return
    const { limiter, settings } = this.#job
    const { retry } = settings.options(sourceFlags) as { readonly retry?: { readonly minDelay?: number } }
    limiter.recordOverload(delayMs, retry?.minDelay)
  }

  #fail(error: unknown): FinishedJob {
    const { signal } = this.#context
    if (signal.aborted) {
      const { code, message, exitCode } = signal.reason as StoppedError
      return this.#finish({ result: 'stopped', exitCode, code, message })
    }
    const { code, message: text, help } = toJsonError(error, this.#job.settings)
    const message = replaceOptionNames(text)
    const isNotExportable = this.#job.isFromCollection && code === 'ERR_REPORT_NOT_EXPORTABLE'
    return this.#finish({
      result: isNotExportable ? 'not exportable' : 'failed',
      exitCode: isNotExportable ? exit.complete : toExitCode(error),
      code,
      message,
      help,
    })
  }

  #finish(end: JobEnd, success?: JobSuccess): FinishedJob {
    const { name, kind, reportId, labels } = this.#job
    const isSmaller = this.#pageSize < this.#configuredLimit
    const result: JobResult = {
      name,
      kind,
      reportId,
      ...end,
      targets: labels,
      rows: success?.rows,
      bytes: success?.bytes,
      startedAt: this.#startedAt,
      finishedAt: new Date(),
      seconds: this.#seconds,
      retries: this.#retries,
      restarts: this.#restarts,
      pageSize: isSmaller ? this.#pageSize : undefined,
      changes: [...this.#changeCheck.messages, ...this.#loadChanges],
    }
    return {
      result,
      success,
      pageSize: isSmaller ? { limit: this.#configuredLimit, records: this.#pageSize } : undefined,
    }
  }
}

const optionNames = [...loadFlags.flags, ...databaseFlags.flags].map(({ name }) => name)
const OPTION_PATTERN = new RegExp(`\\b(${optionNames.join('|')})(?=: | is )`, 'g')

/** Returns a message of the library with keys of the jobs file in place of names of options: `max-lost-share: 1`. */
const replaceOptionNames = (message: string) => message.replace(OPTION_PATTERN, toKebabCase)

/** Returns the fingerprint of a file; undefined without a receipt, as for a device. */
function getFingerprint(outcome: Outcome): FileFingerprint | undefined {
  const facts = pickFileFacts(outcome)
  return facts && { path: outcome['file'] as string, ...facts }
}

function getDatasetFingerprint({ receipt, run }: Outcome): DatasetFingerprint | undefined {
  const runId = (run as { readonly id?: unknown } | undefined)?.id
  return typeof receipt === 'string' && typeof runId === 'string' ? { manifest: receipt, runId } : undefined
}

const sumBytes = (files: readonly (FileFingerprint | undefined)[]) =>
  files.reduce((sum, file) => sum + (file?.bytes ?? 0), 0)
