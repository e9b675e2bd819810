// A file that is whole or absent: written beside its place, forced to disk, and moved there by one rename.
// Source: rename(2), "newpath will be atomically replaced"; fsync(2) on the folder, so that the name survives too.
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Writable } from 'node:stream'
import { ExportError, OptionError } from '../errors.js'
import { describe } from '../options.js'

/**
 * A Writable for bytes. They go to `path.part`, which becomes `path` when all of them are on the disk. On failure `path` is
 * as it was and the part file is gone; after a kill only a part file can be left, and the next run writes over it.
 *
 * @throws OptionError for a bad path, at the call. The stream fails with `ERR_FILE`.
 * @example await pipeline(exportStream({ … }), toParquet(), atomicFile('instances.parquet'))
 */
export function atomicFile(path: string | URL): Writable {
  return new AtomicFile(checkedPath(path))
}

function checkedPath(path: unknown): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path)
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw new OptionError('atomicFile', 'path', `expected a path, got ${describe(path)}`)
}

class AtomicFile extends Writable {
  readonly #path: string
  readonly #part: string
  #file: FileHandle | undefined
  #placed = false

  constructor(path: string) {
    super({ highWaterMark: 256 * 1024 })
    this.#path = path
    this.#part = `${path}.part`
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.#attempt('open', done, async () => {
      this.#file = await open(this.#part, 'w')
    })
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#attempt('write', done, () => this.#writeAll(chunks.map(({ chunk }) => chunk)))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#attempt('finish', done, async () => {
      await this.#file?.sync()
      await this.#close()
      await rename(this.#part, this.#path)
      this.#placed = true
      await syncFolder(dirname(this.#path))
    })
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#placed) { done(error); return; }
    const remove = async () => {
      await this.#close()
      await rm(this.#part, { force: true })
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

  async #close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  #attempt(step: string, done: (error?: Error | null) => void, work: () => Promise<void>): void {
    work().then(
      () => done(),
      (cause: unknown) => done(this.#failure(step, cause)),
    )
  }

  #failure(step: string, cause: unknown): ExportError {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    return new ExportError('ERR_FILE', `atomicFile: could not ${step} ${this.#part}: ${reason}`, { cause })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
