// A folder like that of a user: npm installs there the package that `npm pack` makes of dist/. The development dependencies of this
// repository cannot be reached from it.
import { execFile } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../support/root.js'

export interface UserFolder {
  readonly folder: string
  /** The packed package. */
  readonly tarball: string
  remove(): void
}

const FLAGS = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=5']

/** Creates the folder and installs the package. The folder is removed when this process ends, or before. `flags` are for `npm install`. */
export async function installPacked(...flags: readonly string[]): Promise<UserFolder> {
  const user = await emptyUserFolder()
  const { tarball, folder } = user
  await npm(folder, 'install', ...flags, tarball)
  return user
}

/** Creates the folder without installing the package. */
export async function emptyUserFolder(): Promise<UserFolder> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'user-')))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const packed = await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder)
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }')
  return { folder, tarball: join(folder, filename), remove }
}

/** Runs npm in a folder and returns what it printed. */
export async function npm(cwd: string, ...argv: readonly string[]): Promise<string> {
  const shell = process.platform === 'win32'
  const { stdout } = await promisify(execFile)('npm', [...FLAGS, ...argv], { cwd, shell, maxBuffer: 2 ** 26 })
  return stdout
}
