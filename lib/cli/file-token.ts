// The access token in a file, which another program replaces from time to time.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TokenFunction } from '../index.js'
import { readTextFile } from './text-file.js'
import { UsageError } from './usage-error.js'

const FACTS = { setting: 'tokenFile' }

/** The pauses before the file is read again, if it still has the token that the server refused. */
const PAUSES_MS = [500, 1000, 1500, 2000]

type Wait = (ms: number, signal: AbortSignal) => Promise<unknown>

const waitOnClock: Wait = (ms, signal) => sleep(ms, undefined, { signal })

/** Exports that share the file and had the same old token are refused within this time. */
const SHARED_REFUSAL_MS = 10_000

/**
 * Reads the file now, so that a missing file is a usage error, and again when the server refuses its token. If the file then has the
 * same token, it is read a few times more, because it may be replaced a little later than the server switches.
 *
 * @param wait resolves after some milliseconds; a test replaces it
 */
export async function createFileToken(path: string, wait: Wait = waitOnClock): Promise<TokenFunction> {
  const read = async () => (await readTextFile('--token-file', path, FACTS)).trim()
  let token = await read()
  let changedAt = -Infinity
  if (token === '') throw new UsageError(`--token-file ${path}: is empty`, FACTS)
  return async ({ refresh, signal }) => {
    if (!refresh || performance.now() - changedAt < SHARED_REFUSAL_MS) return token
    const refused = token
    let latest = await read()
    for (const ms of PAUSES_MS) {
      if (latest !== refused && latest !== '') break
      await wait(ms, signal)
      latest = await read()
    }
    if (latest !== refused) changedAt = performance.now()
    token = latest
    return token
  }
}
