// Keeps rows on disk until all columns are known. The file is unlinked as soon as it is open, so the system removes it when the
// process ends for any reason. Source: unlink(2), "the file will remain in existence until the last file descriptor is closed".
import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExportError } from '../shared/errors.js'

const FRAME_HEADER_BYTES = 8

/** Bytes with a number as their tag. */
export interface Frame {
  readonly tag: number
  readonly bytes: Buffer
}

/** A temporary file of frames. */
export class Spool {
  #file: FileHandle | undefined
  #fileLength = 0

  /** The position of the next frame, for {@link readFrame}. */
  get position(): number {
    return this.#fileLength
  }

  async write(tag: number, bytes: Uint8Array): Promise<void> {
    const header = Buffer.alloc(FRAME_HEADER_BYTES)
    header.writeUInt32LE(tag, 0)
    header.writeUInt32LE(bytes.length, 4)
    await wrapErrors('write to', async () => {
      this.#file ??= await openUnlinkedFile()
      for (const piece of [header, bytes]) await this.#append(this.#file, piece)
    })
  }

  /** Returns the frame at a position. */
  async readFrame(position: number): Promise<Frame> {
    const header = await this.#read(position, FRAME_HEADER_BYTES)
    const bytes = await this.#read(position + FRAME_HEADER_BYTES, header.readUInt32LE(4))
    return { tag: header.readUInt32LE(0), bytes }
  }

  /** Yields the frames in the order in which they were written. */
  async *readFrames(): AsyncGenerator<Frame> {
    for (let at = 0; at < this.#fileLength;) {
      const frame = await this.readFrame(at)
      at += FRAME_HEADER_BYTES + frame.bytes.length
      yield frame
    }
  }

  /** Frees the disk space. */
  async dispose(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#fileLength = 0
    await file?.close()
  }

  async #append(file: FileHandle, piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length;) {
      const { bytesWritten } = await file.write(piece, at, piece.length - at, this.#fileLength)
      at += bytesWritten
      this.#fileLength += bytesWritten
    }
  }

  #read(position: number, length: number): Promise<Buffer> {
    return wrapErrors('read', async () => {
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

async function openUnlinkedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `optimize-export-${randomUUID()}.spool`)
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  return file
}

async function wrapErrors<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message
    throw new ExportError('ERR_SPOOL', `could not ${step} the spool in ${tmpdir()}: ${reason}`, { cause })
  }
}
