// A quick check after a change: npm run dev. It checks types, the style of the changed files, and the rules about imports and words. Then
// it runs the tests that are nearest to the changed files by imports, as many as take about 10 seconds. `npm test` checks more.
import { spawn, execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(import.meta.dirname, '../..')
const BUDGET_SECONDS = 10
/** The time of a test that never ran. */
const UNKNOWN_SECONDS = 2
/** Tests of rules. They always run: they read the files of the project instead of importing them. */
const RULES = ['test/project/import-rule.test.ts', 'test/project/words.test.ts']
/** The largest number of tests that are named if the time is too short for all tests. */
const MAX_NAMED = 10

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
const changed = [
  ...git('diff', '--name-only', '--diff-filter=d', 'HEAD'),
  ...git('ls-files', '-o', '--exclude-standard'),
]

const files = ['lib', 'test']
  .flatMap((name) => readdirSync(join(root, name), { recursive: true }).map((file) => join(name, file)))
  .filter((file) => file.endsWith('.ts'))

/** The importers of each file, by the path of that file. */
const importers = new Map()
for (const file of files) {
  for (const [, specifier] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\(?) ?'(\.[^']+)\.js'/g)) {
    const imported = `${relative(root, join(root, dirname(file), specifier))}.ts`
    importers.set(imported, [...(importers.get(imported) ?? []), file])
  }
}

/** Returns the tests that import a changed file, directly or through other files, the nearest first. */
function findNearestTests() {
  const found = new Set(changed)
  for (const file of found) for (const importer of importers.get(file) ?? []) found.add(importer)
  return [...found].filter((file) => file.endsWith('.test.ts') && existsSync(join(root, file)))
}

function estimateSeconds(test) {
  const path = join(root, '.tap/test-results', `${test}.tap`)
  const time = existsSync(path) && /# time=([\d.]+)ms\s*$/.exec(readFileSync(path, 'utf8'))
  return time ? Number(time[1]) / 1000 + 1 : UNKNOWN_SECONDS
}

/** Returns the nearest tests that fit into the budget on two cores. */
function selectTests(tests) {
  let left = 2 * BUDGET_SECONDS
  return tests.filter((test) => {
    const seconds = estimateSeconds(test)
    if (seconds > left) return false
    left -= seconds
    return true
  })
}

const tests = findNearestTests()
const chosen = selectTests(tests)
const sources = changed.filter((file) => /\.(ts|js)$/.test(file))
const texts = changed.filter((file) => /\.(ts|js|md|json|yml)$/.test(file))

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn('npx', ['--no-install', command, ...args], { cwd: root, stdio: 'inherit' })
    child.once('close', (code) => resolve(code ?? 1))
  })
}

console.log(
  `${changed.length} changed files; ${chosen.length} of the ${tests.length} tests that use them, and the rules`,
)
const checks = [
  {
    name: 'types',
    command: 'tsc',
    args: ['-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', '.tap/types.tsbuildinfo'],
  },
  ...(sources.length > 0
    ? [{ name: 'eslint', command: 'eslint', args: ['--cache', '--cache-location', '.tap/eslint', ...sources] }]
    : []),
  ...(texts.length > 0
    ? [
        {
          name: 'style (`npx prettier --write .` mends it)',
          command: 'prettier',
          args: ['--check', '--log-level', 'warn', ...texts],
        },
      ]
    : []),
]
const codes = await Promise.all(checks.map(({ command, args }) => run(command, args)))
const testCode = await run('tap', ['--disable-coverage', '--reporter=terse', ...RULES, ...chosen])
const skipped = tests.filter((file) => !chosen.includes(file))
const rest = skipped.length > MAX_NAMED ? ` and ${skipped.length - MAX_NAMED} more` : ''
if (skipped.length > 0)
  console.log(`not run, because the time is too short: ${skipped.slice(0, MAX_NAMED).join(' ')}${rest}`)
const failed = [
  ...checks.filter((_, at) => codes[at] !== 0).map(({ name }) => name),
  ...(testCode === 0 ? [] : ['tests']),
]
console.log(failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
