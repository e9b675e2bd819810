// Writes files that are complete or do not exist: each is written in a part folder beside its path, forced to disk, and moved into
// place by one rename. Source: rename(2), "newpath will be atomically replaced"; fsync(2) on the folder, for the name.
import { resolve } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ExportError } from '../shared/errors.js'
import { callable, maybe, oneOf, optional, resolveOptions, type Rule, type Rules } from '../shared/options.js'
import { resolveDestination } from './destination.js'
import { getReason } from './disk.js'
import { FileGroup, type GroupMember } from './file-group.js'
import type { ReceiptContent } from './receipt.js'
import type { ByteSink } from './byte-sink.js'
import { StagedFile, type ReceiptOptions } from './staged-file.js'
import { openDirectSink } from './direct-sink.js'

/** Options of {@link atomicFile}. */
export interface AtomicFileOptions {
  /**
   * Returns the content of a receipt, to which `bytes`, `sha256` and `finishedAt` are added. Called when the last byte is on the
   * disk. An older receipt is removed before the file is moved into place. @default no receipt
   */
  receipt?: (() => ReceiptContent) | undefined
  /**
   * `'beside'`: the receipt is `<path>.json`. `'folder'`: it is `_receipts/<name>.json` in the folder of the file, so that
   * programs that read every file in the folder find only data. @default 'beside'
   */
  receiptPlace?: 'beside' | 'folder' | undefined
}

/** A file of {@link atomicFiles}. */
export interface FileAtPath extends AtomicFileOptions {
  /** The path at which the file appears. */
  path: string | URL
}

/**
 * Returns a Writable for bytes. It writes them into the folder `<path>.part` and moves the file to `path` when all bytes are on
 * the disk. After a failure `path` is unchanged and the part folder is removed; after a kill the folder may remain, and the next
 * writer removes it. A symbolic link is followed, and its target is replaced; a replaced file keeps its mode and, for root, its
 * owner. A FIFO, a socket and a character device are written directly, without part folder, receipt and rename. If another
 * stream writes the same path, in any process, the second one fails when it starts.
 *
 * @throws OptionError for a bad path or option, at the call. The stream fails with `ERR_FILE`.
 * @example await pipeline(exportStream({ … }), toParquet(), atomicFile('instances.parquet'))
 */
export function atomicFile(path: string | URL, options: AtomicFileOptions = {}): Writable {
  return new AtomicFile('atomicFile', resolveFile('atomicFile', { path, ...options }), new FileGroup(1))
}

/**
 * Returns one Writable per file, each like {@link atomicFile}. No file is moved into place before all of them are on the disk.
 * If a stream or a rename fails, every path has its earlier file again. The streams may be used at the same time or one after
 * the other; in the second case the last one moves all files and reports a failure of the moves.
 *
 * @throws OptionError for a bad path or option, at the call. The streams fail with `ERR_FILE`; its `cause` is the error of
 * the stream that failed first.
 * @example const [instances, events] = atomicFiles([{ path: 'instances.parquet' }, { path: 'events.csv' }])
 */
export function atomicFiles(files: readonly FileAtPath[]): Writable[] {
  const all = files.map((file) => resolveFile('atomicFiles', file))
  const group = new FileGroup(all.length)
  return all.map((file) => new AtomicFile('atomicFiles', file, group))
}

interface ResolvedFile extends ReceiptOptions {
  readonly path: string
}

const pathRule: Rule<string> = {
  expected: 'a path or a file URL',
  parse: (value) => {
    const path = value instanceof URL ? toPath(value) : value
    return typeof path === 'string' && path !== '' && !path.includes('\0') ? resolve(path) : undefined
  },
}

const rules: Rules<ResolvedFile> = {
  path: pathRule,
  receipt: maybe(callable<() => ReceiptContent>('a function')),
  receiptPlace: optional(oneOf('beside', 'folder'), 'beside'),
}

const resolveFile = (where: string, file: FileAtPath) => resolveOptions<ResolvedFile>(where, file, rules)

function toPath(url: URL): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}

class AtomicFile extends Writable implements GroupMember {
  readonly path: string
  readonly #where: string
  readonly #group: FileGroup
  readonly #abortController = new AbortController()
  readonly #options: ReceiptOptions
  #openPromise: Promise<ByteSink> | undefined
  #sink: ByteSink | undefined
  #hasEnded = false
  #pendingWork: Promise<unknown> = Promise.resolve()

  constructor(where: string, { path, ...options }: ResolvedFile, group: FileGroup) {
    super({ highWaterMark: 256 * 1024 })
    this.path = path
    this.#where = where
    this.#options = options
    this.#group = group
    this.once('pipe', () => void this.#start())
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const buffers = chunks.map(({ chunk }) => chunk)
    this.#attempt('write', done, (sink) => sink.write(buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers)))
  }

  override _final(done: (error?: Error | null) => void): void {
    const end = (error?: Error | null) => {
      this.#hasEnded = true
      done(error)
    }
    this.#attempt('finish', end, async (sink) => {
      await sink.finish()
      if (!this.destroyed) await this.#group.complete(this, sink instanceof StagedFile ? sink : undefined)
    })
  }

  /** Does nothing while the files of the group are moved: the moves decide how the stream ends. */
  override destroy(error?: Error): this {
    return this.#group.isCommitting && !this.#hasEnded ? this : super.destroy(error)
  }

  /** Discards the file at once, because a pipeline() of three streams rejects before the last one is closed. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#abortController.abort()
    if (!this.writableFinished && !this.#group.isCommitting) {
      this.#sink?.discard()
      this.#group.fail(this, error)
    }
    const end = () => done(error)
    this.#pendingWork
      .catch(() => undefined)
      .then(() => this.#close())
      .then(end, end)
  }

  /**
   * Opens the file when something is piped or written, so that an unused stream locks no path. It is not in _construct(), because
   * destroy() waits for that, and a FIFO may never get a reader.
   */
  #start(): Promise<ByteSink> {
    if (this.#openPromise) return this.#openPromise
    this.#openPromise = this.#open()
    this.#pendingWork = this.#openPromise
    this.#openPromise.catch((cause: unknown) => this.destroy(this.#createError('create', cause)))
    return this.#openPromise
  }

  async #open(): Promise<ByteSink> {
    this.#group.begin(this)
    const destination = await resolveDestination(this.path)
    const { signal } = this.#abortController
    const sink = destination.isReplaceable
      ? await StagedFile.open(destination, this.#options, signal)
      : await openDirectSink(destination, signal)
    this.#sink = sink
    return sink
  }

  /** Closes the file, and removes files that could not be removed while they were open. */
  async #close(): Promise<void> {
    await this.#sink?.close()
    if (!this.writableFinished && !this.#group.isCommitting) this.#sink?.discard()
  }

  #attempt(step: string, done: (error?: Error | null) => void, work: (sink: ByteSink) => Promise<void>): void {
    this.#pendingWork = this.#start().then(work)
    this.#pendingWork.then(
      () => done(),
      (cause: unknown) => done(this.#createError(step, cause)),
    )
  }

  #createError(step: string, cause: unknown): Error {
    if (cause instanceof ExportError) return cause
    return new ExportError('ERR_FILE', `${this.#where}: cannot ${step} ${this.path}: ${getReason(cause)}`, { cause })
  }
}
