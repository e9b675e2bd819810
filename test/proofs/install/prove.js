// Installs the last commit of this repository as users do who have no package: from git, and as a clone without the development
// dependencies. It takes about a minute, since npm installs the compilers to build dist/.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'install-'))
const clone = join(folder, 'clone')
const user = join(folder, 'user')
const shell = process.platform === 'win32'

/**
 * @param {string} cwd
 * @param {string} command
 * @param {string[]} argv
 */
const run = (cwd, command, ...argv) => execFileSync(command, argv, { cwd, shell, encoding: 'utf8' })

try {
  run(root, 'git', 'clone', '--quiet', root, clone)

  run(clone, 'npm', 'ci', '--omit=dev', '--prefer-offline')
  process.stdout.write('npm ci --omit=dev in a clone: ok\n')

  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), '{ "name": "user", "private": true, "type": "module" }')
  run(user, 'npm', 'install', '--prefer-offline', `git+${pathToFileURL(clone).href}`)
  const program = "import('optimize-export').then(({ toCsv, VERSION }) => console.log(typeof toCsv, VERSION))"
  const imported = run(user, process.execPath, '--eval', program).trim()
  const printed = run(user, 'npx', '--no-install', 'optimize-export', '--version').trim()
  if (imported !== `function ${printed}`) throw new Error(`expected "function ${printed}", got "${imported}"`)
  process.stdout.write(`npm install from git: ok, version ${printed}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
