import type { Bucket, OpenUpload } from './bucket.js'

/** An upload that got no part for this long belongs to a run that has ended. */
const STRANDED_AFTER_MS = 3_600_000

export const isStrandedDate = (date: Date | undefined, now: number) =>
  date !== undefined && now - date.getTime() > STRANDED_AFTER_MS

/**
 * Aborts the uploads that got no part for an hour. Ignores errors, because an export does not need the rights to list and abort uploads.
 * @param isOwn returns true for a key whose uploads may be aborted
 */
export async function abortStrandedUploads(
  bucket: Bucket,
  prefix: string,
  isOwn: (key: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  try {
    const uploads = await bucket.listUploads(prefix, signal)
    for (const upload of uploads)
      if (isOwn(upload.key) && (await isStranded(bucket, upload, Date.now())))
        await bucket.abortUpload(upload.key, upload.id)
  } catch {
    // a lifecycle rule of the bucket removes them
  }
}

async function isStranded(bucket: Bucket, { key, id, initiated }: OpenUpload, now: number): Promise<boolean> {
  if (!isStrandedDate(initiated, now)) return false
  const last = await bucket.getLastPartDate(key, id)
  return last === undefined || isStrandedDate(last, now)
}
