// Node.js prints no warning: no deprecation, no experimental feature, no leak of listeners.
import { join } from 'node:path'
import t from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { install, runInstalled } from '../support/command/installed.js'

const installed = await install()
const collections = { c: Array.from({ length: 14 }, (_, n) => `r${n + 1}`) }
const server = await startFakeOptimize({ records: 200, variables: 2, flowNodes: 2, collections })
t.setTimeout(300_000)
t.teardown(async () => {
  installed.remove()
  await server.close()
})

const env = {
  NODE_OPTIONS: '--trace-warnings --trace-deprecation',
  OPTIMIZE_URL: server.url,
  OPTIMIZE_TOKEN: server.token,
}

t.test('an import prints no warning', async (t) => {
  for (const name of ['optimize-export', 'optimize-export/testing']) {
    const program = `import(${JSON.stringify(name)}).then((library) => console.log(Object.keys(library).length > 0))`
    const ended = await runInstalled(process.execPath, ['--eval', program], env, installed.folder).ended
    t.strictSame(ended, { code: 0, stdout: 'true\n', stderr: '' }, name)
  }
})

t.test('a command prints no warning', async (t) => {
  const at = (name: string) => join(t.testdirName, name)
  t.testdir()
  const ofReport = ['export', '--report', server.reportId, '--quiet']
  for (const argv of [
    ['--version'],
    ['--help'],
    ['list', '--collection', 'c'],
    ['inspect', '--report', server.reportId],
    [...ofReport, '--out', at('a.csv'), '--events', at('events.csv'), '--columns', 'all'],
    [...ofReport, '--out', at('a.parquet'), '--infer-types'],
    [...ofReport, '--out', at('b.parquet'), '--engine', 'parquetjs-lite'],
    [...ofReport, '--out', at('a.ndjson.gz'), '--limit', '50', '--prefetch', '2'],
    [...ofReport, '--out', '-'],
    ['export', '--collection', 'c', '--out', at('all/'), '--concurrency', '14', '--quiet'],
    ['demo', '--records', '50', '--out', at('demo'), '--quiet'],
  ]) {
    const { code, stderr } = await runInstalled(installed.bin, argv, env).ended
    t.strictSame({ code, stderr }, { code: 0, stderr: '' }, argv.join(' '))
  }
})
