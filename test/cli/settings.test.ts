// Settings as editors, shells and other systems write them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand } from '../support/command/command-line.js'

async function setUp(t: Test) {
  const server = await startFakeOptimize({ records: 5 })
  t.teardown(() => server.close())
  const folder = t.testdir()
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const run = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
    runCommand(['export', ...argv, '--out', join(folder, 'a.csv')], { env })
  return { server, file, run, out: join(folder, 'a.csv') }
}

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])

t.test('a byte order mark, a CR and blanks around a value are removed', async (t) => {
  const { server, file, run } = await setUp(t)
  const { url, reportId, token } = server
  const config = JSON.stringify({ url: `${url}\r`, report: `${reportId}\r\n`, token })
  const env = { OPTIMIZE_URL: url, OPTIMIZE_TOKEN: token }
  const report = ['--report', reportId]
  for (const [argv, variables] of [
    [['--config', file('bom.json', `\uFEFF${config}`)], {}],
    [[...report, '--token-file', file('token', `\uFEFF${token}\r\n`)], { OPTIMIZE_URL: `${url}\r` }],
    [report, { OPTIMIZE_URL: ` ${url} `, OPTIMIZE_TOKEN: `${token}\r` }],
    [['--report', ` ${reportId}\r`, '--url', `${url}\r`], { OPTIMIZE_TOKEN: token }],
    [[...report, '--timezone', 'Europe/Berlin\r'], env],
    [[...report, '--token-file', file('token', token)], { ...env, OPTIMIZE_TOKEN: '\r' }],
  ] as const) {
    const { code, stderr } = await run([...argv], variables)
    t.equal(code, 0, stderr)
  }
})

t.test('blanks around ids in an array of the configuration file are removed', async (t) => {
  const { server, file, run, out } = await setUp(t)
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const config = file('array.json', JSON.stringify({ report: [` ${server.reportId}\r\n`] }))
  const { code, stderr } = await run(['--config', config], env)
  t.equal(code, 0, stderr)
  t.equal((JSON.parse(readFileSync(`${out}.json`, 'utf8')) as { reportId: string }).reportId, server.reportId)
  const inspected = await runCommand(['inspect', '--config', config, '--json'], { env })
  t.equal((JSON.parse(inspected.stdout) as { reportId: string }).reportId, server.reportId)
  const mixed = await run(['--config', file('mixed.json', '{"report":["a",1]}')], env)
  t.equal(mixed.code, 2)
})

t.test('a file that is not UTF-8 is a usage error with the reason', async (t) => {
  const { server, file, run } = await setUp(t)
  const env = { OPTIMIZE_URL: server.url }
  for (const argv of [
    ['--config', file('utf16.json', utf16('{"token":"hush"}'))],
    ['--config', file('latin1.json', Buffer.from('{"report":"\xe4"}', 'latin1'))],
    ['--report', 'a', '--token-file', file('utf16', utf16('hush\r\n'))],
  ]) {
    const { code, stderr } = await run(argv, env)
    t.equal(code, 2)
    t.match(stderr, /(--config|--token-file) .*: expected UTF-8 text, got another encoding; save it as UTF-8\n$/)
    t.notMatch(stderr, /hush/)
  }
})

t.test('a switch in the configuration file is true or false, never a text', async (t) => {
  const { server, file, run, out } = await setUp(t)
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  const report = ['--report', server.reportId]
  for (const [name, value] of [
    ['gzip', '"true"'],
    ['json', '"true"'],
    ['quiet', '"false"'],
    ['bom', '1'],
    ['header', 'null'],
  ]) {
    const { code, stderr } = await run([...report, '--config', file('c.json', `{"${name!}":${value!}}`)], env)
    t.equal(code, 2)
    t.match(stderr, `${name!} in the configuration file: expected true or false without quotes, got ${value!}`)
  }
  const fine = file('c.json', '{"gzip":false,"header":false,"quiet":true,"retryMinDelay":7,"events.bom":true}')
  t.match(await run([...report, '--config', fine, '--events', `${out}.e.csv`], env), { code: 0, stderr: '' })
  t.match(readFileSync(`${out}.e.csv`, 'utf8'), /^\uFEFF[^,]+,/)
})

t.test('an unknown setting is refused with the nearest one', async (t) => {
  const { file, run } = await setUp(t)
  t.match(await run(['--config', file('c.json', '{"limt":7}')]), {
    code: 2,
    stderr: /unknown setting "limt", did you mean limit\n/,
  })
  t.match(await run(['--config', file('c.json', '{"export":7}')]), {
    code: 2,
    stderr: /unknown setting "export", (did you mean|expected one of) /,
  })
  const help = await run(['--config', file('c.json', '{"--help":7}')])
  t.match(help, { code: 2, stdout: '', stderr: /unknown setting "--help", / })
  t.match(await run(['--config', file('c.json', '{"":"x"}')]), { code: 2, stderr: /unknown setting "", / })
  t.match(await run(['--config', file('c.json', '{"something else":7}')]), {
    code: 2,
    stderr: /unknown setting "something else", expected one of report, /,
  })
})

t.test('a setting that only the command line can have is refused in the configuration file', async (t) => {
  const { server, file, run } = await setUp(t)
  for (const [name, value] of [
    ['config', '"other.json"'],
    ['insecureTokenArgument', 'true'],
  ]) {
    const config = file('c.json', `{"url":"${server.url}","token":"${server.token}","${name!}":${value!}}`)
    const { code, stderr } = await run(['--report', server.reportId, '--config', config])
    t.equal(code, 2)
    t.match(stderr, `--config ${config}: unknown setting "${name!}", `)
  }
  t.equal(server.requests.length, 0)
})

t.test('an error in the environment names its variable', async (t) => {
  const { server, run } = await setUp(t)
  const url = { OPTIMIZE_URL: server.url }
  const credentials = {
    ...url,
    OPTIMIZE_CLIENT_ID: 'me',
    OPTIMIZE_CLIENT_SECRET: 'hush',
    OPTIMIZE_TOKEN_URL: server.url,
  }
  for (const [env, text] of [
    [{ OPTIMIZE_URL: 'nowhere', OPTIMIZE_TOKEN: 'x' }, /: OPTIMIZE_URL: expected an http or https URL/],
    [{ ...credentials, OPTIMIZE_TOKEN_FORMAT: 'xml' }, /: OPTIMIZE_TOKEN_FORMAT: expected form or json, got "xml"/],
    [{ ...credentials, OPTIMIZE_TOKEN_URL: 'nowhere' }, /: OPTIMIZE_TOKEN_URL: expected an http or https URL/],
  ] as const) {
    const { code, stderr } = await run(['--report', 'a'], env)
    t.equal(code, 2)
    t.match(stderr, text)
    t.notMatch(stderr, /hush/)
  }
})

t.test('an unknown time zone is a usage error with the nearest one', async (t) => {
  const { server, run } = await setUp(t)
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  for (const [zone, text] of [
    ['Berlin', /--timezone: unknown time zone "Berlin", did you mean Europe\/Berlin\n/],
    ['nowhere at all', /--timezone: expected the name of a time zone, or null, got "nowhere at all"/],
  ] as const)
    t.match(await run(['--report', server.reportId, '--timezone', zone], env), { code: 2, stderr: text })
  t.equal(server.requests.length, 0)
})
