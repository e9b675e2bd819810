// The progress of a load: first the extraction, then the transaction, and what the load waits for.
import type { LoadEvent, LoadStep } from '../../index.js'
import { escapeLine, formatDuration, pluralize } from '../output/format-text.js'
import type { Progress } from './progress.js'
import { computeShare, formatProgress, type ProgressStats } from './progress-text.js'
import { toProgressEvent, toWarningEvent, type ProgressEvent } from './progress-event.js'

const EXTRACT_SHARE = 0.8

const stepTexts: Readonly<Record<LoadStep, string>> = {
  stage: 'staging',
  check: 'checking the stage',
  schema: 'changing the schema',
  write: 'writing',
  commit: 'committing',
}

const loadToProgressEvent: {
  readonly [T in ProgressEvent['event'] & LoadEvent['type']]: (
    event: Extract<LoadEvent, { readonly type: T }>,
  ) => ProgressEvent
} = {
  step: ({ step }) => ({ event: 'step', message: stepTexts[step] }),
  page: ({ page }) => toProgressEvent.page(page),
  wait: ({ reason }) => ({ event: 'wait', message: `waiting: ${reason}` }),
  warning: toWarningEvent,
  change: ({ change: { message } }) => ({ event: 'change', message }),
  retry: ({ retry }) => toProgressEvent.retry(retry),
  restart: ({ restart }) => toProgressEvent.restart(restart),
}

export class LoadProgress {
  readonly #label: string
  readonly #progress: Progress
  readonly #maxRecords: number
  readonly #listener: (event: ProgressEvent) => void
  readonly #stop: () => void
  #phaseStarted = performance.now()
  #stats: ProgressStats | undefined
  #rows = 0
  #text = 'connecting'

  constructor(
    label: string,
    progress: Progress,
    maxRecords: number,
    listener: (event: ProgressEvent) => void = () => undefined,
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
    const rows = this.#rows === 0 ? '' : `, ${pluralize(this.#rows, 'row')}`
    return `load: ${this.#text}${rows}, ${formatDuration(seconds)}`
  }

  readonly handle = (event: LoadEvent): void => {
    if (event.type === 'extract') this.#beginPhase(event.stats)
    else if (event.type === 'load') this.#beginPhase(undefined, event.rows)
    else this.#showAndForward(loadToProgressEvent[event.type](event as never))
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

  #beginPhase(stats: ProgressStats | undefined, rows = 0): void {
    this.#stats = stats
    this.#rows = rows
    this.#phaseStarted = performance.now()
  }

  #showAndForward(event: ProgressEvent): void {
    const { event: name, message } = event
    if (name === 'step' || name === 'wait') this.#text = message!
    const prefix = name === 'change' ? 'changed: ' : ''
    if (name !== 'step' && message !== undefined) this.#progress.note(`${this.#label}: ${prefix}${escapeLine(message)}`)
    this.#listener(event)
  }
}
