// Checks whether the target of an earlier success is unchanged.
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { findLastLoad } from '../../index.js'
import { readLoadOptions } from '../read-load-options.js'
import type { FileFingerprint, JobSuccess } from './job-state.js'
import type { JobRun } from './job-run.js'

/** Returns true if the files or the table of a success exist as the job left them. */
export async function isTargetUnchanged(job: JobRun, success: JobSuccess, signal: AbortSignal): Promise<boolean> {
  if (success.definition !== job.definition) return false
  if (success.files) return (await Promise.all(success.files.map(isFileUnchanged))).every((isSame) => isSame)
  if (success.loadId === undefined) return false
  const { into, table } = readLoadOptions(job.settings)
  const last = await findLastLoad({ into, table, signal }).catch(() => undefined)
  return last?.id === success.loadId
}

/** Compares the size of the file and the hash in its receipt. It does not read the file, which may be large. */
async function isFileUnchanged({ path, bytes, sha256 }: FileFingerprint): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  if (stats?.size !== bytes) return false
  const receipt = await readReceipt(path)
  return receipt?.['sha256'] === sha256
}

/** Returns the receipt of a file, beside it or in the folder of receipts; undefined if there is none. */
export async function readReceipt(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  for (const receiptPath of [`${path}.json`, join(dirname(path), '_receipts', `${basename(path)}.json`)]) {
    const text = await readFile(receiptPath, 'utf8').catch(() => undefined)
    const receipt = text === undefined ? undefined : parseObject(text)
    if (receipt) return receipt
  }
  return undefined
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
