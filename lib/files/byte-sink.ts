// The contract of everything that takes the bytes of one file, and the sink for a file handle.
import type { FileHandle } from 'node:fs/promises'

/** Takes the bytes of one file. */
export interface ByteSink {
  write(bytes: Buffer): Promise<void>
  /** Ends the writing: all bytes are with the system, and those of a file are on the disk. */
  finish(): Promise<void>
  /** Removes at once what only an unfinished file needs. */
  discard(): void
  /** Resolves when nothing is open any more. */
  close(): Promise<void>
}

/** Writes to a file handle. A file system may take less than it is given. */
export class HandleSink implements ByteSink {
  #handle: FileHandle | undefined

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) at += (await this.#handle!.write(bytes, at)).bytesWritten
  }

  finish(): Promise<void> {
    return this.close()
  }

  sync(): Promise<void> {
    return this.#handle!.sync()
  }

  discard(): void {
    // nothing stands beside it
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }
}
