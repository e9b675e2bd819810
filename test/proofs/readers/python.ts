// Installs packages for Python in a virtual environment below test/proofs/.build.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { download } from '../support/download.js'
import { buildFolder, sourceFile } from '../support/folders.js'

/**
 * Returns the path of a Python that has the packages. The file of requirements fixes their versions and those of their dependencies.
 * Packages that an earlier run installed are not installed again.
 *
 * @throws Error without Python 3, or if pip fails
 */
export function pythonWith(packages: readonly string[], requirements = 'readers/requirements.txt'): string {
  const pinned = sourceFile(requirements)
  const folder = join(buildFolder, `python-${digest(readFileSync(pinned, 'utf8'))}`)
  const python = join(folder, 'bin', 'python')
  if (!existsSync(join(folder, 'made'))) {
    rmSync(folder, { recursive: true, force: true })
    download(['python3', '-m', 'venv', folder], { pauses: [] })
    writeFileSync(join(folder, 'made'), '')
  }
  const wanted = [...new Set(packages)].sort()
  const stamp = join(folder, `has-${digest(wanted.join(' '))}`)
  if (wanted.length > 0 && !existsSync(stamp)) {
    process.stdout.write(`installing ${wanted.join(', ')} …\n`)
    download([python, '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-c', pinned, ...wanted])
    writeFileSync(stamp, '')
  }
  return python
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
