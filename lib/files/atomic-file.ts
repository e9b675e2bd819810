// A file that is whole or absent: written beside its place, forced to disk, and moved there by one rename.
// Source: rename(2), "newpath will be atomically replaced"; fsync(2) on the folder, so that the name survives too.
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Writable } from 'node:stream'
import { ExportError, OptionError } from '../errors.js'
import { describe } from '../options.js'

/**
 * A Writable for bytes. They go to `path.part`, which becomes `path` when all of them are on the disk. On failure `path` is
 * as it was and the part file is gone; after a kill only a part file can be left, and the next run replaces it. Of two
 * writers to one path at a time, the one that began first fails.
 *
 * @throws OptionError for a bad path, at the call. The stream fails with `ERR_FILE`.
 * @example await pipeline(exportStream({ … }), toParquet(), atomicFile('instances.parquet'))
 */
export function atomicFile(path: string | URL): Writable {
  return new AtomicFile(checkedPath(path))
}

function checkedPath(given: unknown): string {
  const path = given instanceof URL ? pathOf(given) : given
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return resolve(path)
  throw new OptionError('atomicFile', 'path', `expected a path or a file URL, got ${describe(given)}`)
}

function pathOf(url: URL): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}

class AtomicFile extends Writable {
  readonly #path: string
  readonly #part: string
  #work = Promise.resolve()
  #file: FileHandle | undefined

  constructor(path: string) {
    super({ highWaterMark: 256 * 1024 })
    this.#path = path
    this.#part = `${path}.part`
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.#attempt('open', done, async () => {
      await rm(this.#part, { force: true })
      this.#file = await open(this.#part, 'wx')
    })
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#attempt('write', done, () => this.#writeAll(chunks.map(({ chunk }) => chunk)))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#attempt('finish', done, async () => {
      await this.#file!.sync()
      if (this.destroyed) return
      if (!(await this.#isOurs())) throw new Error('another writer has begun')
      await rename(this.#part, this.#path)
      await this.#close()
      await syncFolder(dirname(this.#path))
    })
  }

  /** Nothing is taken away from under work that is under way; a part file that is another writer's stays. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const remove = async () => {
      await this.#work.catch(() => undefined)
      if (await this.#isOurs()) await rm(this.#part)
      await this.#close()
    }
    remove().then(
      () => done(error),
      () => done(error),
    )
  }

  /** A file system may take less than it is given. */
  async #writeAll(buffers: Buffer[]): Promise<void> {
    const bytes = buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers)
    for (let at = 0; at < bytes.length;) at += (await this.#file!.write(bytes, at)).bytesWritten
  }

  async #isOurs(): Promise<boolean> {
    if (!this.#file) return false
    const [ours, there] = await Promise.all([this.#file.stat(), stat(this.#part).catch(() => undefined)])
    return ours.ino === there?.ino && ours.dev === there.dev
  }

  async #close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  #attempt(step: string, done: (error?: Error | null) => void, work: () => Promise<void>): void {
    this.#work = work()
    this.#work.then(
      () => done(),
      (cause: unknown) => done(this.#failure(step, cause)),
    )
  }

  #failure(step: string, cause: unknown): ExportError {
    const { code, message } = cause as NodeJS.ErrnoException
    return new ExportError('ERR_FILE', `atomicFile: could not ${step} ${this.#part}: ${code ?? message}`, { cause })
  }
}

/** Not every file system can; the file is in its place by then, so that is no failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
