// The files in examples/fleet fit each other and their schedulers, as far as tests can show it without a scheduler. `npm run proof:fleet`
// tests the rest.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { runCommand } from '../support/command/command-line.js'
import { root } from '../support/root.js'

const folder = join(root, 'examples/fleet')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const run = promisify(execFile)

interface Pod {
  readonly containers: readonly [
    {
      readonly name: string
      readonly args: readonly string[]
      readonly securityContext: { readonly readOnlyRootFilesystem: boolean }
      readonly volumeMounts: readonly { readonly name: string }[]
    },
  ]
  readonly volumes: readonly { readonly name: string }[]
  readonly securityContext: { readonly runAsNonRoot: boolean }
}
interface JobSpec {
  readonly completions: number
  readonly completionMode: string
  readonly podFailurePolicy: {
    readonly rules: readonly [
      { readonly onExitCodes: { readonly containerName: string; readonly values: readonly number[] } },
    ]
  }
  readonly template: { readonly spec: Pod }
}
interface Resource {
  readonly kind: string
  readonly data: Readonly<Record<string, string>>
  readonly spec: JobSpec & { readonly jobTemplate: { readonly spec: JobSpec } }
}

function readResources(name: string): [Resource, Resource] {
  const documents = parseAllDocuments(read(name), { strict: true, uniqueKeys: true })
  t.strictSame(
    documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
    [],
  )
  return documents.map((document) => document.toJS() as Resource) as [Resource, Resource]
}

t.test('the manifests have the same jobs, and the command accepts them', async (t) => {
  const [config, cron] = readResources('kubernetes-run-cronjob.yaml')
  const [names, indexed] = readResources('kubernetes-indexed-job.yaml')
  const file = join(t.testdir(), 'jobs.yaml')
  writeFileSync(
    file,
    config.data['jobs.yaml']!.replace('/run/secrets/optimize/token', file).replaceAll('/data/', t.testdirName + '/'),
  )
  const { code, stdout, stderr } = await runCommand(['run', file, '--check', '--json'])
  t.equal(code, 0, stderr)
  const { jobs } = JSON.parse(stdout) as { jobs: { name: string }[] }
  t.strictSame(
    names.data['names.txt']!.trim().split('\n'),
    jobs.map(({ name }) => name),
  )
  t.equal(indexed.spec.completions, jobs.length)
  t.equal(indexed.spec.completionMode, 'Indexed')
  for (const spec of [cron.spec.jobTemplate.spec, indexed.spec]) {
    const { containers, volumes, securityContext } = spec.template.spec
    const [{ onExitCodes }] = spec.podFailurePolicy.rules
    t.strictSame(onExitCodes.values, [2, 4], 'exit codes that another try does not change')
    t.equal(onExitCodes.containerName, containers[0].name)
    t.strictSame(
      containers[0].volumeMounts.map(({ name }) => name),
      volumes.map(({ name }) => name),
    )
    t.ok(securityContext.runAsNonRoot && containers[0].securityContext.readOnlyRootFilesystem)
  }
  const script = indexed.spec.template.spec.containers[0].args[0]!
  await t.resolves(run('sh', ['-n', '-c', script]))
  t.match(script, '--state "/data/state/$name.json"', 'a state per job')
})

t.test('the image has the dependencies in the versions of package.json, and runs without root', async (t) => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const text = read('Dockerfile')
  for (const name of ['@duckdb/node-api', '@aws-sdk/client-s3']) t.match(text, `${name}@${devDependencies[name]!}`)
  t.match(text, /^USER 1000$/m)
  t.notMatch(text, /--tmpfs/, 'the spool would be in the memory of the container')
  t.match(text, /TMPDIR=\/data\/tmp/)
})

t.test('the guard ends its command when stdin is closed, and exits with the code of the command', async (t) => {
  const guard = join(folder, 'guard.sh')
  const start = (...argv: string[]) => spawn('sh', [guard, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] })
  const quick = start('sh', '-c', 'exit 7')
  t.equal((await once(quick, 'exit'))[0], 7)
  // a command that ends at the signal only, and prints a line when it runs
  const script = "process.on('SIGTERM', () => process.exit(9)); setInterval(() => 0, 1e6); console.log('runs')"
  const held = start(process.execPath, '-e', script)
  await once(held.stdout, 'data')
  held.stdin.end()
  t.equal((await once(held, 'exit'))[0], 9)
})

// enough of Airflow to run mapped tasks one after another
const AIRFLOW = `
import sys, types
class Task:
    def __init__(self, function): self.function = function
    def __call__(self, *args): return self.function(*args)
    def expand(self, name): print([self.function(one) for one in name])
def decorator(*args, **options):
    return Task(args[0]) if args and callable(args[0]) else Task
class AirflowException(Exception): pass
class AirflowFailException(AirflowException): pass
for name, members in {
    'airflow': {},
    'airflow.decorators': {'dag': decorator, 'task': decorator},
    'airflow.exceptions': {'AirflowException': AirflowException, 'AirflowFailException': AirflowFailException},
}.items():
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)
import subprocess
class Done:
    def __init__(self, code, out): self.returncode, self.stdout, self.stderr = code, out, f'failed with {code}'
def fake(argv, **options):
    assert argv[:3] == ['optimize-export', 'run', '/etc/optimize-export/jobs.yaml'], argv
    if '--check' in argv: return Done(0, '{"jobs":[{"name":"a"},{"name":"b"}]}')
    name = argv[argv.index('--only') + 1]
    assert argv[argv.index('--state') + 1].endswith(f'/{name}.json'), argv
    return Done(int(sys.argv[2]), '{"jobs":[{"rows":7}]}')
subprocess.run = fake
try:
    exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec'), {'__name__': 'dag'})
except AirflowException as error:
    print(type(error).__name__, error)
`

const hasPython = spawnSync('python3', ['--version']).status === 0

t.test(
  'the DAG runs each job with its own state, and a job is not tried again after 2 and 4',
  { skip: hasPython ? false : 'python3 is not installed' },
  async (t) => {
    for (const [code, printed] of [
      [0, '[7, 7]'],
      [6, 'AirflowException failed with 6'],
      [4, 'AirflowFailException failed with 4'],
    ] as const) {
      const { stdout } = await run('python3', ['-c', AIRFLOW, join(folder, 'airflow_fleet.py'), String(code)])
      t.equal(stdout.trim(), printed)
    }
  },
)
