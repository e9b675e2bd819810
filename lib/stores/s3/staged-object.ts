// A new version of an object. Its parts are uploaded while it is written; the object appears when its group commits it.
import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { posix } from 'node:path'
import { ExportError } from '../../shared/errors.js'
import { waitForFewer } from '../../shared/map-concurrently.js'
import type { FileOptions } from '../../files/file-options.js'
import type { CommitStep, StagedOutput } from '../../files/file-store.js'
import { getReceiptPath, isReceipt } from '../../files/receipt.js'
import { ReceiptDraft } from '../../files/receipt-draft.js'
import type { ResolvedS3Options } from './s3-options.js'
import { abortAbandonedUploads } from './abandoned-uploads.js'
import { WRITE_ID_METADATA, type Bucket, type ObjectProperties, type UploadedPart } from './bucket.js'

export interface UploadSettings extends ResolvedS3Options {
  readonly properties: ObjectProperties
  /**
   * True for a file of a dataset. Many finished files of a dataset wait for the last one, so a finished file keeps no bytes in memory. The
   * folder of the dataset aborts the uploads of killed runs.
   */
  readonly isDatasetFile: boolean
}

/** The most parts of an upload; an object, so that a test can lower it. Source: S3 User Guide, "Amazon S3 multipart upload limits". */
export const uploadLimits = { parts: 10_000 }

/** The most aborts of one upload. More than one, because a part that the store was still reading can arrive after the first abort. */
const MAX_ABORTS = 3

/** Uploads the bytes in parts. If `queueSize` parts are being sent, a write waits. */
export class StagedObject implements StagedOutput {
  readonly #bucket: Bucket
  readonly #key: string
  readonly #settings: UploadSettings
  readonly #properties: ObjectProperties
  readonly #receipt: ReceiptDraft | undefined
  readonly #uploadId: string
  readonly #abortController = new AbortController()
  /** Resolves when the abandoned uploads to this key are aborted, or cannot be aborted. */
  readonly #cleanup: Promise<void>
  readonly #inFlight = new Set<Promise<void>>()
  readonly #parts: UploadedPart[] = []
  #buffered: Buffer[] = []
  #bufferedBytes = 0
  #partCount = 0
  #failure: Error | undefined
  #isCommitted = false
  #discarding: Promise<void> | undefined

  private constructor(
    bucket: Bucket,
    key: string,
    uploadId: string,
    properties: ObjectProperties,
    options: FileOptions,
    settings: UploadSettings,
  ) {
    this.#bucket = bucket
    this.#key = key
    this.#uploadId = uploadId
    this.#properties = properties
    this.#settings = settings
    // each part that is being sent has a listener
    setMaxListeners(0, this.#abortController.signal)
    this.#receipt = options.receipt && new ReceiptDraft(options.receipt, key, options, posix)
    this.#cleanup = settings.isDatasetFile
      ? Promise.resolve()
      : abortAbandonedUploads(
          bucket,
          key,
          (other) => other.key === key && other.id !== uploadId,
          this.#abortController.signal,
        )
  }

  /**
   * Begins the upload, and begins to abort the uploads that killed runs left at this key. Rejects if the bucket does not exist, if the
   * credentials may not write to it or not read its receipt, or if the object exists and must not be replaced.
   */
  static async open(
    bucket: Bucket,
    key: string,
    options: FileOptions,
    settings: UploadSettings,
  ): Promise<StagedObject> {
    const properties = {
      ...settings.properties,
      Metadata: { ...settings.properties.Metadata, [WRITE_ID_METADATA]: randomUUID() },
    }
    if (properties.IfNoneMatch !== undefined) await bucket.rejectExisting(key)
    // the receipt of the last export is read again when the file is finished; this finds early that the credentials may not read it
    if (options.receipt) await bucket.readText(getReceiptPath(key, options.receiptPlace, posix))
    const uploadId = await bucket.createUpload(key, properties)
    return new StagedObject(bucket, key, uploadId, properties, options, settings)
  }

  async write(bytes: Buffer): Promise<void> {
    this.#receipt?.addBytes(bytes)
    const { partSize } = this.#settings
    let rest = bytes
    while (this.#bufferedBytes + rest.length >= partSize) {
      const length = partSize - this.#bufferedBytes
      this.#buffered.push(rest.subarray(0, length))
      rest = rest.subarray(length)
      await this.#sendBuffer()
    }
    if (rest.length > 0) this.#buffered.push(rest)
    this.#bufferedBytes += rest.length
  }

  async finish(): Promise<void> {
    // an object of less than one part is written by one request when it is committed
    const isAllBuffered = this.#partCount === 0
    if (isAllBuffered ? this.#settings.isDatasetFile : this.#bufferedBytes > 0) await this.#sendBuffer()
    await waitForFewer(this.#inFlight, 1)
    this.#throwIfFailed()
    await this.#cleanup
  }

  prepare(): Promise<void> {
    this.#receipt?.complete()
    return Promise.resolve()
  }

  async removeEarlierReceipts(steps: CommitStep[]): Promise<void> {
    if (!this.#receipt) return
    const { path, otherPath } = this.#receipt
    const earlier = await this.#bucket.readText(path)
    if (earlier !== undefined) await this.#removeReceipt(path, earlier, steps)
    // the credentials need no right to read the other place
    const other = await this.#bucket.readText(otherPath).catch(() => undefined)
    if (other !== undefined && isReceipt(other)) await this.#removeReceipt(otherPath, other, steps)
  }

  async moveIntoPlace(steps: CommitStep[] = []): Promise<void> {
    steps.push({
      targetPath: this.#bucket.getAddress(this.#key),
      failedUndoNote: 'its new version is in place',
      undo: () =>
        this.#isCommitted ? Promise.reject(new Error('a store keeps no earlier version')) : Promise.resolve(),
    })
    const parts = this.#parts.sort((a, b) => a.PartNumber - b.PartNumber)
    if (parts.length > 0) await this.#bucket.completeUpload(this.#key, this.#uploadId, parts, this.#properties)
    else await this.#bucket.put(this.#key, Buffer.concat(this.#buffered), this.#properties)
    this.#isCommitted = true
    if (parts.length === 0) await this.#abortUpload()
  }

  async moveReceiptIntoPlace(): Promise<boolean> {
    if (!this.#receipt) return false
    await this.#bucket.putJson(this.#receipt.path, this.#receipt.format())
    this.#receipt.notify(this.#bucket.getAddress(this.#receipt.path))
    return true
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  /** Unless the object is in place: stops the requests and aborts the upload. Reports a failed abort by `onWarning`. */
  discard(): Promise<void> {
    if (this.#isCommitted) return Promise.resolve()
    this.#abortController.abort()
    this.#discarding ??= Promise.allSettled(this.#inFlight).then(() => this.#abortUpload())
    return this.#discarding
  }

  discardAfterUndo(): Promise<void> {
    return this.discard()
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#inFlight, this.#cleanup])
  }

  async #sendBuffer(): Promise<void> {
    await waitForFewer(this.#inFlight, this.#settings.queueSize)
    this.#throwIfFailed()
    if (this.#partCount === uploadLimits.parts) throw this.#createTooManyPartsError()
    const bytes = Buffer.concat(this.#buffered)
    this.#buffered = []
    this.#bufferedBytes = 0
    const number = ++this.#partCount
    const part: Promise<void> = this.#bucket
      .uploadPart(this.#key, this.#uploadId, number, bytes, this.#abortController.signal)
      .then(
        (uploaded) => void this.#parts.push(uploaded),
        (error: unknown) => {
          this.#failure ??= error as Error
          this.#abortController.abort()
        },
      )
      .finally(() => this.#inFlight.delete(part))
    this.#inFlight.add(part)
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #createTooManyPartsError(): ExportError {
    const { partSize } = this.#settings
    const problem = `larger than ${uploadLimits.parts} parts of ${partSize} bytes, and S3 accepts no more parts; raise partSize`
    return new ExportError('ERR_DESTINATION', `${this.#bucket.getAddress(this.#key)}: ${problem}`)
  }

  async #abortUpload(): Promise<void> {
    try {
      for (let aborts = 0; aborts < MAX_ABORTS; aborts++) {
        await this.#bucket.abortUpload(this.#key, this.#uploadId)
        if (this.#partCount === 0 || (await this.#isGone())) return
      }
      throw new Error('the store still has parts of it')
    } catch (error) {
      const problem = `an upload to ${this.#bucket.getAddress(this.#key)} could not be aborted, and its parts cost storage`
      this.#settings.onWarning(`${problem}; a later run or a lifecycle rule removes them: ${(error as Error).message}`)
    }
  }

  async #isGone(): Promise<boolean> {
    return this.#bucket.getLastPartDate(this.#key, this.#uploadId).then(
      (last) => last === undefined,
      () => true,
    )
  }

  async #removeReceipt(key: string, text: string, steps: CommitStep[]): Promise<void> {
    steps.push({
      targetPath: this.#bucket.getAddress(key),
      failedUndoNote: 'its earlier version is removed',
      undo: () => this.#bucket.putJson(key, text),
    })
    await this.#bucket.remove(key)
  }
}
