import type { FileHandle } from 'node:fs/promises'

export interface ByteSink {
  write(bytes: Buffer): Promise<void>
  /**
   * Resolves when the system has all bytes; for a staged file, when they are on the disk; for an object, when its parts are uploaded. The
   * commit sends an object that is smaller than one part, unless it is a file of a dataset.
   */
  finish(): Promise<void>
  /**
   * Removes the part folder, closes the socket or aborts the upload. A part folder is gone when the call returns, an upload when the
   * promise resolves. Of a file that is in place, only the part folder is removed. A second call does nothing.
   */
  discard(): void | Promise<void>
  close(): Promise<void>
}

/** Writes to a file handle. One call to the file system may write only some of the bytes. */
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
    // a file that is written directly has no part folder; the folder of a dataset removes its files itself
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }
}
