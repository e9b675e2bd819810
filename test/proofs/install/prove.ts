// Installs this package as users do: from the packed file, from git, without anything optional, and as a clone without the development
// dependencies. Each installation has to run. From git it takes a minute, because npm installs the compilers to build dist/; `--short`
// leaves that out. From git and as a clone, the last commit is installed.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { startFakeOptimize } from '../../../lib/testing/index.js'
import { root } from '../../support/root.js'
import { Report, fine, finding, type Finding } from '../support/report.js'
import { exitOnSignals } from '../support/turn.js'
import { emptyUserFolder, npm } from '../support/user-folder.js'

const run = promisify(execFile)
const { version } = readJson(join(root, 'package.json')) as { version: string }
const isShort = process.argv.includes('--short')
const report = new Report()
const folder = mkdtempSync(join(tmpdir(), 'install-'))
exitOnSignals()
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

report.heading('from the packed file')
await report.check('npm install', () => installFromFile())
await report.check('npm install --omit=optional --omit=peer', () => installFromFile('--omit=optional', '--omit=peer'))

report.heading('from git')
const clone = join(folder, 'clone')
await run('git', ['clone', '--quiet', root, clone])
await report.check('npm ci --omit=dev in a clone', () => withoutCompilers(clone))
if (!isShort) await report.check('npm install git+file://…', () => fromGit(clone))
process.exitCode = report.finish()

async function installFromFile(...flags: readonly string[]): Promise<Finding> {
  const user = await emptyUserFolder()
  try {
    await npm(user.folder, 'install', ...flags, user.tarball)
    return await checkInstallation(user.folder)
  } finally {
    user.remove()
  }
}

/** Checks that `npm ci --omit=dev` succeeds, and that a dist/ from elsewhere runs with the packages that it installs. */
async function withoutCompilers(clone: string): Promise<Finding> {
  await npm(clone, 'ci', '--omit=dev')
  const { packages } = readJson(join(clone, 'package-lock.json')) as { packages: Record<string, { dev?: boolean }> }
  const needless = Object.keys(packages).filter((path) => packages[path]!.dev && existsSync(join(clone, path)))
  if (needless.length > 0) return finding(false, `development dependencies are there: ${needless.join(', ')}`)
  if (existsSync(join(clone, 'dist'))) return finding(false, 'there is a dist/, without a compiler')
  cpSync(join(root, 'dist'), join(clone, 'dist'), { recursive: true })
  return finding(true, `no compiler, no dist/; with a dist/ of another build: ${await demo(clone, clone)}`)
}

async function fromGit(clone: string): Promise<Finding> {
  const user = join(folder, 'user')
  mkdirSync(user)
  await npm(user, 'init', '--yes')
  await npm(user, 'install', `git+${pathToFileURL(clone).href}`)
  return checkInstallation(user)
}

/** Checks that no package is missing, that the optional peer is absent, and that entry points, the command and a proxy work. */
async function checkInstallation(user: string): Promise<Finding> {
  await npm(user, 'ls', '--all')
  const modules = join(user, 'node_modules')
  if (existsSync(join(modules, 'kerberos'))) return finding(false, 'kerberos is there')
  const program = `
    import('optimize-export').then(async ({ toCsv, VERSION }) => {
      const { startFakeOptimize } = await import('optimize-export/testing')
      const required = [require('optimize-export').toCsv === toCsv, require('optimize-export/package.json').version]
      console.log(VERSION, typeof startFakeOptimize, ...required)
    })`
  const { stdout, stderr } = await run(process.execPath, ['--eval', program], { cwd: user })
  const expected = `${version} function true ${version}\n`
  if (stdout !== expected || stderr !== '') return finding(false, `expected ${expected}, got ${stdout}${stderr}`)
  const printed = (await npm(user, 'exec', '--offline', '--', 'optimize-export', '--version')).trim()
  if (printed !== version) return finding(false, `--version: expected ${version}, got ${printed}`)
  const made = await demo(user, join(modules, 'optimize-export'))
  await throughProxy(user)
  return fine(`${packagesIn(modules)} packages, ${megabytesIn(modules)} MB; ${made}; a request went through a proxy`)
}

/** Runs the command `demo`, which writes CSV and Parquet from a fake server. */
async function demo(cwd: string, home: string): Promise<string> {
  const out = join(cwd, 'out')
  await run(process.execPath, [join(home, 'dist/cli/main.js'), 'demo', '--records', '50', '--out', out, '--quiet'], {
    cwd,
  })
  const files = readdirSync(out).filter((name) => name !== '_receipts')
  if (files.join(' ') !== 'instances.csv instances.parquet') throw new Error(`the demo made ${files.join(' ')}`)
  return 'the demo wrote CSV and Parquet'
}

/** Exports through a proxy. The agents for proxies have to work without their optional peer, kerberos. */
async function throughProxy(user: string): Promise<void> {
  const server = await startFakeOptimize({ records: 30 })
  let requests = 0
  const proxy = http.createServer((request, response) => {
    requests++
    http.get(request.url!, { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  try {
    const { port } = proxy.address() as AddressInfo
    const main = join(user, 'node_modules/optimize-export/dist/cli/main.js')
    const argv = [main, 'export', '--report', server.reportId, '--out', '-', '--quiet']
    const { PATH, SystemRoot } = process.env
    const env = { PATH, SystemRoot, OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
    const { stdout } = await run(process.execPath, argv, { env: { ...env, HTTP_PROXY: `http://127.0.0.1:${port}` } })
    const lines = stdout.split('\n').length - 1
    if (requests === 0 || lines !== 31) throw new Error(`${requests} requests went through the proxy, ${lines} lines`)
  } finally {
    proxy.closeAllConnections()
    proxy.close()
    await server.close()
  }
}

function packagesIn(modules: string): number {
  const { packages } = readJson(join(modules, '.package-lock.json')) as { packages: object }
  return Object.keys(packages).length
}

function megabytesIn(folder: string): string {
  const bytes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => lstatSync(join(folder, name)))
    .reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0)
  return (bytes / 1e6).toFixed(1)
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
