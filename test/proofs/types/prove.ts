// Compiles consumers of the packed package with every supported TypeScript and every way to resolve modules, with the declaration files
// (skipLibCheck: false); attw and publint check the package too. Prints a table, and fails if a consumer does not compile. The arguments
// name compilers: `npm run proof:types -- 5.0 6.0`; without arguments, all are used. `--short` uses the oldest compiler and one other, which
// the commit decides, and only the cases of a short run.
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { findAttwProblem, findPublintProblem } from '../../support/project/package-checks.js'
import { root } from '../../support/root.js'
import { download } from '../support/download.js'
import { exitOnSignals, turnOf } from '../support/turn.js'
import { installPacked } from '../support/user-folder.js'
import { cases as allCases, compilers, type Case, type Compiler } from './cases.js'

const here = join(root, 'test/proofs/types')
interface Outcome {
  /** `'ok'`, an expected error, `'–'` if there is nothing to compile, or `'FAILS'`. */
  readonly cell: string
  readonly failure?: string
}

const argv = process.argv.slice(2)
const isShort = argv.includes('--short')
const cases = isShort ? allCases.filter(({ isInShortRun }) => isInShortRun) : allCases
const wanted = isShort ? [compilers[0]!, turnOf(compilers.slice(1))].map(({ version }) => version) : argv

exitOnSignals()
installCompilers()
const installed = await installPacked('--ignore-scripts')
try {
  const rows = []
  for (const compiler of compilers)
    if (wanted.length === 0 || wanted.includes(compiler.version)) rows.push(await prove(compiler))
  const title = ['TypeScript', '@types/node', ...cases.map(({ title }) => title)]
  process.stdout.write(tableOf([title, ...rows.map(({ cells }) => cells)]))
  const failures = [...rows.flatMap(({ failures }) => failures), ...(await packageProblems(installed.tarball))]
  for (const failure of failures) process.stdout.write(`\n${failure}\n`)
  if (failures.length > 0) process.exitCode = 1
} finally {
  installed.remove()
}

/** Returns the problems that attw and publint find in the packed package. */
async function packageProblems(tarball: string): Promise<string[]> {
  const checks = { attw: findAttwProblem, publint: findPublintProblem }
  const problems: string[] = []
  for (const [name, check] of Object.entries(checks)) {
    const problem = await check(tarball)
    process.stdout.write(`${name}: ${problem === undefined ? 'ok' : 'FAILS'}\n`)
    if (problem !== undefined) problems.push(`${name}:\n${problem}`)
  }
  return problems
}

async function prove(compiler: Compiler): Promise<{ cells: string[]; failures: string[] }> {
  const outcomes: Outcome[] = []
  for (let at = 0; at < cases.length; at += availableParallelism())
    outcomes.push(
      ...(await Promise.all(cases.slice(at, at + availableParallelism()).map((each) => compile(compiler, each)))),
    )
  const failures = outcomes.flatMap(({ failure }, at) =>
    failure === undefined ? [] : [`TypeScript ${compiler.version}, ${cases[at]!.title}:\n${failure}`],
  )
  const versions = [`typescript-${compiler.version}`, `node-types-${compiler.nodeTypes}`].map(versionOf)
  return { cells: [...versions, ...outcomes.map(({ cell }) => cell)], failures }
}

async function compile(compiler: Compiler, each: Case): Promise<Outcome> {
  const version = Number(compiler.version)
  const refusal = each.refusal(version)
  if (refusal === 'gone') return { cell: '–' }
  const { status, output } = await run(compiler, projectOf(compiler, each))
  const errors = [...new Set(output.match(/TS\d+/g))]
  if (refusal === undefined) return status === 0 ? { cell: 'ok' } : { cell: 'FAILS', failure: output }
  const isExpected = errors.includes(refusal[0]!) && errors.every((error) => refusal.includes(error))
  if (isExpected) return { cell: refusal[0]! }
  return { cell: 'FAILS', failure: `expected ${refusal[0]!} alone, got ${status === 0 ? 'no error' : output}` }
}

/** Creates a folder like that of a user: one source file, a tsconfig.json, and @types/node beside the package. */
function projectOf({ version, nodeTypes }: Compiler, { title, source, extension, settings }: Case): string {
  const folder = join(installed.folder, `${version} ${title}`.replace(/\W+/g, '-'))
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(join(here, `node_modules/node-types-${nodeTypes}`), join(folder, 'node_modules/@types/node'), 'junction')
  const isModule = extension !== 'ts' || settings['module'] !== 'commonjs'
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: isModule ? 'module' : 'commonjs' }))
  copyFileSync(join(here, `consumers/${source}.ts`), join(folder, `${source}.${extension}`))
  const deprecated =
    settings['moduleResolution'] === 'node10' && Number(version) >= 6 ? { ignoreDeprecations: '6.0' } : {}
  const compilerOptions = {
    ...{ target: 'es2022', strict: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true },
    ...{ types: ['node'], ...settings, ...deprecated },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: [`${source}.${extension}`] }))
  return folder
}

function run({ version }: Compiler, project: string): Promise<{ status: number; output: string }> {
  const { bin } = JSON.parse(readFileSync(join(here, `node_modules/typescript-${version}/package.json`), 'utf8')) as {
    bin: { tsc: string }
  }
  const tsc = join(here, `node_modules/typescript-${version}`, bin.tsc)
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [tsc, '-p', project, '--pretty', 'false'], (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? 1, output: stdout + stderr }),
    )
  })
}

/** Installs the packages in package-lock.json of this folder, unless they are installed. */
function installCompilers(): void {
  const copy = join(here, 'node_modules/.package-lock.json')
  const has = (name: string) => existsSync(copy) && readFileSync(copy, 'utf8').includes(`node_modules/${name}"`)
  const wanted = Object.keys((readManifest(here) as { dependencies: object }).dependencies)
  const isCurrent = wanted.every((name) => has(name) && versionOf(name) === lockedVersionOf(name))
  if (!isCurrent) download(['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: here })
}

function readManifest(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function versionOf(name: string): string {
  return (readManifest(join(here, 'node_modules', name)) as { version: string }).version
}

function lockedVersionOf(name: string): string | undefined {
  const { packages } = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string } | undefined>
  }
  return packages[`node_modules/${name}`]?.version
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |\n`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |\n`
  return line(rows[0]!) + rule + rows.slice(1).map(line).join('')
}
