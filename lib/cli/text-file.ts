// A text file that a user wrote, with any editor: a byte order mark is left out, another encoding is refused.
import { readFile } from 'node:fs/promises'
import { UsageError } from './usage-error.js'

/** The text of a UTF-8 file. `what` begins the message of the {@link UsageError} if it cannot be had. */
export async function readTextFile(label: string, path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UsageError(`${label} ${path}: could not be read: ${(error as NodeJS.ErrnoException).code}`)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(`${label} ${path}: expected UTF-8 text, got another encoding; save it as UTF-8`)
  }
}
