// Shows the progress of exports and loads: bars on a terminal that may get escape sequences, else plain lines; with --quiet only alerts.
import type { Writable } from 'node:stream'
import { escapeLines, escapeLine } from '../output/format-text.js'

export interface Task {
  readonly label: string
  /** Returns the share that is done, 0 to 1. */
  readonly share: () => number
  readonly text: () => string
}

export interface Progress {
  /** Shows a task until the returned function is called. */
  follow(task: Task): () => void
  note(line: string): void
  /** Prints a line, also with --quiet. */
  alert(line: string): void
  stop(): void
}

export type OutputStream = Writable & { readonly isTTY?: boolean | undefined }

export interface ProgressOptions {
  readonly quiet: boolean
  readonly intervalMs: number
  readonly isPlain: boolean
}

/** Returns true if no escape sequences may be written, even to a terminal. Sources: terminfo's `dumb`, https://no-color.org. */
export const isPlain = ({ TERM, NO_COLOR }: NodeJS.ProcessEnv) => TERM === 'dumb' || (NO_COLOR ?? '') !== ''

/**
 * Creates the progress for a terminal or another stream. Control characters become escapes such as `\u001b`, because texts may come from
 * the server.
 */
export async function createProgress(output: OutputStream, options: ProgressOptions): Promise<Progress> {
  const progress = await selectProgress(output, options)
  return {
    follow: ({ label, share, text }) =>
      progress.follow({ label: escapeLine(label), share, text: () => escapeLine(text()) }),
    note: (line) => progress.note(escapeLines(line)),
    alert: (line) => progress.alert(escapeLines(line)),
    stop: () => progress.stop(),
  }
}

async function selectProgress(
  output: OutputStream,
  { quiet, intervalMs, isPlain }: ProgressOptions,
): Promise<Progress> {
  if (quiet) return createQuietProgress((line) => void output.write(`${line}\n`))
  if (!output.isTTY || isPlain) return createProgressLines(output, intervalMs)
  const { createProgressBars } = await import('./bars.js')
  return createProgressBars(output)
}

const doNothing = () => undefined

/** Creates a progress that shows only alerts. */
export const createQuietProgress = (alert: Progress['alert']): Progress => ({
  follow: () => doNothing,
  note: doNothing,
  alert,
  stop: doNothing,
})

function createProgressLines(output: OutputStream, intervalMs: number): Progress {
  const tasks = new Set<Task>()
  const note = (line: string) => void output.write(`${line}\n`)
  const timer = setInterval(() => {
    for (const { label, text } of tasks) note(`${label}: ${text()}`)
  }, intervalMs)
  timer.unref()
  const follow = (task: Task) => {
    tasks.add(task)
    return () => void tasks.delete(task)
  }
  return { follow, note, alert: note, stop: () => clearInterval(timer) }
}
