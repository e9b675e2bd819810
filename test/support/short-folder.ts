// A folder for sockets: their paths have at most 103 bytes, and the folders of tap are as deep as the checkout.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Returns the path of a new folder with a short path, which is removed at the end of the test. */
export function shortFolder(t: { teardown: (work: () => void) => void }): string {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
