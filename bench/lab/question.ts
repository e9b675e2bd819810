// What a question is: something that can be asked, and answers in Markdown with its figures beside.
import type { Inspector } from './inspector.js'

/** A run of the bench. */
export interface BenchRun {
  /** A first look in a minute, not a result. */
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
  /** Kept beside the text, for the chart and the guard. */
  readonly figures: unknown
}
