// Finds uploads of runs that were killed, and aborts them.
import type { Bucket, OpenUpload } from './bucket.js'

/** An upload that got no part for this time is of a run that has ended. */
const STRANDED_AFTER_MS = 3_600_000

/**
 * Aborts the uploads to this key that got no part for an hour. Without the rights for it, which an export does not need, it does
 * nothing.
 */
export async function abortStrandedUploads(bucket: Bucket, key: string, signal: AbortSignal): Promise<void> {
  try {
    const uploads = await bucket.listUploads(key, signal)
    for (const upload of uploads)
      if (upload.key === key && (await isStranded(bucket, upload, Date.now())))
        await bucket.abortUpload(upload.key, upload.id)
  } catch {
    // a lifecycle rule of the bucket removes them
  }
}

async function isStranded(bucket: Bucket, { key, id, initiated }: OpenUpload, now: number): Promise<boolean> {
  const isOld = (date: Date | undefined) => date !== undefined && now - date.getTime() > STRANDED_AFTER_MS
  if (!isOld(initiated)) return false
  const last = await bucket.getLastPartDate(key, id)
  return last === undefined || isOld(last)
}
