// The workflows only start scripts of package.json, so that all of them can be run on any machine.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { root } from '../support/root.js'

interface Workflow {
  readonly permissions?: Record<string, string>
  readonly jobs: Record<string, Job>
}

interface Job {
  readonly 'timeout-minutes'?: number
  readonly strategy?: { readonly matrix: Record<string, unknown> }
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[]
}

const folder = join(root, '.github/workflows')
const workflows = readdirSync(folder).map((file) => ({
  file,
  workflow: parse(readFileSync(join(folder, file), 'utf8')) as Workflow,
}))
const { scripts, publishConfig } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
  publishConfig: Record<string, unknown>
}

/** The commands of a job, one for each value of the matrix that a command names. */
function commandsOf({ strategy, steps }: Job): string[] {
  return steps.flatMap(({ run }) => {
    const [placeholder, name] = /\$\{\{ matrix\.(\w+) \}\}/.exec(run ?? '') ?? []
    if (run === undefined || placeholder === undefined) return run ?? []
    return (strategy!.matrix[name!] as string[]).map((value) => run.replace(placeholder, value))
  })
}

const jobs = workflows.flatMap(({ file, workflow }) => Object.values(workflow.jobs).map((job) => ({ file, job })))

t.test('there is a workflow for tests, for proofs and for releases', async (t) => {
  t.strictSame(workflows.map(({ file }) => file).sort(), ['proofs.yml', 'release.yml', 'test.yml'])
})

t.test('each command is npm ci, npm publish, or a script that exists', async (t) => {
  for (const { file, job } of jobs) {
    const commands = commandsOf(job)
    t.equal(commands[0], 'npm ci', file)
    for (const command of commands.slice(1)) {
      const [, script] = /^npm (?:run )?([\w:-]+)$/.exec(command) ?? []
      t.ok(script === 'publish' || Object.hasOwn(scripts, script ?? ''), `${file}: ${command}`)
    }
  }
})

t.test('the proofs that need nothing but Node.js run every night', async (t) => {
  const commands = jobs.filter(({ file }) => file === 'proofs.yml').flatMap(({ job }) => commandsOf(job))
  for (const proof of ['proof:types', 'proof:nodes', 'proof:install'])
    t.ok(commands.includes(`npm run ${proof}`), proof)
})

t.test('each job has a time limit', async (t) => {
  for (const { file, job } of jobs) t.ok(job['timeout-minutes'] !== undefined, file)
})

t.test('a workflow may only read; a release may also get an identity token', async (t) => {
  for (const { file, workflow } of workflows) {
    const more = file === 'release.yml' ? { 'id-token': 'write' } : {}
    t.strictSame(workflow.permissions, { contents: 'read', ...more }, file)
  }
  t.strictSame(publishConfig, { access: 'public', provenance: true })
})

t.test('the tests run on each Node.js that is supported, and on three systems', async (t) => {
  const { os, node, include } = jobs.find(({ file }) => file === 'test.yml')!.job.strategy!.matrix as {
    os: string[]
    node: string[]
    include: { os: string }[]
  }
  t.strictSame(node, ['20.19', '22', '24', '26'])
  t.strictSame([...os, ...include.map(({ os }) => os)], ['ubuntu-latest', 'windows-latest', 'macos-latest'])
})
