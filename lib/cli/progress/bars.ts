// One progress bar for each running export or load. The sole importer of cli-progress.
import cliProgress, { type SingleBar } from 'cli-progress'
import type { Progress, OutputStream, Task } from './progress.js'

const BAR_STEPS = 1000
const DRAW_EVERY_MS = 100

export function createProgressBars(output: OutputStream): Progress {
  const bars = new cliProgress.MultiBar({
    stream: output,
    // a narrow terminal cuts the end off, so the label comes last
    format: '{bar} {text}  {label}',
    barsize: 16,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    fps: 1000 / DRAW_EVERY_MS,
    clearOnComplete: true,
    emptyOnZero: true,
    // command-line.ts handles signals; after a kill the terminal must still have its cursor and line wrapping
    gracefulExit: false,
    hideCursor: false,
    linewrap: true,
  })
  const running = new Map<Task, SingleBar>()
  const draw = () => {
    for (const [task, bar] of running) bar.update(Math.floor(task.share() * BAR_STEPS), { text: task.text() })
  }
  const timer = setInterval(draw, DRAW_EVERY_MS)
  timer.unref()
  const follow = (task: Task) => {
    const bar = bars.create(BAR_STEPS, 0, { label: task.label, text: task.text() })
    running.set(task, bar)
    return () => {
      running.delete(task)
      bars.remove(bar)
    }
  }
  const stop = () => {
    clearInterval(timer)
    bars.update()
    bars.stop()
  }
  const note = (line: string) => bars.log(`${line}\n`)
  return { follow, note, alert: note, stop }
}
