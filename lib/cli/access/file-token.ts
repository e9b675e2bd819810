// An access token in a file. Another program may replace the file at any time.
import { setTimeout as sleep } from 'node:timers/promises'
import { ExportError, type TokenFunction } from '../../index.js'
import { stripBearer } from '../../shared/secrets/bearer-token.js'
import { readTextFile } from '../files/text-file.js'
import { UsageError } from '../errors/usage-error.js'

const ERROR_FACTS = { setting: 'tokenFile' }

/** The pauses before the file is read again, if it is empty or still has the token that the server refused. */
const PAUSES_MS = [500, 1000, 1500, 2000]

type Wait = (ms: number, signal: AbortSignal) => Promise<unknown>

const waitOnClock: Wait = (ms, signal) => sleep(ms, undefined, { signal })

/** The clock and the file system, which tests replace. */
interface FileTokenOptions {
  readonly wait?: Wait
  readonly readText?: typeof readTextFile
}

/**
 * Returns a function that gives the token in the file. The file is read at once, so that a missing or empty file is a usage error, and
 * again each time that the server refuses a token. If the file then cannot be read, is empty or still has the refused token, it is read a
 * few times more, because the new token may arrive a little late. Exports that share the function also share a read that is running.
 */
export async function createFileToken(
  path: string,
  { wait = waitOnClock, readText = readTextFile }: FileTokenOptions = {},
): Promise<TokenFunction> {
  const read = async () => stripBearer(await readText('--token-file', path, ERROR_FACTS))
  let running: Promise<string> | undefined
  const readShared = () => (running ??= read().finally(() => (running = undefined)))
  let token = await read()
  if (token === '') throw new UsageError(`--token-file ${path}: is empty`, ERROR_FACTS)
  return async ({ refusedToken, signal }) => {
    if (refusedToken === undefined) return token
    let failure: UsageError | undefined
    const readOrNote = () => {
      failure = undefined
      return readShared().catch((error: unknown) => {
        failure = error as UsageError
        return ''
      })
    }
    let latest = await readOrNote()
    for (const ms of PAUSES_MS) {
      if (latest !== refusedToken && latest !== '') break
      await wait(ms, signal)
      latest = await readOrNote()
    }
    // a function is asked for another token after a 401 only
    if (failure) throw new ExportError('ERR_AUTH', failure.message, { cause: failure, status: 401 })
    if (latest !== '') token = latest
    return latest
  }
}
