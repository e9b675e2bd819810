// The progress of a load: first the extraction, then the transaction, and what it waits for.
import type { LoadEvent, LoadStep, PageEvent } from '../../index.js'
import { escapeLine, formatDuration, pluralize } from '../output/format-text.js'
import type { Progress } from './progress.js'
import { computeShare, formatProgress, type ProgressStats } from './progress-text.js'
import { createRestartEvent, createRetryEvent, type ReportEvent, type ShownEvent } from './report-event.js'

const EXTRACT_SHARE = 0.8

const stepTexts: Readonly<Record<LoadStep, string>> = {
  stage: 'staging',
  check: 'checking the stage',
  schema: 'changing the schema',
  write: 'writing',
  commit: 'committing',
}

export class LoadProgress {
  readonly #label: string
  readonly #progress: Progress
  readonly #maxRecords: number
  readonly #listener: (event: ReportEvent) => void
  readonly #stop: () => void
  #phaseStarted = performance.now()
  #stats: ProgressStats | undefined
  #rows = 0
  #text = 'connecting'

  constructor(
    label: string,
    progress: Progress,
    maxRecords: number,
    listener: (event: ReportEvent) => void = () => undefined,
  ) {
    this.#listener = listener
    this.#label = label
    this.#progress = progress
    this.#maxRecords = maxRecords
    this.#stop = progress.follow({ label, share: () => this.#share, text: () => this.text })
  }

  get text(): string {
    const seconds = (performance.now() - this.#phaseStarted) / 1000
    if (this.#stats) return `extract: ${formatProgress(this.#stats, this.#maxRecords, seconds)}`
    const rows =
      this.#rows === 0 ? '' : `, ${pluralize(this.#rows, 'row')}, ${pluralize(this.#rows / seconds, 'row')}/s`
    return `load: ${this.#text}${rows}, ${formatDuration(seconds)}`
  }

  readonly handle = (event: LoadEvent): void => {
    if (event.type === 'extract') this.#beginExtract(event.stats)
    else if (event.type === 'load') this.#beginLoad(event.rows)
    else if (event.type === 'step') this.#beginStep(event.step)
    else if (event.type === 'page') this.#passPage(event.page)
    else if (event.type === 'wait') this.#showWait(event.reason)
    else if (event.type === 'warning') this.#show({ event: 'warning', message: event.message })
    else if (event.type === 'change') this.#show({ event: 'change', message: event.change.message }, 'changed: ')
    else if (event.type === 'retry') this.#show(createRetryEvent(event.retry))
    else this.#show(createRestartEvent(event.restart))
  }

  stop(): void {
    this.#stop()
  }

  get #share(): number {
    return this.#stats
      ? computeShare(this.#stats, this.#maxRecords) * EXTRACT_SHARE
      : this.#rows > 0
        ? EXTRACT_SHARE
        : 0
  }

  #beginExtract(stats: ProgressStats): void {
    this.#stats = stats
    this.#phaseStarted = performance.now()
  }

  #beginLoad(rows: number): void {
    this.#stats = undefined
    this.#rows = rows
    this.#phaseStarted = performance.now()
  }

  #beginStep(step: LoadStep): void {
    this.#text = stepTexts[step]
    this.#listener({ event: 'step', message: this.#text })
  }

  #passPage({ number: page, ...figures }: PageEvent): void {
    this.#listener({ event: 'page', page, ...figures })
  }

  #showWait(reason: string): void {
    this.#text = `waiting: ${reason}`
    this.#show({ event: 'wait', message: this.#text })
  }

  #show(event: ShownEvent, prefix = ''): void {
    this.#progress.note(`${this.#label}: ${prefix}${escapeLine(event.message)}`)
    this.#listener(event)
  }
}
