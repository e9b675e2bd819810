// The access token and its sources: flags, then the environment, then the file.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand } from '../support/command/command-line.js'
import { startWatched, type WatchedOptions } from '../support/servers/watched-server.js'

const oauth = { clientId: 'id', clientSecret: 'very-hush-hush' }

async function setUp(t: Test, options: WatchedOptions = {}) {
  const server = await startWatched(t, { records: 30, token: 'good-token', oauth, ...options })
  const folder = t.testdir()
  const inspect = (argv: string[] = [], env: NodeJS.ProcessEnv = {}) =>
    runCommand(['inspect', '--report', server.reportId, '--url', server.url, ...argv], { env })
  const file = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
    return join(folder, name)
  }
  const credentials = {
    OPTIMIZE_CLIENT_ID: oauth.clientId,
    OPTIMIZE_CLIENT_SECRET: oauth.clientSecret,
    OPTIMIZE_TOKEN_URL: `${server.url}/oauth/token`,
    OPTIMIZE_AUDIENCE: 'optimize-api',
  }
  return { server, folder, inspect, file, credentials }
}

t.test('a token comes from the environment, a file, or client credentials', async (t) => {
  const { inspect, file, credentials } = await setUp(t)
  const ways: [string[], NodeJS.ProcessEnv][] = [
    [[], { OPTIMIZE_TOKEN: 'good-token' }],
    [['--token-file', file('token', 'good-token\n')], {}],
    [[], { OPTIMIZE_TOKEN_FILE: file('token', ' Bearer good-token\n') }],
    [[], credentials],
    [[], { ...credentials, OPTIMIZE_TOKEN_FORMAT: 'json', OPTIMIZE_SCOPE: 'all', OPTIMIZE_TOKEN: '' }],
    [['--config', file('config', { token: 'good-token' })], {}],
    [
      ['--config', file('config2', { clientSecret: oauth.clientSecret })],
      { ...credentials, OPTIMIZE_CLIENT_SECRET: '' },
    ],
    [['--token', 'good-token', '--insecure-token-argument'], {}],
  ]
  for (const [argv, env] of ways)
    t.equal((await inspect(argv, env)).code, 0, `${argv.join(' ')} ${Object.keys(env).join()}`)
})

t.test('flags override the environment, the environment overrides the file', async (t) => {
  const { server, inspect, file } = await setUp(t)
  const config = file('config', { url: 'http://127.0.0.1:9', limit: 7, token: 'bad-token', timezone: 'Europe/Paris' })
  const good = file('good', 'good-token')
  t.equal((await inspect(['--config', config, '--limit', '9'], { OPTIMIZE_TOKEN: 'good-token' })).code, 0)
  const { query, headers } = server.requests.at(-1)!
  t.equal(query['limit'], '9')
  t.equal(headers['x-optimize-client-timezone'], 'Europe/Paris')
  t.equal((await inspect(['--config', config])).code, 4, 'the token of the file is used, and refused')
  t.equal((await inspect(['--token-file', good], { OPTIMIZE_TOKEN: 'bad-token' })).code, 0)
  const { code } = await runCommand(
    ['inspect', '--report', server.reportId, '--config', file('c2', { baseUrl: server.url })],
    {
      env: { OPTIMIZE_TOKEN: 'good-token' },
    },
  )
  t.equal(code, 0)
  const fromEnvironment = await runCommand(['inspect', '--report', server.reportId, '--config', config], {
    env: { OPTIMIZE_TOKEN: 'good-token', OPTIMIZE_URL: server.url },
  })
  t.equal(fromEnvironment.code, 0)
})

t.test('a configuration file can contain every setting, by its name', async (t) => {
  const { server, folder, file } = await setUp(t)
  const out = join(folder, 'a.csv')
  const config = file('config', {
    url: server.url,
    tokenFile: file('token', 'good-token'),
    report: server.reportId,
    out,
    columns: ['processInstanceId', 'variable:amount'],
    header: false,
    delimiter: '\\t',
    retry: { attempts: 2 },
    retryMinDelay: undefined,
    headers: { 'x-from': 'file' },
    quiet: true,
  })
  t.match(await runCommand(['export', '--config', config, '--retry-min-delay', '3']), { code: 0, stderr: '' })
  t.match(readFileSync(out, 'utf8'), /^[^\t\n]+\t[^\t\n]*\n/)
  t.equal(readFileSync(out, 'utf8').split('\n').length, 31)
  t.equal(server.requests.at(-1)!.headers['x-from'], 'file')
  const other = ['export', '--config', config, '--collection', 'none']
  t.match(
    (await runCommand([...other, '--out', folder])).stderr,
    /collection none: it has no reports, or does not exist/,
    'a flag decides what is exported',
  )
})

t.test('an error in the file or the environment names its place', async (t) => {
  const { inspect, file, server } = await setUp(t)
  const cases: [string[], NodeJS.ProcessEnv, RegExp][] = [
    [['--config', file('a', '{"token": hush')], {}, /a: expected a JSON object/],
    [['--config', file('b', ['hush'])], {}, /b: expected a JSON object/],
    [['--config', 'none.json'], {}, /none\.json: could not be read: there is no such file or folder \(ENOENT\)/],
    [['--config', file('c', { limt: 7 })], {}, /unknown setting "limt", did you mean limit/],
    [['--config', file('d', { limit: 0, token: 'x' })], {}, /limit in the configuration file: expected an integer/],
    [['--config', file('e', { retry: { attempts: 0 }, token: 'x' })], {}, /retry attempts in the configuration file/],
    [['--config', file('f', { token: 7 })], {}, /token: expected text that is not empty/],
    [
      ['--config', file('g', { audience: 7 })],
      { OPTIMIZE_CLIENT_ID: 'a', OPTIMIZE_CLIENT_SECRET: 'b', OPTIMIZE_TOKEN_URL: 'http://c' },
      /audience in the configuration file: expected text/,
    ],
    [[], {}, /no token: set OPTIMIZE_TOKEN, give --token-file FILE/],
    [[], { OPTIMIZE_TOKEN: '' }, /no token/],
    [[], { OPTIMIZE_TOKEN: 'hush\u00e9' }, /OPTIMIZE_TOKEN: expected a token of printable ASCII/],
    [[], { OPTIMIZE_CLIENT_ID: 'a' }, /client credentials need OPTIMIZE_TOKEN_URL or --token-url too/],
    [
      [],
      { OPTIMIZE_CLIENT_ID: 'a', OPTIMIZE_TOKEN_URL: 'http://c' },
      /client credentials need OPTIMIZE_CLIENT_SECRET too/,
    ],
    [
      ['--client-id', 'a', '--token-format', 'xml'],
      { OPTIMIZE_TOKEN_URL: 'http://c', OPTIMIZE_CLIENT_SECRET: 'hush' },
      /--token-format: expected form or json, got "xml"/,
    ],
    [['--token-file', 'none'], {}, /--token-file none: could not be read: there is no such file or folder \(ENOENT\)/],
    [['--token-file', file('empty', '\n')], {}, /empty: is empty/],
    [['--token-file', file('scheme', 'Bearer \n')], {}, /scheme: is empty/],
    [['--token', 'hush-token'], { OPTIMIZE_TOKEN: 'good-token' }, /--token: refused, since everyone on this machine/],
  ]
  for (const [argv, env, text] of cases) {
    const { code, stderr } = await inspect(argv, env)
    t.equal(code, 2, stderr)
    t.match(stderr, text)
    t.notMatch(stderr, /hush/, 'no secret is shown')
  }
  t.match(await runCommand(['inspect', '--report', 'a'], { env: { OPTIMIZE_TOKEN: 'x' } }), {
    code: 2,
    stderr: /no server: give --url URL, or set OPTIMIZE_URL/,
  })
  t.match(await runCommand(['inspect', '--report', 'a'], { env: { OPTIMIZE_TOKEN: 'x', OPTIMIZE_URL: 'nowhere' } }), {
    code: 2,
    stderr: /OPTIMIZE_URL: expected an http or https URL/,
  })
  t.equal(server.requests.length, 0)
})

t.test('a token file is read again when its token was refused', async (t) => {
  const { server, folder, file } = await setUp(t, { records: 200, isHeld: ({ number }) => number === 3 })
  const path = file('token', 'good-token')
  const argv = ['export', '--report', server.reportId, '--url', server.url, '--limit', '20', '--token-file', path]
  const running = runCommand([...argv, '--out', join(folder, 'a.csv')])
  await server.received(3)
  writeFileSync(path, 'next-token\n')
  server.expireTokens('next-token')
  server.release()
  t.match(await running, { code: 0, stderr: /200 rows/ })
  t.ok(server.requests.some(({ status }) => status === 401))
})

t.test('--token-auth and OPTIMIZE_TOKEN_AUTH send the client by HTTP Basic', async (t) => {
  const { inspect, credentials } = await setUp(t, { oauth: { ...oauth, auth: 'basic' } })
  t.equal((await inspect(['--token-auth', 'basic'], credentials)).code, 0)
  t.equal((await inspect([], { ...credentials, OPTIMIZE_TOKEN_AUTH: 'basic' })).code, 0)
  const refused = await inspect([], credentials)
  t.equal(refused.code, 4)
  t.match(refused.stderr, /--token-auth basic/)
  const wrong = await inspect(['--token-auth', 'digest'], credentials)
  t.match(wrong, { code: 2, stderr: /--token-auth|auth/ })
})

t.test('a token endpoint that fails is exit code 1, because the credentials may be right', async (t) => {
  const { inspect, credentials } = await setUp(t)
  const statuses = [429, 501]
  const busy = createServer((_, response) => response.writeHead(statuses.shift()!, { 'retry-after': '301' }).end())
  busy.listen(0, '127.0.0.1')
  await once(busy, 'listening')
  t.teardown(() => busy.close())
  const { port } = busy.address() as AddressInfo
  const inspectAtBusy = () => inspect([], { ...credentials, OPTIMIZE_TOKEN_URL: `http://127.0.0.1:${port}/token` })
  t.match(await inspectAtBusy(), {
    code: 1,
    stderr: /status 429.*\(ERR_AUTH\)\n {2}the token endpoint gave no token; try again later/,
  })
  t.match(await inspectAtBusy(), { code: 4, stderr: /status 501.*\(ERR_AUTH\)/ }, 'it does not support the request')
})

t.test('refused credentials are exit code 4, and no secret is shown', async (t) => {
  const { inspect, credentials } = await setUp(t)
  const refused = await inspect([], { ...credentials, OPTIMIZE_CLIENT_SECRET: 'wrong-secret-value' })
  t.equal(refused.code, 4)
  t.match(refused.stderr, /ERR_AUTH/)
  t.notMatch(refused.stderr, /wrong-secret-value/)
})
