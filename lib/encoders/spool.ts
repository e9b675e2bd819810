// Rows set aside on disk until all columns are known. The file loses its name as soon as it is open, so it is gone with the
// process however that ends. Source: unlink(2), "the file will remain in existence until the last file descriptor is closed".
import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExportError } from '../errors.js'

const HEADER = 8

/** A temporary file of frames: bytes with a number beside them. */
export class Spool {
  #file: FileHandle | undefined
  #end = 0

  /** Appends a frame. */
  async write(tag: number, bytes: Uint8Array): Promise<void> {
    const header = Buffer.alloc(HEADER)
    header.writeUInt32LE(tag, 0)
    header.writeUInt32LE(bytes.length, 4)
    await attempt('write to', async () => {
      this.#file ??= await openUnnamed()
      for (const part of [header, bytes]) await this.#append(this.#file, part)
    })
  }

  /** The frames, in order. */
  async *frames(): AsyncGenerator<{ readonly tag: number; readonly bytes: Buffer }> {
    for (let at = 0; at < this.#end;) {
      const header = await this.#read(at, HEADER)
      const bytes = await this.#read(at + HEADER, header.readUInt32LE(4))
      at += HEADER + bytes.length
      yield { tag: header.readUInt32LE(0), bytes }
    }
  }

  /** Gives the space back. */
  async dispose(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#end = 0
    await file?.close()
  }

  async #append(file: FileHandle, part: Uint8Array): Promise<void> {
    for (let at = 0; at < part.length;) {
      const { bytesWritten } = await file.write(part, at, part.length - at, this.#end)
      at += bytesWritten
      this.#end += bytesWritten
    }
  }

  #read(position: number, length: number): Promise<Buffer> {
    return attempt('read', async () => {
      const bytes = Buffer.allocUnsafe(length)
      for (let at = 0; at < length;) {
        const { bytesRead } = await this.#file!.read(bytes, at, length - at, position + at)
        if (bytesRead === 0) throw new Error('it ends early')
        at += bytesRead
      }
      return bytes
    })
  }
}

async function openUnnamed(): Promise<FileHandle> {
  const path = join(tmpdir(), `optimize-export-${randomUUID()}.spool`)
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  return file
}

async function attempt<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message
    throw new ExportError('ERR_SPOOL', `could not ${step} the spool in ${tmpdir()}: ${reason}`, { cause })
  }
}
