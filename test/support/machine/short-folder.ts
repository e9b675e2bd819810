// A folder for sockets. The path of a socket has at most 103 bytes, and the paths of the folders that tap creates may be longer.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Creates a folder with a short path, which is removed at the end of the test. Returns the path. */
export function createShortFolder(t: { teardown: (work: () => void) => void }): string {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
