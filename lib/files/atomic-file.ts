// Writes files that appear when they are complete. On the local disk, each is written in a part folder beside its path, forced to disk,
// and moved into place by one rename. Source: rename(2), "newpath will be atomically replaced"; fsync(2) on the folder, for the name.
import type { Writable } from 'node:stream'
import { ExportError, OptionError } from '../shared/errors.js'
import * as rule from '../shared/options.js'
import { describeValue } from '../shared/describe-value.js'
import type { ByteSink } from './byte-sink.js'
import { findRealPath, listClaimedPaths } from './claimed-paths.js'
import { FileGroup, type GroupMember } from './file-group.js'
import { fileRules, type AtomicFileOptions, type FileOptions } from './file-options.js'
import { isStaged, storeRule, type FileStore } from './file-store.js'
import { LazyWritable } from './lazy-writable.js'
import { localStore } from './local/local-store.js'

/** A file of {@link atomicFiles}. */
export interface FileAtPath extends AtomicFileOptions {
  /** The path at which the file appears. */
  path: string | URL
}

/**
 * Returns a Writable for bytes. On the local disk, it writes them into the folder `<path>.part` and moves the file to `path` when
 * all bytes are on the disk. After a failure `path` is unchanged and the part folder is removed; after a kill the folder may
 * remain, and the next writer removes it. A symbolic link is followed, and its target is replaced; a replaced file keeps its mode
 * and, for root, its owner. A FIFO, a socket, a character device and an open file of a process (`/dev/stdout`) are written
 * directly, without part folder, receipt and rename. While a stream writes a path, a second stream for this path, in any process,
 * fails when it starts. But if the first one is of the same process and was destroyed, the second one waits until the part folder is
 * removed. A stream that has begun and was not ended fails when the process has nothing left to do.
 *
 * @throws OptionError for a bad path or option, at the call. The stream fails with `ERR_FILE`; with `s3()`, with `ERR_DESTINATION` or
 * `ERR_DESTINATION_BUSY`.
 * @example await pipeline(exportStream({ … }), toParquet(), atomicFile('instances.parquet'))
 */
export function atomicFile(path: string | URL, options: AtomicFileOptions = {}): Writable {
  return createAtomicFile('atomicFile', { path, ...options })
}

/** @param where the name of the public function, for messages */
export function createAtomicFile(where: string, file: FileAtPath): Writable {
  return new AtomicFile(where, resolveFile(where, file), new FileGroup())
}

/**
 * Returns one Writable per file, each like {@link atomicFile}. No file is moved into place before all of them are written.
 * If a stream or a rename fails, every path has its earlier file again; a store such as `s3()` cannot restore an object that was
 * replaced already. The streams may be used at the same time, or one after the other: then the stream that ends last moves all
 * files, and fails if a move fails. A stream to which nothing was written, beside one that has begun, fails when the process has nothing
 * left to do. A file is given by its path, or by an object with its path and options.
 *
 * @throws OptionError at the call for a bad path or option, or if a file has the path of another one, of its receipt or of its part folder.
 * If a stream fails, those that have not ended fail with `ERR_FILE`, whose `cause` is the error of that stream.
 * @example const [instances, events] = atomicFiles([{ path: 'instances.parquet' }, { path: 'events.csv' }])
 */
export function atomicFiles(files: readonly (FileAtPath | string | URL)[]): Writable[] {
  if (!Array.isArray(files))
    throw new OptionError('atomicFiles', 'files', `expected an array of paths or objects, got ${describeValue(files)}`)
  const all = files.map((file: FileAtPath | string | URL) =>
    resolveFile('atomicFiles', typeof file === 'string' || file instanceof URL ? { path: file } : file),
  )
  const paths = all.flatMap((file) => listClaimedPaths(findRealPath(file.path), file.receipt && file.receiptPlace))
  const repeated = paths.find((path, index) => paths.indexOf(path) < index)
  if (repeated !== undefined) {
    const problem = `expected different paths for files, receipts and part folders, got ${repeated} twice`
    throw new OptionError('atomicFiles', 'files', problem)
  }
  const group = new FileGroup()
  return all.map((file) => new AtomicFile('atomicFiles', file, group))
}

interface ResolvedFile extends FileOptions {
  readonly path: string
  readonly store: FileStore
}

const resolveFile = (where: string, file: FileAtPath) =>
  rule.resolveOptions<ResolvedFile>(where, file, {
    path: createPathRule(storeRule.parse((file as FileAtPath | null)?.store, { where, option: 'store' }) ?? localStore),
    ...fileRules,
    store: rule.withDefault(storeRule, localStore),
  })

const createPathRule = ({ expectedPath, parsePath }: FileStore): rule.Rule<string> => ({
  expected: expectedPath,
  parse: parsePath,
})

class AtomicFile extends LazyWritable<ByteSink> implements GroupMember {
  readonly path: string
  readonly #where: string
  readonly #group: FileGroup
  readonly #options: FileOptions
  readonly #store: FileStore
  #sink: ByteSink | undefined
  #hasEnded = false

  constructor(where: string, { path, store, ...options }: ResolvedFile, group: FileGroup) {
    super({ highWaterMark: 256 * 1024 })
    this.path = path
    this.#where = where
    this.#options = options
    this.#store = store
    this.#group = group
    group.add(this)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const buffers = chunks.map(({ chunk }) => chunk)
    this.attempt('write', done, (sink) => sink.write(buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers)))
  }

  override _final(done: (error?: Error | null) => void): void {
    const end = (error?: Error | null) => {
      this.#hasEnded = true
      done(error)
    }
    this.attempt('finish', end, async (sink) => {
      await sink.finish()
      if (!this.destroyed) await this.#group.complete(this, isStaged(sink) ? sink : undefined)
    })
  }

  /** Does nothing while the files of the group are moved: the moves decide how the stream ends. */
  override destroy(error?: Error): this {
    return this.#group.hasBegunCommit && !this.#hasEnded ? this : super.destroy(error)
  }

  failWith(reason: string): void {
    this.destroy(this.toError('finish', new Error(reason)))
  }

  /** Discards the file at once, because pipeline() may reject before its last stream is closed. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished && !this.#group.hasBegunCommit) {
      this.abortController.abort()
      void this.#sink?.discard()
      this.#group.fail(this, error)
    }
    super._destroy(error, done)
  }

  protected override async open(signal: AbortSignal): Promise<ByteSink> {
    this.#group.begin(this)
    this.#sink = await this.#store.open(this.path, this.#options, signal)
    return this.#sink
  }

  /** Also removes files that could not be removed while they were open. */
  protected override async close(): Promise<void> {
    await this.#sink?.close()
    if (!this.writableFinished && !this.#group.hasBegunCommit) await this.#sink?.discard()
    await this.#group.waitUntilDiscarded()
  }

  protected override toError(step: string, cause: unknown): Error {
    return cause instanceof ExportError ? cause : this.#store.toError(this.#where, step, this.path, cause)
  }
}
