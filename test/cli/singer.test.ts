import t from 'tap'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { CapturedStream, runCommand } from '../support/command/command-line.js'

async function run(options: FakeOptimizeOptions, ...argv: string[]) {
  const server = await startFakeOptimize(options)
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const result = await runCommand(['singer', '--report', server.reportId, '--limit', '100', ...argv], { env })
  await server.close()
  const messages = result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { ...result, messages, ids: [...server.ids()], reportId: server.reportId }
}

t.test('singer prints every record once, and the state at the end', async (t) => {
  const types = ['--types', 'variable:amount=decimal(20,4)']
  const { code, stderr, messages, ids, reportId } = await run({ records: 250 }, '--stream', 'orders', ...types)
  t.equal(code, 0, stderr)
  t.match(stderr, `${reportId}: 250 records\n`)
  t.match(messages[0], { type: 'SCHEMA', stream: 'orders', key_properties: ['process_instance_id'] })
  const records = messages.slice(1, -2).map(({ record }) => (record as Record<string, unknown>)['process_instance_id'])
  t.strictSame(records, ids)
  const [activate, state] = messages.slice(-2)
  t.match(activate, { type: 'ACTIVATE_VERSION', version: messages[1]!['version'] as number })
  t.match(state, { type: 'STATE', value: { bookmarks: { orders: { records: 250 } } } })
})

t.test('a cut connection leaves no state, and the command fails', async (t) => {
  const faults = [{ kind: 'drop', page: 2 }] as const
  const { code, stderr, messages } = await run({ records: 250, faults }, '--recovery', 'fail', '--retry', 'attempts=1')
  t.not(code, 0)
  t.match(stderr, /ERR_/)
  t.strictSame(
    messages.filter(({ type }) => type === 'STATE' || type === 'ACTIVATE_VERSION'),
    [],
  )
})

t.test('for a part of a report, no state is printed', async (t) => {
  const { code, stderr, messages, reportId } = await run({ records: 250 }, '--max-records', '10', '--allow-unmatched')
  t.equal(code, 0, stderr)
  t.match(stderr, `${reportId}: 10 records; stopped by --max-records, so there is no state\n`)
  t.strictSame([...new Set(messages.map(({ type }) => type))], ['SCHEMA', 'RECORD'])
  t.equal(messages[0]!['stream'], reportId)
})

t.test('a terminal shows the progress', async (t) => {
  const stderr = new CapturedStream(true)
  const onRequest = () => stderr.waitForText('waiting for the first page')
  const server = await startFakeOptimize({ records: 5, onRequest })
  t.teardown(() => server.close())
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const argv = ['singer', '--report', server.reportId, '--max-records', '3']
  t.match(await runCommand(argv, { env, stderr }), { code: 0 })
})

t.test('warnings and the message of the server are printed, and a missing report is a usage error', async (t) => {
  const { stderr } = await run({ records: 5 }, '--pick', 'processInstanceId', 'nothing')
  t.match(stderr, /no record has "nothing"/)
  const aggregated = await run({ report: 'map', records: 200 })
  t.match(aggregated.stderr, `${aggregated.reportId}: Optimize says: `)
  const none = await runCommand(['singer'], { env: { OPTIMIZE_URL: 'http://localhost', OPTIMIZE_TOKEN: 'x' } })
  t.match(none, { code: 2, stderr: /expected one report, got none: give --report ID once/ })
})
