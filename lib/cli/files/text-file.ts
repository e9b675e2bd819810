import { readFile } from 'node:fs/promises'
import { getReason } from '../../shared/system-errors.js'
import { UsageError, type UsageErrorFacts } from '../errors/usage-error.js'

/** Resolves to the text of a UTF-8 file, without its byte order mark, or rejects with a {@link UsageError} that begins with `label`. */
export async function readTextFile(label: string, path: string, facts?: UsageErrorFacts): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UsageError(`${label} ${path}: could not be read: ${getReason(error)}`, facts)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(`${label} ${path}: expected UTF-8 text, got another encoding; save it as UTF-8`, facts)
  }
}
