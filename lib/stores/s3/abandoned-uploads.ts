// Finds uploads of runs that were killed, and aborts them. Only dates of the store are compared, because the clock of this machine may be
// wrong.
import type { Bucket, OpenUpload } from './bucket.js'

/** An upload that got no part for this long counts as one of a killed run. */
const ABANDONED_AFTER_MS = 3_600_000

/** @param storeTime the time by the clock of the store; if it is NaN, nothing is abandoned */
export const isLongAgo = (date: Date | undefined, storeTime: number) =>
  date !== undefined && storeTime - date.getTime() > ABANDONED_AFTER_MS

/**
 * Aborts the uploads that got no part for an hour by the clock of the store. Ignores errors, because an export does not need the rights to
 * list and abort uploads.
 * @param mayAbort returns false for an upload of this run, and for an upload to a key of another output
 */
export async function abortAbandonedUploads(
  bucket: Bucket,
  prefix: string,
  mayAbort: (upload: OpenUpload) => boolean,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { found, storeTime } = await bucket.listUploads(prefix, signal)
    for (const upload of found)
      if (mayAbort(upload) && (await isAbandoned(bucket, upload, storeTime)))
        await bucket.abortUpload(upload.key, upload.id)
  } catch {
    // a lifecycle rule of the bucket removes them
  }
}

async function isAbandoned(bucket: Bucket, { key, id, initiated }: OpenUpload, storeTime: number): Promise<boolean> {
  if (!isLongAgo(initiated, storeTime)) return false
  const last = await bucket.getLastPartDate(key, id)
  return last === undefined || isLongAgo(last, storeTime)
}
