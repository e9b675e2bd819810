import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { findAttwProblem, findPublintProblem } from '../support/project/package-checks.js'

const root = join(import.meta.dirname, '../..')
const env = { ...process.env, NODE_OPTIONS: '' }
const run = promisify(execFile)
t.setTimeout(300_000)
const npx = (...args: string[]) => run('npx', ['--no-install', ...args], { cwd: root, env })

t.test('the package contains the build, its types and its documents, and no test', async (t) => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, env })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  for (const path of [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/testing/index.js',
    'dist/cli/main.js',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'SECURITY.md',
    'docs/troubleshooting.md',
    'docs/sheet.png',
    'docs/terminal.svg',
    'examples/scheduling/export.sh',
  ]) {
    t.ok(paths.includes(path), path)
  }
  t.strictSame(
    paths.filter((path) => /^(test|bench|lib|docs\/site|site)\/|\.map$/.test(path)),
    [],
  )
})

t.test('attw and publint find nothing wrong', async (t) => {
  const folder = t.testdir()
  const argv = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const { stdout } = await run('npm', argv, { cwd: root, env })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  t.equal(await findAttwProblem(join(folder, filename)), undefined)
  t.equal(await findPublintProblem(join(folder, filename)), undefined)
})

t.test('a program that uses everything compiles, except its lines that must not', async (t) => {
  const text = await readFile(join(root, 'test/proofs/types/consumers/everything.ts'), 'utf8')
  const folder = t.testdir({ 'everything.mts': text })
  const settings = ['--noEmit', '--strict', '--module', 'nodenext', '--types', 'node', '--ignoreConfig']
  await t.resolves(npx('tsc', ...settings, join(folder, 'everything.mts')), 'other compilers: npm run proof:types')
})

t.test('CommonJS can require the package', async (t) => {
  const { stdout } = await run(process.execPath, ['-p', "typeof require('optimize-export').exportStream"], {
    cwd: root,
    env,
  })
  t.equal(stdout.trim(), 'function')
})

t.test('the changelog has the version', async (t) => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  t.match(await readFile(join(root, 'CHANGELOG.md'), 'utf8'), `## ${version}`)
})
