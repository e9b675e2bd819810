// stdout of a command. It reports every failure to write, and prints at most one JSON document.
import { write } from 'node:fs'
import { Writable } from 'node:stream'
import type { OutputStream } from '../progress/progress.js'
import { statsOfDescriptor } from '../files/file-stats.js'
import { formatJson } from './format-text.js'

export class StdoutWriter {
  readonly stream: OutputStream
  #failure: NodeJS.ErrnoException | undefined
  #hasPrintedJson = false

  /** @param onFailure called at each failure; its argument is always the first failure */
  constructor(stream: OutputStream, onFailure: (failure: NodeJS.ErrnoException) => void) {
    this.stream = stream
    stream.on('error', (failure: NodeJS.ErrnoException) => {
      this.#failure ??= failure
      onFailure(this.#failure)
    })
  }

  /** Prints the result of `--json`. Later calls do nothing, so that stdout has only one document. */
  printJson(value: unknown): void {
    if (this.#hasPrintedJson) return
    this.#hasPrintedJson = true
    this.stream.write(`${formatJson(value)}\n`)
  }

  /** Resolves to true when the system has all bytes, or to false when the stream has failed. */
  flush(): Promise<boolean> {
    return new Promise((resolve) => this.stream.write('', () => setImmediate(() => resolve(!this.#failure))))
  }
}

export function createStdout({ stdout }: { readonly stdout: OutputStream & { readonly fd?: number } }): OutputStream {
  const { fd } = stdout
  if (fd === undefined || stdout.isTTY) return stdout
  const stats = statsOfDescriptor(fd)
  return stats.isFile() || stats.isCharacterDevice() ? new FileOutput(fd) : stdout
}

/** Writes until all bytes are written. `process.stdout` ignores that a full disk accepted only a part of them. */
class FileOutput extends Writable {
  readonly #fd: number

  constructor(fd: number) {
    super({ highWaterMark: 256 * 1024 })
    this.#fd = fd
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    write(this.#fd, chunk, (error, written) => {
      if (error || written === chunk.length) done(error)
      else this._write(chunk.subarray(written), _encoding, done)
    })
  }
}
