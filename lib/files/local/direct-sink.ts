// Writes bytes directly to a FIFO, a socket, a character device, or an open file of a process such as `/proc/self/fd/3`.
import { once } from 'node:events'
import { constants } from 'node:fs'
import { connect, Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OutputPath } from './output-path.js'
import { disk } from './disk.js'
import { HandleSink, type ByteSink } from '../byte-sink.js'

/** Opens the file for writing. For a FIFO, waits until it has a reader. Rejects if the signal is aborted meanwhile. */
export async function openDirectSink({ path, existing }: OutputPath, signal: AbortSignal): Promise<ByteSink> {
  if (existing?.isSocket()) return connectTo(path, signal)
  if (existing?.isFIFO()) return new SocketSink(new Socket({ fd: await openFifo(path, signal), readable: false }))
  // O_APPEND keeps the existing bytes of an open file of a process
  return new HandleSink(await disk.open(path, constants.O_WRONLY | constants.O_APPEND))
}

async function connectTo(path: string, signal: AbortSignal): Promise<ByteSink> {
  // a reader that sends nothing may end its side of the socket at once and still read
  const socket = connect({ path, allowHalfOpen: true })
  const sink = new SocketSink(socket)
  try {
    await once(socket, 'connect', { signal })
    return sink
  } catch (error) {
    socket.destroy()
    throw error
  }
}

const FIFO_POLL_MS = 50

/** Opens a FIFO. A blocking open would occupy a thread of the process until a reader opens it. Source: fifo(7), ENXIO. */
async function openFifo(path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    try {
      return await disk.openDescriptor(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
    }
    await sleep(FIFO_POLL_MS, undefined, { signal })
  }
}

/**
 * Writes to a socket or a FIFO. Every promise settles, even if the reader closes the socket. The callback of `end()` is not used, because a
 * destroyed Duplex never calls it.
 */
class SocketSink implements ByteSink {
  readonly #socket: Socket
  readonly #ended: Promise<void>
  readonly #closed: Promise<void>

  constructor(socket: Socket) {
    this.#socket = socket
    this.#ended = finished(socket, { readable: false })
    this.#ended.catch(() => undefined)
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
  }

  finish(): Promise<void> {
    this.#socket.resume().end()
    return this.#ended
  }

  discard(): void {
    this.#socket.destroy()
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.#closed
  }
}
