// The result of a job in the summary, which hooks get and `--json` prints.
import type { JobKind } from '../file/job-keys.js'

/**
 * The status of a job. `complete`: it ended without a failure; its target has all rows, unless `max-records`, `since` or `dry-run` is set.
 * `stopped`: aborted by a signal, or because stdout failed. `fresh`: not run, because its last success is young enough. `done`: not run,
 * because it succeeded in the run that `--resume` continues. `not exportable`: a combined or unfinished report of a collection.
 * `not started`: the server had already refused the token, or the run was stopped.
 */
export type JobStatus = 'complete' | 'failed' | 'stopped' | 'fresh' | 'done' | 'not exportable' | 'not started'

export interface JobResult {
  readonly name: string
  readonly kind: JobKind
  readonly reportId: string | undefined
  readonly result: JobStatus
  readonly exitCode: number
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** The command that explains the code. */
  readonly help?: string | undefined
  readonly targets: readonly string[]
  readonly rows?: number | undefined
  readonly bytes?: number | undefined
  readonly startedAt?: Date | undefined
  readonly finishedAt?: Date | undefined
  readonly seconds: number
  readonly retries: number
  readonly restarts: number
  /** The page size, if it is smaller than `limit`. */
  readonly pageSize?: number | undefined
  /** One sentence for each difference from the file before, or from the last complete load. */
  readonly changes: readonly string[]
}

/** How a job ended, or why it did not run. */
export type JobEnd = Pick<JobResult, 'result' | 'exitCode' | 'code' | 'message' | 'help'>

export const createNotRunResult = (
  {
    name,
    kind,
    labels,
    reportId,
  }: Pick<JobResult, 'name' | 'kind' | 'reportId'> & { readonly labels: JobResult['targets'] },
  end: JobEnd,
): JobResult => ({ name, kind, targets: labels, reportId, seconds: 0, retries: 0, restarts: 0, changes: [], ...end })
