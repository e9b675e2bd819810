// Bytes into something that is no regular file: a FIFO, a socket, a character device, an open file of a process.
import { constants, open as openFile } from 'node:fs'
import { connect, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Destination } from './destination.js'
import { disk } from './disk.js'
import { HandleSink, type Sink } from './sink.js'

/** Opens the destination for writing. A FIFO without a reader is waited for until the signal is aborted. */
export async function openThrough({ path, old }: Destination, signal: AbortSignal): Promise<Sink> {
  if (old?.isSocket()) return new SocketSink(connect(path))
  if (old?.isFIFO()) return new SocketSink(new Socket({ fd: await openFifo(path, signal), readable: false }))
  // an open file of a process gets its bytes after those that it has
  return new HandleSink(await disk.open(path, constants.O_WRONLY | constants.O_APPEND))
}

const open = promisify(openFile)
const POLL_MS = 50

/** An open that blocks would hold a thread of the process for as long as there is no reader. Source: fifo(7), ENXIO. */
async function openFifo(path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
    }
    await sleep(POLL_MS, undefined, { signal })
  }
}

class SocketSink implements Sink {
  readonly #socket: Socket
  readonly #closed: Promise<void>
  #failure: Error | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', (error) => (this.#failure = error))
    this.#closed = new Promise((resolve) =>
      socket.once('close', () => {
        if (!socket.writableFinished) this.#failure ??= new Error('closed before its end')
        resolve()
      }),
    )
  }

  write(bytes: Buffer): Promise<void> {
    return this.#done((resolve) => this.#socket.write(bytes, () => resolve()))
  }

  finish(): Promise<void> {
    return this.#done((resolve) => this.#socket.resume().end(() => resolve()))
  }

  async #done(work: (resolve: () => void) => unknown): Promise<void> {
    // a Duplex that is destroyed forgets the callbacks of what it has not written
    await Promise.race([new Promise<void>(work), this.#closed])
    if (this.#failure) throw this.#failure
  }

  discard(): void {
    this.#socket.destroy()
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.#closed
  }
}
