// Who sees how far it is: a bar on a terminal, a plain line now and then elsewhere, nobody with --quiet.
import type { Writable } from 'node:stream'
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

/** The progress for a screen. */
export function progressOn(screen: Screen, { quiet, intervalMs }: { quiet: boolean; intervalMs: number }): Progress {
  const nothing = () => undefined
  if (quiet)
    return { follow: () => nothing, note: nothing, alarm: (line) => void screen.write(`${line}\n`), stop: nothing }
  return screen.isTTY ? progressBars(screen) : progressLines(screen, intervalMs)
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
