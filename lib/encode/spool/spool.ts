// A temporary file. It is unlinked as soon as it is open, so the system removes the file when the process ends for any reason.
// Source: unlink(2), "the file will remain in existence until the last file descriptor is closed".
import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { collectDigits, keepDigits } from '../../shared/json/digits.js'
import { ExportError } from '../../shared/errors.js'
import { toNestingError } from '../../shared/json/json-text.js'
import { getReason } from '../../shared/system-errors.js'

const FRAME_HEADER_BYTES = 8

/** A frame of {@link serializeRows} has at most this many rows. */
export const ROWS_PER_FRAME = 200

export interface Frame {
  readonly tag: number
  readonly bytes: Buffer
  /** The position of the next frame. */
  readonly end: number
}

export class Spool {
  #file: FileHandle | undefined
  #fileLength = 0

  /** The end of the written frames, which is the position of the next one, for {@link readFrame}. */
  get end(): number {
    return this.#fileLength
  }

  async write(tag: number, ...pieces: readonly Uint8Array[]): Promise<void> {
    const header = Buffer.alloc(FRAME_HEADER_BYTES)
    header.writeUInt32LE(tag, 0)
    header.writeUInt32LE(sumLengths(pieces), 4)
    await wrapErrors('write to', async () => {
      this.#file ??= await openUnlinkedFile()
      await this.#append(this.#file, [header, ...pieces])
    })
  }

  /** Yields the frames in the order in which they were written. While the caller uses a frame, the next one is read. */
  async *readFrames(): AsyncGenerator<Frame> {
    let next = this.readFrame(0)
    for (let frame = await next; frame; frame = await next) {
      next = this.readFrame(frame.end)
      // the caller may stop before it awaits the next frame
      next.catch(() => undefined)
      yield frame
    }
  }

  /** Returns the frame at a position, or `undefined` after the last one. */
  async readFrame(at: number): Promise<Frame | undefined> {
    if (at >= this.#fileLength) return undefined
    const header = await this.#read(at, FRAME_HEADER_BYTES)
    const bytes = await this.#read(at + FRAME_HEADER_BYTES, header.readUInt32LE(4))
    return { tag: header.readUInt32LE(0), bytes, end: at + FRAME_HEADER_BYTES + bytes.length }
  }

  async dispose(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#fileLength = 0
    await file?.close()
  }

  async #append(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
    for (let rest = pieces; sumLengths(rest) > 0;) {
      const { bytesWritten } = await file.writev(rest, this.#fileLength)
      this.#fileLength += bytesWritten
      rest = dropBytes(rest, bytesWritten)
    }
  }

  #read(position: number, length: number): Promise<Buffer> {
    return wrapErrors('read', async () => {
      // not from Node's shared pool, so that the caller may free the memory
      const bytes = Buffer.allocUnsafeSlow(length)
      for (let at = 0; at < length;) {
        const { bytesRead } = await this.#file!.read(bytes, at, length - at, position + at)
        if (bytesRead === 0) throw new Error('it ends early')
        at += bytesRead
      }
      return bytes
    })
  }
}

/** Returns rows as bytes, with the digits of their numbers. */
export function serializeRows(rows: readonly unknown[]): Buffer {
  try {
    return serialize({ rows, digits: collectDigits(rows) })
  } catch (error) {
    throw toNestingError(error)
  }
}

export function deserializeRows(bytes: Buffer): unknown[] {
  const { rows, digits } = deserialize(bytes) as { rows: unknown[]; digits: ReturnType<typeof collectDigits> }
  for (const [holder, key, text] of digits) keepDigits(holder, key, text)
  return rows
}

const sumLengths = (pieces: readonly Uint8Array[]) => pieces.reduce((sum, { length }) => sum + length, 0)

/** Returns the pieces without their first `count` bytes. The system may write fewer bytes than it is given. */
function dropBytes(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let rest = count
  return pieces.flatMap((piece) => {
    const left = piece.subarray(Math.min(rest, piece.length))
    rest -= piece.length - left.length
    return left.length > 0 ? [left] : []
  })
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
    throw new ExportError('ERR_SPOOL', `could not ${step} the spool in ${tmpdir()}: ${getReason(cause)}`, { cause })
  }
}
