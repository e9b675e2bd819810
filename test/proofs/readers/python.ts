// A Python with the readers, in a virtual environment of its own below test/proofs/.build.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildFolder, sourceFile } from '../support/folders.js'

/** The Python that has the readers, all of them or those of every run. @throws Error without Python 3 or when pip fails */
export function pythonWithReaders(all: boolean): string {
  const pinned = readFileSync(sourceFile('readers/requirements.txt'), 'utf8')
  const requirements = all ? pinned : pinned.split('# only with --all')[0]!
  const folder = join(buildFolder, `python-${createHash('sha256').update(requirements).digest('hex').slice(0, 12)}`)
  const python = join(folder, 'bin', 'python')
  const stamp = join(folder, 'complete')
  if (existsSync(stamp)) return python
  process.stdout.write('installing the readers …\n')
  rmSync(folder, { recursive: true, force: true })
  run('python3', ['-m', 'venv', folder])
  const list = join(folder, 'requirements.txt')
  writeFileSync(list, requirements)
  run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', list])
  writeFileSync(stamp, '')
  return python
}

function run(program: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) throw new Error(`${program} is needed: ${error.message}`)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed with ${status}:\n${stderr}`)
}
