// The proxy in the environment variables, tested with a real proxy on loopback.
import { once } from 'node:events'
import type net from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isProxyBypassed } from '../../lib/cli/access/no-proxy.js'
import { createProxyAgent } from '../../lib/cli/access/proxy.js'
import { exportStream } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand } from '../support/command/command-line.js'
import { PROXY_PASSWORD, startProxy } from '../support/servers/proxy.js'
import { startScripted } from '../support/servers/scripted-server.js'

/** Replaces the proxy variables of this process until the test ends. */
function setProxyVariables(t: Test, env: Record<string, string>) {
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])
  const before = names.map((name) => [name, process.env[name]] as const)
  for (const name of names) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, env)
  t.teardown(() => {
    for (const [name, value] of before) {
      Reflect.deleteProperty(process.env, name)
      if (value !== undefined) process.env[name] = value
    }
  })
}

t.test('requests go through HTTP_PROXY, those for the token too', async (t) => {
  const oauth = { clientId: 'id', clientSecret: 'secret' }
  const server = await startFakeOptimize({ records: 30, oauth })
  t.teardown(() => server.close())
  const { seen, port, connections } = await startProxy(t)
  setProxyVariables(t, { HTTP_PROXY: `http://user:pass%20word@127.0.0.1:${port}` })
  const env = {
    OPTIMIZE_URL: server.url,
    OPTIMIZE_CLIENT_ID: oauth.clientId,
    OPTIMIZE_CLIENT_SECRET: oauth.clientSecret,
    OPTIMIZE_AUDIENCE: 'optimize-api',
    OPTIMIZE_TOKEN_URL: `${server.url}/oauth/token`,
  }
  const { code, stderr } = await runCommand(['export', '--report', server.reportId, '--limit', '10', '--out', '-'], {
    env,
  })
  t.equal(code, 0, stderr)
  const authorization = `Basic ${Buffer.from('user:pass word').toString('base64')}`
  const path = `/api/public/export/report/${server.reportId}/result/json`
  t.strictSame(seen, [`POST /oauth/token ${authorization}`, ...[1, 2, 3].map(() => `GET ${path} ${authorization}`)])
  t.equal(connections(), seen.length, 'each on a connection of its own')
})

t.test('requests to a host in NO_PROXY do not use the proxy', async (t) => {
  const server = await startFakeOptimize({ records: 3 })
  t.teardown(() => server.close())
  const { seen, port } = await startProxy(t)
  setProxyVariables(t, { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: 'example.com,127.0.0.1' })
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  t.equal((await runCommand(['inspect', '--report', server.reportId], { env })).code, 0)
  t.strictSame(seen, [])
})

t.test('a proxy that refuses is exit code 1, not a refusal of the token, and its password is not shown', async (t) => {
  const { seen, port, url } = await startProxy(t, { refusal: 403 })
  setProxyVariables(t, { HTTPS_PROXY: url, HTTP_PROXY: url })
  for (const [scheme, message] of [
    ['https', `could not connect through the proxy http://127.0.0.1:${port}: it refused with status 403 (ERR_HTTP)`],
    [
      'http',
      `the answer is not JSON, so it is most likely from the proxy, got status 403 through the proxy http://127.0.0.1:${port} (ERR_HTTP)`,
    ],
  ] as const) {
    const env = { OPTIMIZE_URL: `${scheme}://optimize.example.com`, OPTIMIZE_TOKEN: 'demo' }
    const { code, stderr } = await runCommand(['inspect', '--report', 'a'], { env })
    t.equal(code, 1)
    t.match(stderr, `${message}\n  check the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; optimize-export doctor`)
    t.notMatch(stderr, PROXY_PASSWORD)
  }
  t.equal(seen[0], 'CONNECT optimize.example.com:443')
  t.equal(seen.length, 2)
})

t.test('the remedy says whether the proxy refused the user name and password', async (t) => {
  for (const [refusal, remedy] of [
    [403, /check the proxy in HTTPS_PROXY/],
    [407, /check the user name and password of the proxy in HTTPS_PROXY/],
  ] as const)
    for (const scheme of ['http', 'https']) {
      const { url } = await startProxy(t, { refusal })
      setProxyVariables(t, { HTTPS_PROXY: url, HTTP_PROXY: url })
      const env = { OPTIMIZE_URL: `${scheme}://optimize.example.com`, OPTIMIZE_TOKEN: 'demo' }
      t.match(await runCommand(['inspect', '--report', 'a'], { env }), { code: 1, stderr: remedy })
      const credentials = {
        ...{ OPTIMIZE_URL: env.OPTIMIZE_URL, OPTIMIZE_CLIENT_ID: 'id', OPTIMIZE_CLIENT_SECRET: 'secret' },
        OPTIMIZE_TOKEN_URL: `${scheme}://login.example.com/token`,
      }
      const { code, stderr } = await runCommand(['inspect', '--report', 'a'], { env: credentials })
      t.equal(code, 1, stderr)
      t.match(stderr, /\(ERR_AUTH\)/)
      t.match(stderr, remedy)
      t.notMatch(stderr, PROXY_PASSWORD)
    }
})

t.test('a proxy that only the text of the server mentions leads to no advice about proxies', async (t) => {
  const { options } = await startScripted(t, () => ({
    status: 400,
    detail: 'no way to the proxy http://upstream, status 407',
  }))
  setProxyVariables(t, {})
  const env = { OPTIMIZE_URL: String(options.baseUrl), OPTIMIZE_TOKEN: 'demo' }
  const { code, stderr } = await runCommand(['inspect', '--report', 'a'], { env })
  t.equal(code, 1)
  t.match(stderr, 'no way to the proxy http://upstream, status 407 (ERR_HTTP)')
  t.notMatch(stderr, 'HTTPS_PROXY')
})

t.test('other jobs with the same token run after a proxy refused one of them', async (t) => {
  const { url, seen } = await startProxy(t, { refusal: 403 })
  setProxyVariables(t, { HTTPS_PROXY: url })
  const folder = t.testdir({
    'jobs.yaml': `version: 1
url: https://optimize.example.com
token: demo
jobs:
  - { name: a, report: r1, out: a.csv }
  - { name: b, report: r2, out: b.csv }
`,
  })
  const { code, stdout } = await runCommand(['run', join(folder, 'jobs.yaml'), '--json', '--quiet'])
  t.equal(code, 1)
  const { jobs } = JSON.parse(stdout) as { jobs: { result: string; code: string }[] }
  t.match(jobs, [
    { result: 'failed', code: 'ERR_HTTP' },
    { result: 'failed', code: 'ERR_HTTP' },
  ])
  t.equal(seen.length, 2)
})

t.test('a proxy that does not answer keeps no connection, so the process can end', async (t) => {
  const clients: net.Socket[] = []
  const { url } = await startProxy(t, { refusal: (client) => clients.push(client.resume()) })
  setProxyVariables(t, { HTTPS_PROXY: url })
  const env = { OPTIMIZE_URL: 'https://optimize.example.com', OPTIMIZE_TOKEN: 'demo' }
  const argv = ['inspect', '--report', 'a', '--request-timeout', '100', '--retry-attempts', '1']
  const { code, stderr } = await runCommand(argv, { env })
  t.equal(code, 1)
  t.match(stderr, /could not connect through the proxy http:\S+ within 100 ms \(ERR_TIMEOUT\)/)
  t.equal(clients.length, 1)
  if (!clients[0]!.readableEnded) await once(clients[0]!, 'end')
})

t.test('an invalid proxy is a usage error, and is not shown', async (t) => {
  setProxyVariables(t, { ALL_PROXY: 'socks5://user:very-secret@127.0.0.1:1' })
  const env = { OPTIMIZE_URL: 'http://127.0.0.1:9', OPTIMIZE_TOKEN: 'demo' }
  const { code, stderr } = await runCommand(['inspect', '--report', 'a'], { env })
  t.equal(code, 2)
  t.match(
    stderr,
    /ALL_PROXY: expected the http or https URL of a proxy, got a URL that begins with socks5:\/\/\n {2}give it as http/,
  )
  t.notMatch(stderr, /very-secret/)
})

t.test('a proxy that is down is ERR_NETWORK', async (t) => {
  setProxyVariables(t, { HTTP_PROXY: 'http://127.0.0.1:1' })
  const agent = await createProxyAgent('http://optimize.example.com')
  const options = { baseUrl: 'http://optimize.example.com', reportId: 'a', accessToken: 'demo', retry: { attempts: 1 } }
  await t.rejects(exportStream({ ...options, agent }).toArray(), {
    code: 'ERR_NETWORK',
    message: /could not connect to the proxy http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)$/,
  })
})

t.test('NO_PROXY names hosts, domains, addresses, networks, ports and patterns', async (t) => {
  const rows: [list: string, without: string[], through: string[]][] = [
    ['', [], ['http://a.example']],
    ['*', ['http://a.example', 'https://[::1]/'], []],
    [
      'a.example',
      ['http://a.example', 'http://A.EXAMPLE.:81', 'http://x.a.example'],
      ['http://xa.example', 'http://example'],
    ],
    ['.a.example, .b.example', ['http://a.example', 'http://x.b.example'], ['http://xa.example']],
    ['*.a.example', ['http://x.a.example', 'http://a.example'], ['http://xa.example']],
    ['x \tlocalhost,,B.example ', ['http://localhost:8090', 'http://b.example'], ['http://127.0.0.1']],
    ['a.example:443', ['https://a.example', 'http://a.example:443'], ['http://a.example', 'https://a.example:8443']],
    ['127.0.0.1', ['http://127.0.0.1:99', 'http://127.1'], ['http://127.0.0.2', 'http://127.0.0.1.example']],
    ['127.0.0.1:80', ['http://127.0.0.1'], ['http://127.0.0.1:99']],
    [
      '10.0.0.0/8,192.168.4.0/22',
      ['http://10.9.8.7', 'http://192.168.7.255'],
      ['http://11.0.0.1', 'http://192.168.8.0', 'http://10.example'],
    ],
    ['10.0.0.0/33,10.0.0.0/x,fe80::/129', [], ['http://10.0.0.0', 'http://[fe80::1]']],
    ['::1', ['http://[::1]:8090'], ['http://[::2]', 'http://127.0.0.1']],
    ['[::1]:8090,[::2]', ['http://[::1]:8090', 'http://[::2]'], ['http://[::1]']],
    ['fd00::/8', ['http://[fd12::1]'], ['http://[fe00::1]']],
    ['127.*', ['http://127.0.0.1'], ['http://128.0.0.1']],
    ['0.0.1,.0.0.1', [], ['http://127.0.0.1']],
    ['<local>,[,]', [], ['http://a.example', 'http://127.0.0.1']],
  ]
  for (const [list, without, through] of rows) {
    for (const url of without) t.equal(isProxyBypassed(new URL(url), list), true, `${url} by ${list}`)
    for (const url of through) t.equal(isProxyBypassed(new URL(url), list), false, `${url} by ${list}`)
  }
})

t.test('a proxy is read as curl reads it', async (t) => {
  const proxyOf = async (url: string, env: NodeJS.ProcessEnv) =>
    ((await createProxyAgent(url, env)) as { proxy: URL } | undefined)?.proxy
  const rows: [given: string, origin: string, user?: string, password?: string][] = [
    ['http://proxy:3128', 'http://proxy:3128'],
    ['proxy:3128', 'http://proxy:3128'],
    [' https://proxy:3128/ \r', 'https://proxy:3128'],
    ['HTTP://proxy', 'http://proxy'],
    ['http://us%40er:p%23ss%3Aw@proxy:1', 'http://proxy:1', 'us@er', 'p#ss:w'],
    ['user:p#s/s@x@proxy:1', 'http://proxy:1', 'user', 'p#s/s@x'],
    ['http://user:100%@proxy:1', 'http://proxy:1', 'user', '100%'],
    ['user@[::1]:1', 'http://[::1]:1', 'user'],
  ]
  for (const [given, origin, user = '', password = ''] of rows) {
    const proxy = (await proxyOf('https://a.example', { HTTPS_PROXY: given }))!
    t.strictSame(
      [proxy.origin, ...[proxy.username, proxy.password].map(decodeURIComponent)],
      [origin, user, password],
      given,
    )
  }
  for (const given of ['socks5://proxy:1', 'http://', 'http://a b', 'proxy:1/path', 'http://proxy:99999'])
    await t.rejects(proxyOf('https://a.example', { ALL_PROXY: given }), { name: 'UsageError' }, given)
})

t.test('lower case wins, the scheme wins over ALL_PROXY, and NO_PROXY over both', async (t) => {
  const portOf = async (url: string, env: NodeJS.ProcessEnv) =>
    ((await createProxyAgent(url, env)) as { proxy: URL } | undefined)?.proxy.port
  const env = { http_proxy: 'p:1', HTTP_PROXY: 'p:2', HTTPS_PROXY: 'p:3', all_proxy: 'p:4', ALL_PROXY: 'p:5' }
  t.equal(await portOf('http://a.example', env), '1')
  t.equal(await portOf('https://a.example', env), '3')
  t.equal(await portOf('https://a.example', { ...env, HTTPS_PROXY: ' ' }), '4')
  t.equal(await portOf('http://a.example', { ...env, no_proxy: 'a.example', NO_PROXY: '' }), undefined)
  t.equal(await portOf('http://a.example', { ...env, no_proxy: 'b.example', NO_PROXY: 'a.example' }), '1')
  t.equal(await portOf('http://a.example', {}), undefined)
  t.equal(await createProxyAgent('no url', env), undefined)
})
