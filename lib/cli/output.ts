// stdout of a command: all bytes or a failure, and at most one JSON document.
import { write } from 'node:fs'
import { Writable } from 'node:stream'
import type { Screen } from './progress/progress.js'
import { statsOfOpen } from './stats.js'
import { formatJson } from './format-text.js'

/** The output of a command; calls back once if it cannot be written. */
export class Output {
  readonly stream: Screen
  #failure: NodeJS.ErrnoException | undefined
  #hasPrintedJson = false

  /** `fail` is called once, with the first failure. */
  constructor(stream: Screen, onFailure: (failure: NodeJS.ErrnoException) => void) {
    this.stream = stream
    stream.on('error', (failure: NodeJS.ErrnoException) => {
      this.#failure ??= failure
      onFailure(this.#failure)
    })
  }

  /** Prints the result of `--json`; only the first one, so that there is one document whatever happens afterwards. */
  printJson(value: unknown): void {
    if (this.#hasPrintedJson) return
    this.#hasPrintedJson = true
    this.stream.write(`${formatJson(value)}\n`)
  }

  /** Resolves when all bytes are with the system, or the stream has failed. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.stream.write('', () => setImmediate(resolve)))
  }
}

/** stdout of a process. For a file it is a stream of its own, because Node's ignores that a full disk takes part of a write. */
export function createStdout({ stdout }: { readonly stdout: Screen & { readonly fd?: number } }): Screen {
  const { fd } = stdout
  if (fd === undefined || stdout.isTTY) return stdout
  const stats = statsOfOpen(fd)
  return stats.isFile() || stats.isCharacterDevice() ? new FileOutput(fd) : stdout
}

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
