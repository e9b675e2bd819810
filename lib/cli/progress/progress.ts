// Shows how far an export is: by a bar on a terminal, by a plain line now and then elsewhere, and not at all with --quiet.
import type { Writable } from 'node:stream'
import { lines, oneLine } from '../words.js'
import { progressBars } from './bars.js'

/** Something that is under way. */
export interface Task {
  readonly label: string
  /** The part that is done, 0 to 1. */
  readonly share: () => number
  /** All that is known, on one line. */
  readonly text: () => string
}

/** Shows tasks while they run, and says what happens. */
export interface Progress {
  /** Shows a task until the function that it returns is called. */
  follow(task: Task): () => void
  /** One line that stays. */
  note(line: string): void
  /** One line that stays and is seen by everyone, also with --quiet. */
  alarm(line: string): void
  /** Nothing is shown any more. */
  stop(): void
}

/** A stream that may be a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean | undefined }

/** Options of {@link progressOn}. */
export interface ProgressOptions {
  readonly quiet: boolean
  readonly intervalMs: number
  /** No escape sequences, also on a terminal. */
  readonly isPlain: boolean
}

/** Terminals without escape sequences. Sources: terminfo's `dumb`, https://no-color.org. */
export const isPlain = ({ TERM, NO_COLOR }: NodeJS.ProcessEnv) => TERM === 'dumb' || (NO_COLOR ?? '') !== ''

/** The progress for a screen. Texts may come from the server; what a terminal would obey is shown as `\u001b`. */
export function progressOn(screen: Screen, options: ProgressOptions): Progress {
  const progress = plainProgress(screen, options)
  return {
    follow: ({ label, share, text }) => progress.follow({ label: oneLine(label), share, text: () => oneLine(text()) }),
    note: (line) => progress.note(lines(line)),
    alarm: (line) => progress.alarm(lines(line)),
    stop: () => progress.stop(),
  }
}

function plainProgress(screen: Screen, { quiet, intervalMs, isPlain }: ProgressOptions): Progress {
  const nothing = () => undefined
  if (quiet)
    return { follow: () => nothing, note: nothing, alarm: (line) => void screen.write(`${line}\n`), stop: nothing }
  return screen.isTTY && !isPlain ? progressBars(screen) : progressLines(screen, intervalMs)
}

function progressLines(screen: Screen, intervalMs: number): Progress {
  const tasks = new Set<Task>()
  const note = (line: string) => void screen.write(`${line}\n`)
  const timer = setInterval(() => {
    for (const { label, text } of tasks) note(`${label}: ${text()}`)
  }, intervalMs)
  timer.unref()
  const follow = (task: Task) => {
    tasks.add(task)
    return () => void tasks.delete(task)
  }
  return { follow, note, alarm: note, stop: () => clearInterval(timer) }
}
