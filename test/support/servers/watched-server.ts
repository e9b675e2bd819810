// A fake server for tests that wait until a request has arrived, or that hold answers back.
import { EventEmitter, once } from 'node:events'
import type { Test } from 'tap'
import {
  startFakeOptimize,
  type FakeOptimize,
  type FakeOptimizeOptions,
  type LoggedRequest,
} from '../../../lib/testing/index.js'
import { drainEventLoopTurns } from '../machine/event-loop-turns.js'

export interface WatchedOptions extends FakeOptimizeOptions {
  /** Returns whether the answer to a request is held until {@link WatchedServer.release}. */
  readonly isHeld?: (request: LoggedRequest) => boolean
}

export interface WatchedServer extends FakeOptimize {
  /** Resolves when this many requests have arrived. */
  received(count: number): Promise<void>
  /** Resolves when this many requests have arrived and every answer has been written. */
  answered(count: number): Promise<void>
  /** Sends the answers that are held, and holds no more. */
  release(): void
}

/** Starts the server, which is closed at the end of the test if one is given. */
export async function startWatched(
  t: Pick<Test, 'teardown'> | undefined,
  { isHeld = () => false, ...options }: WatchedOptions = {},
): Promise<WatchedServer> {
  const events = new EventEmitter()
  let isReleased = false
  const released = new Promise<void>((resolve) => events.once('release', resolve))
  const onRequest = (request: LoggedRequest) => {
    events.emit('request')
    return !isReleased && isHeld(request) ? released : undefined
  }
  const server = await startFakeOptimize({ ...options, onRequest })
  t?.teardown(() => server.close())
  const received = async (count: number) => {
    while (server.requests.length < count) await once(events, 'request')
  }
  return Object.assign(server, {
    received,
    answered: async (count: number) => {
      await received(count)
      while (!server.requests.every(({ finished }) => finished)) await drainEventLoopTurns(1)
    },
    release: () => {
      isReleased = true
      events.emit('release')
    },
  })
}
