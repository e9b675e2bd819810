// Runs jobs within the limit of the run and the limit of each server; the longest ones start first.
import type { Clock, ServerLimiter } from './server-limiter.js'

export interface ScheduledJob {
  readonly limiter: ServerLimiter
  /** The duration of its last success; undefined if there was none. */
  readonly lastSuccessSeconds: number | undefined
}

export interface ScheduleOptions<J extends ScheduledJob> {
  readonly maxJobs: number
  readonly clock: Clock
  /** Ends a pause. Then `skip` must return true for all jobs, so that no job starts after the abort. */
  readonly signal: AbortSignal
  /** Runs a job; must not reject. */
  readonly run: (job: J) => Promise<void>
  /** Called for each waiting job before jobs start. If it returns true, the job is not run. */
  readonly skip: (job: J) => boolean
}

/** Runs all jobs for which `skip` never returns true. Resolves when the last one has ended. */
export async function scheduleJobs<J extends ScheduledJob>(
  jobs: readonly J[],
  options: ScheduleOptions<J>,
): Promise<void> {
  const { maxJobs, clock, signal, run, skip } = options
  // jobs that never succeeded may be long, so they are first, in the order of the file
  let waiting = jobs.toSorted((a, b) => getSeconds(b) - getSeconds(a))
  const running = new Set<Promise<void>>()
  const start = (job: J) => {
    job.limiter.recordStart()
    const ended = run(job).finally(() => {
      job.limiter.recordEnd()
      running.delete(ended)
    })
    running.add(ended)
  }
  while (waiting.length > 0 || running.size > 0) {
    waiting = waiting.filter((job) => !skip(job))
    for (const job of waiting) {
      if (running.size >= maxJobs) break
      if (job.limiter.canStartJob) start(job)
      else continue
      waiting = waiting.filter((other) => other !== job)
    }
    const pauses = waiting.map(({ limiter }) => limiter.pauseMs).filter((ms) => ms > 0)
    const pause = running.size < maxJobs && pauses.length > 0 ? Math.min(...pauses) : undefined
    if (running.size > 0 || pause !== undefined) await waitForChange(running, pause, clock, signal)
  }
}

const getSeconds = ({ lastSuccessSeconds }: ScheduledJob) => lastSuccessSeconds ?? Number.MAX_VALUE

/** Resolves when a job or the shortest pause of a server has ended, or the signal is aborted in a pause. */
async function waitForChange(
  running: ReadonlySet<Promise<void>>,
  pauseMs: number | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const timer = new AbortController()
  const pauses =
    pauseMs === undefined ? [] : [clock.sleep(pauseMs, AbortSignal.any([signal, timer.signal])).catch(() => undefined)]
  await Promise.race([...running, ...pauses])
  timer.abort()
}
