// The log of a run: lines and bars for people, or one JSON object per line.
import { formatHelp } from '../../errors/command-errors.js'
import { formatLogLine, type LogLevel } from '../../output/log-line.js'
import type { ProgressEvent } from '../../progress/progress-event.js'
import { escapeLine, formatBytes, formatDuration, pluralize } from '../../output/format-text.js'
import { createQuietProgress, type Progress, type OutputStream } from '../../progress/progress.js'
import type { ReadyJob } from './run-ready-job.js'
import type { JobResult } from './job-result.js'

type NamedJob = Pick<ReadyJob, 'name' | 'reportId'>

export interface JobLog {
  /** Given to exports and loads, which show their own progress. */
  readonly progress: Progress
  start(job: NamedJob): void
  event(job: NamedJob, event: ProgressEvent): void
  warn(job: NamedJob, message: string): void
  finish(result: JobResult): void
  note(level: LogLevel, event: string, message: string, fields?: Readonly<Record<string, unknown>>): void
}

export class TextLog implements JobLog {
  readonly progress: Progress

  constructor(progress: Progress) {
    this.progress = progress
  }

  start(): void {
    // an export or a load shows its own start
  }

  event(): void {
    // an export or a load prints its own events
  }

  warn({ name }: NamedJob, message: string): void {
    this.progress.note(`${name}: ${message}`)
  }

  finish(result: JobResult): void {
    const line = `${result.name}: ${formatResult(result)}`
    if (result.exitCode === 0) this.progress.note(line)
    else this.progress.alert(result.help === undefined ? line : `${line}\n  ${formatHelp(result.help)}`)
    for (const change of result.kind === 'export' ? result.changes : [])
      this.progress.note(`${result.name}: changed: ${escapeLine(change)}`)
  }

  note(level: LogLevel, _event: string, message: string): void {
    if (level === 'info') this.progress.note(message)
    else this.progress.alert(message)
  }
}

/** Returns the result of a job in one line: `complete, 20,000 rows, 5.2 MB in 12 s`. */
export function formatResult(jobResult: JobResult): string {
  const { result, rows, bytes, seconds, code, message, pageSize, retries, restarts } = jobResult
  return [
    code === undefined ? result : `${result}: ${escapeLine(message!)} (${code})`,
    ...(rows === undefined ? [] : [pluralize(rows, 'row')]),
    ...(bytes === undefined ? [] : [`${formatBytes(bytes)} in ${formatDuration(seconds)}`]),
    ...(retries > 0 ? [pluralize(retries, 'retry', 'retries')] : []),
    ...(restarts > 0 ? [pluralize(restarts, 'restart')] : []),
    ...(pageSize === undefined ? [] : [`pages of ${pageSize}`]),
  ].join(', ')
}

const levels: Readonly<Record<ProgressEvent['event'], LogLevel>> = {
  page: 'info',
  message: 'info',
  step: 'info',
  wait: 'info',
  retry: 'warning',
  restart: 'warning',
  warning: 'warning',
  change: 'warning',
}

export class JsonLog implements JobLog {
  readonly progress = createQuietProgress(
    (message) => void this.#output.write(formatLogLine('warning', 'warning', { message })),
  )
  readonly #output: OutputStream
  readonly #isQuiet: boolean

  constructor(output: OutputStream, isQuiet: boolean) {
    this.#output = output
    this.#isQuiet = isQuiet
  }

  start({ name: job, reportId }: NamedJob): void {
    this.#write('info', 'start', { job, reportId })
  }

  event({ name: job, reportId }: NamedJob, { event, ...fields }: ProgressEvent): void {
    this.#write(levels[event], event, { job, reportId, ...fields })
  }

  warn({ name: job, reportId }: NamedJob, message: string): void {
    this.#write('warning', 'warning', { job, reportId, message })
  }

  finish(result: JobResult): void {
    const { name: job, kind, reportId, exitCode, rows, bytes, seconds, code, message, help, changes } = result
    const fields = { job, reportId, result: result.result, rows, bytes, seconds, code, message, help }
    // the changes of a load were events
    for (const message of kind === 'export' ? changes : []) this.#write('warning', 'change', { job, reportId, message })
    this.#write(exitCode === 0 ? 'info' : 'error', 'finish', fields)
  }

  note(level: LogLevel, event: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#write(level, event, { ...fields, message })
  }

  #write(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#isQuiet && level !== 'error') return
    this.#output.write(formatLogLine(level, event, fields))
  }
}
