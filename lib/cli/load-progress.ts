// The progress of a load: first the extraction, then the transaction, and what it waits for.
import type { ExportStats, LoadEvent, LoadStep } from '../index.js'
import { escapeLine, formatDuration, pluralize } from './format-text.js'
import type { Progress } from './progress/progress.js'
import { computeShare, formatProgress } from './progress/progress-text.js'

/** The share of the progress bar for the extraction. */
const EXTRACT_SHARE = 0.8

const stepTexts: Readonly<Record<LoadStep, string>> = {
  stage: 'staging',
  prove: 'proving the stage',
  schema: 'changing the schema',
  write: 'writing',
  commit: 'committing',
}

type LiveFigures = Pick<ExportStats, 'records' | 'total' | 'bytes' | 'restarts'>

/** Shows the events of a load. */
export class LoadProgress {
  readonly #label: string
  readonly #progress: Progress
  readonly #maxRecords: number
  readonly #stop: () => void
  #phaseStarted = performance.now()
  #stats: LiveFigures | undefined
  #rows = 0
  #text = 'connecting'

  constructor(label: string, progress: Progress, maxRecords: number) {
    this.#label = label
    this.#progress = progress
    this.#maxRecords = maxRecords
    this.#stop = progress.follow({ label, share: () => this.#share, text: () => this.text })
  }

  /** The progress as one line. */
  get text(): string {
    const seconds = (performance.now() - this.#phaseStarted) / 1000
    if (this.#stats) return `extract: ${formatProgress(this.#stats, this.#maxRecords, seconds)}`
    const rows =
      this.#rows === 0 ? '' : `, ${pluralize(this.#rows, 'row')}, ${pluralize(this.#rows / seconds, 'row')}/s`
    return `load: ${this.#text}${rows}, ${formatDuration(seconds)}`
  }

  readonly onEvent = (event: LoadEvent): void => {
    if (event.type === 'extract') this.#begin(event.stats)
    else if (event.type === 'load') this.#beginLoad(event.rows)
    else if (event.type === 'step') this.#text = stepTexts[event.step]
    else if (event.type === 'wait') this.#wait(event.reason)
    else if (event.type === 'warning') this.#note(event.message)
    else if (event.type === 'change') this.#note(`changed: ${event.change.message}`)
    else if (event.type === 'retry')
      this.#note(
        `retrying page ${event.retry.page} in ${formatDuration(event.retry.delay / 1000)}: ${event.retry.reason}`,
      )
    else if (event.type === 'restart')
      this.#note(`page ${event.restart.page} may be lost (${event.restart.reason}); restarting the search`)
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

  #begin(stats: LiveFigures): void {
    this.#stats = stats
    this.#phaseStarted = performance.now()
  }

  #beginLoad(rows: number): void {
    this.#stats = undefined
    this.#rows = rows
    this.#phaseStarted = performance.now()
  }

  #wait(reason: string): void {
    this.#text = `waiting: ${reason}`
    this.#note(this.#text)
  }

  #note(line: string): void {
    this.#progress.note(`${this.#label}: ${escapeLine(line)}`)
  }
}
