// The files in examples/scheduling fit their schedulers, as far as this can be tested without a scheduler.
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { readDocument } from '../support/project/documents.js'

const folder = join(import.meta.dirname, '../../examples/scheduling')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const run = promisify(execFile)

interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly [key: string]: unknown
}

interface Container {
  readonly name: string
  readonly args: readonly string[]
  readonly command: readonly string[]
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[]
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}

interface CronJob {
  readonly schedule: string
  readonly timeZone: string
  readonly concurrencyPolicy: string
  readonly jobTemplate: {
    readonly spec: {
      readonly backoffLimit: number
      readonly podFailurePolicy: {
        readonly rules: readonly [
          { readonly onExitCodes: { readonly containerName: string; readonly values: readonly number[] } },
        ]
      }
      readonly template: {
        readonly spec: {
          readonly restartPolicy: string
          readonly containers: readonly [Container]
          readonly volumes: readonly {
            readonly name: string
            readonly persistentVolumeClaim?: { readonly claimName: string }
          }[]
        }
      }
    }
  }
}

const isSchedule = (text: string) => /^([\d*/,-]+ ){4}[\d*/,-]+$/.test(text)

t.test('the manifest of Kubernetes has a Secret, a claim, and a CronJob that uses both', async (t) => {
  const documents = parseAllDocuments(read('kubernetes-export-cronjob.yaml'), { strict: true, uniqueKeys: true })
  t.strictSame(
    documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
    [],
  )
  const resources = documents.map((document) => document.toJS() as Resource)
  t.strictSame(
    resources.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
    ['v1 Secret', 'v1 PersistentVolumeClaim', 'batch/v1 CronJob'],
  )
  for (const { metadata } of resources) t.match(metadata.name, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
  const [secret, claim, job] = resources as [Resource, Resource, Resource]
  const spec = job['spec'] as CronJob
  t.ok(isSchedule(spec.schedule))
  t.ok(Intl.DateTimeFormat('en', { timeZone: spec.timeZone }))
  t.equal(spec.concurrencyPolicy, 'Forbid')
  const { template, podFailurePolicy, backoffLimit } = spec.jobTemplate.spec
  t.ok(backoffLimit > 0)
  const { restartPolicy, containers, volumes } = template.spec
  t.equal(restartPolicy, 'Never', 'which podFailurePolicy requires')
  const [container] = containers
  const [{ onExitCodes }] = podFailurePolicy.rules
  t.strictSame(onExitCodes.values, [2, 4], 'exit codes that another try does not change')
  t.equal(onExitCodes.containerName, container.name)
  t.strictSame(container.envFrom, [{ secretRef: { name: secret.metadata.name } }])
  t.strictSame(
    container.volumeMounts.map(({ name }) => name),
    volumes.map(({ name }) => name),
  )
  t.equal(volumes[0]!.persistentVolumeClaim?.claimName, claim.metadata.name)
  const out = container.args[container.args.indexOf('--out') + 1]!
  t.ok(out.startsWith(`${container.volumeMounts[0]!.mountPath}/`), 'the file is on the volume')
  t.strictSame(container.command, ['optimize-export', 'export'])
})

t.test('the guide has the crontab, and each line has a schedule and a command that a shell can read', async (t) => {
  t.match(readDocument('docs/scheduling.md'), read('crontab'))
  const lines = read('crontab')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const jobs = lines.filter((line) => !/^[A-Z_]+=/.test(line))
  t.equal(jobs.length, 2)
  for (const line of jobs) {
    const fields = line.split(/\s+/)
    t.ok(isSchedule(fields.slice(0, 5).join(' ')), line)
    const command = fields.slice(5).join(' ')
    t.notMatch(command, '%', 'which cron reads as the end of the line')
    await t.resolves(run('sh', ['-n', '-c', command]))
  }
})

const verify = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd-analyze is not installed'

t.test(
  'systemd accepts the units, and the service stops after a few tries and reports it',
  { skip: verify },
  async (t) => {
    const units = ['optimize-export.service', 'optimize-export.timer', 'optimize-export-failed.service']
    const copy = t.testdir(
      Object.fromEntries(units.map((unit) => [unit, read(unit).replace('/usr/bin/optimize-export', process.execPath)])),
    )
    const argv = ['verify', '--man=no', ...units.map((unit) => join(copy, unit))]
    const { stderr, status } = spawnSync('systemd-analyze', argv, { encoding: 'utf8' })
    t.strictSame([stderr.split('\n').filter((line) => line.includes('optimize-export')), status], [[], 0])
    const settings = new Map(
      read('optimize-export.service')
        .split('\n')
        .map((line) => line.split('=', 2) as [string, string]),
    )
    t.equal(settings.get('OnFailure'), 'optimize-export-failed.service')
    t.equal(settings.get('RestartPreventExitStatus'), '2 4')
    t.ok(Number(settings.get('StartLimitBurst')) <= 5)
    t.equal(settings.get('StartLimitIntervalSec'), '20h', 'longer than all tries of a night, and shorter than a day')
  },
)

/** Creates a command that replaces optimize-export and ends with these codes, one per call. */
function stub(t: { testdir: () => string }, codes: readonly number[], stdout = '') {
  const home = t.testdir()
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'codes'), codes.map((code) => `${code}\n`).join(''))
  const bin = join(home, 'bin', 'optimize-export')
  const script = `#!/bin/sh\necho "$@" >> ${home}/calls\ncode=$(head -n 1 ${home}/codes)\nsed -i 1d ${home}/codes\necho "failed with $code" >&2\necho '${stdout}'\nexit $code\n`
  writeFileSync(bin, script)
  chmodSync(bin, 0o755)
  const calls = () =>
    existsSync(join(home, 'calls')) ? readFileSync(join(home, 'calls'), 'utf8').trim().split('\n') : []
  return { home, calls, env: { PATH: `${join(home, 'bin')}:${process.env['PATH']}` } }
}

t.test('the script tries again on 1, 3 and 5, and on nothing else', async (t) => {
  for (const { codes, ended, calls } of [
    { codes: [0], ended: 0, calls: 1 },
    { codes: [3, 1, 0], ended: 0, calls: 3 },
    { codes: [5, 0], ended: 0, calls: 2 },
    { codes: [3, 3, 3], ended: 3, calls: 3 },
    { codes: [4, 0], ended: 4, calls: 1 },
    { codes: [2, 0], ended: 2, calls: 1 },
  ]) {
    await t.test(`${codes.join(', ')} ends with ${ended}`, async (t) => {
      const fake = stub(t, codes)
      writeFileSync(join(fake.home, 'settings'), 'REPORT=r1\nWAIT_SECONDS=0\n')
      const argv = [join(folder, 'export.sh'), join(fake.home, 'settings'), '/data/out.csv']
      const { status, stderr, stdout } = spawnSync('sh', argv, { env: fake.env, encoding: 'utf8' })
      t.equal(status, ended)
      t.equal(fake.calls().length, calls)
      t.equal(fake.calls()[0], 'export --report r1 --out /data/out.csv --quiet')
      t.equal(stdout, '')
      t.match(stderr, ended === 0 ? /^$/ : `failed with ${ended}`)
    })
  }
})

// enough of Airflow to run the tasks one after another
const AIRFLOW = `
import sys, types
def decorator(*args, **options):
    return args[0] if args and callable(args[0]) else (lambda function: function)
class AirflowException(Exception): pass
class AirflowFailException(AirflowException): pass
for name, members in {
    'airflow': {},
    'airflow.decorators': {'dag': decorator, 'task': decorator},
    'airflow.exceptions': {'AirflowException': AirflowException, 'AirflowFailException': AirflowFailException},
}.items():
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)
source = open(sys.argv[1]).read()
try:
    exec(compile(source, sys.argv[1], 'exec'), {'__name__': 'dag'})
except AirflowException as error:
    print(type(error).__name__, error)
`

const hasPython = spawnSync('python3', ['--version']).status === 0

t.test(
  'the DAG compiles, and a task is not tried again after 2 and 4',
  { skip: hasPython ? false : 'python3 is not installed' },
  async (t) => {
    const whole = JSON.stringify({ rows: 7, records: 7, total: 7, complete: true })
    for (const { code, printed } of [
      { code: 0, printed: 'has 7 rows' },
      { code: 1, printed: /^AirflowException failed with 1/ },
      { code: 3, printed: /^AirflowException failed with 3/ },
      { code: 5, printed: /^AirflowException failed with 5/ },
      { code: 2, printed: /^AirflowFailException failed with 2/ },
      { code: 4, printed: /^AirflowFailException failed with 4/ },
    ]) {
      await t.test(`exit code ${code}`, async (t) => {
        const fake = stub(t, [code], whole)
        const { stdout } = await run('python3', ['-c', AIRFLOW, join(folder, 'airflow_dag.py')], { env: fake.env })
        t.match(stdout, printed)
      })
    }
  },
)
