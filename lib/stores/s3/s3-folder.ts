// The folder of a dataset in a bucket. Its files are uploaded in parts, and completed when the dataset is committed.
import { posix } from 'node:path'
import { hasDatasetFileName } from '../../files/dataset-file-name.js'
import type { DatasetFile, DatasetFolder } from '../../files/dataset-folder.js'
import { mapConcurrently } from '../../shared/map-concurrently.js'
import type { Bucket, OpenUpload, WriteCondition } from './bucket.js'
import type { StagedObject } from './staged-object.js'
import { abortStrandedUploads, isLongAgo } from './stranded-uploads.js'

export type OpenObject = (key: string) => Promise<StagedObject>

const MAX_CONCURRENT_REMOVALS = 8

export class S3Folder implements DatasetFolder {
  readonly #bucket: Bucket
  /** The prefix of the keys: '' or `orders/`. */
  readonly #prefix: string
  readonly #openObject: OpenObject
  readonly #files: DatasetFile[] = []
  /** The keys of the files of this run, also of files whose uploads are just beginning. */
  readonly #ownKeys = new Set<string>()
  /** The ETags of the objects that were read; `undefined` is an object that did not exist. */
  readonly #etags = new Map<string, string | undefined>()
  readonly #cleanup: Promise<void>

  private constructor(bucket: Bucket, prefix: string, openObject: OpenObject, signal: AbortSignal) {
    this.#bucket = bucket
    this.#prefix = prefix
    this.#openObject = openObject
    const mayAbort = ({ key }: OpenUpload) => hasDatasetFileName(key) && !this.#ownKeys.has(key)
    this.#cleanup = abortStrandedUploads(bucket, prefix, mayAbort, signal)
  }

  /**
   * Opens the folder of the object at `manifestKey`, and begins to abort the uploads that killed runs left in it. Rejects if the bucket
   * does not exist or the credentials may not write to it.
   */
  static async open(
    bucket: Bucket,
    manifestKey: string,
    openObject: OpenObject,
    signal: AbortSignal,
  ): Promise<S3Folder> {
    const probe = await openObject(manifestKey)
    await probe.discard()
    return new S3Folder(bucket, manifestKey.slice(0, -posix.basename(manifestKey).length), openObject, signal)
  }

  async readText(name: string): Promise<string | undefined> {
    const found = await this.#bucket.read(this.#getKey(name))
    this.#etags.set(name, found?.etag)
    return found?.text
  }

  async writeText(name: string, text: string): Promise<void> {
    await this.#bucket.putJson(this.#getKey(name), text, this.#getCondition(name))
  }

  async createFile(name: string): Promise<DatasetFile> {
    const key = this.#getKey(name)
    this.#ownKeys.add(key)
    const file = Object.assign(await this.#openObject(key), { path: name })
    this.#files.push(file)
    return file
  }

  async listAbandoned(prefix: string): Promise<string[]> {
    const { found, now } = await this.#bucket.listObjects(this.#getKey(prefix))
    const names = found
      .filter(({ modified }) => isLongAgo(modified, now))
      .map(({ key }) => key.slice(this.#prefix.length))
    return names.filter((name) => !name.includes('/'))
  }

  /** Does nothing, because a store has no locks: the manifest is written only if no other run has written it since it was read. */
  checkOwner(): Promise<void> {
    return Promise.resolve()
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  async remove(names: readonly string[]): Promise<void> {
    await mapConcurrently(names, MAX_CONCURRENT_REMOVALS, (name) => this.#bucket.remove(this.#getKey(name)))
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.discard()
    await this.#cleanup
  }

  /** Returns the condition that the object is still the one that was read; no condition if it was not read. */
  #getCondition(name: string): WriteCondition {
    if (!this.#etags.has(name)) return {}
    const etag = this.#etags.get(name)
    return etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag }
  }

  #getKey(name: string): string {
    return `${this.#prefix}${name}`
  }
}
