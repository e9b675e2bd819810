// Several pipelines that read one source.
import type { Writable } from 'node:stream'
import { ExportError } from '../errors.js'

/**
 * Waits until all branches have ended and all files are closed. Then rejects if a branch failed, with the failure that caused the
 * others.
 */
export async function waitForBranches(branches: readonly Promise<void>[], files: readonly Writable[]): Promise<void> {
  const results = await Promise.allSettled(branches)
  // a file that is still being opened is closed and removed only after its pipeline has rejected
  await Promise.all(files.map(waitForClose))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failures.length > 0) throw findFirstCause(failures)
}

async function waitForClose(file: Writable): Promise<void> {
  if (!file.closed) await new Promise((resolve) => file.once('close', resolve))
}

/** If the source or one branch fails, all other branches fail because of it. */
function findFirstCause(failures: readonly unknown[]): unknown {
  const firstFailures = failures.filter((failure) => !(failure instanceof Error && failures.includes(failure.cause)))
  return firstFailures.find((failure) => failure instanceof ExportError) ?? firstFailures[0]
}
