// The contract of a question: its answer is Markdown and figures.
import type { Inspector } from './inspector.js'

export interface BenchRun {
  /** True for a run of about a minute, which is too imprecise for a result. */
  readonly quick: boolean
  /** A temporary folder. */
  readonly folder: string
  readonly inspector: Inspector
  readonly log: (line: string) => void
}

export interface Question {
  readonly id: string
  readonly title: string
  readonly ask: (run: BenchRun) => Promise<Answer>
}

export interface Answer {
  readonly text: string
  /** The figures for the chart and the guard. */
  readonly figures: unknown
}
