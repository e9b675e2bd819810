// The proxy that the environment names, with a real one on loopback.
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { proxyAgentFor } from '../../lib/cli/proxy.js'
import { exportStream } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { command } from '../support/command-line.js'

/** A proxy for http by absolute URL and for https by CONNECT, which tells what went through. */
async function startProxy(t: Test, status = 200) {
  const seen: string[] = []
  const server = http.createServer((request, response) => {
    seen.push(
      `${request.method!} ${new URL(request.url!).pathname} ${request.headers['proxy-authorization'] ?? ''}`.trim(),
    )
    if (status !== 200) return void response.writeHead(status).end('<p>proxy</p>')
    const onward = http.request(request.url!, { headers: request.headers, method: request.method }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  server.on('connect', (request, client: net.Socket) => {
    seen.push(`CONNECT ${request.url!}`)
    client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return { seen, port: (server.address() as AddressInfo).port }
}

/** The package reads the environment of the process. */
function withEnvironment(t: Test, env: Record<string, string>) {
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
  const { seen, port } = await startProxy(t)
  withEnvironment(t, { HTTP_PROXY: `http://user:pass%20word@127.0.0.1:${port}` })
  const env = {
    OPTIMIZE_URL: server.url,
    OPTIMIZE_CLIENT_ID: oauth.clientId,
    OPTIMIZE_CLIENT_SECRET: oauth.clientSecret,
    OPTIMIZE_AUDIENCE: 'optimize-api',
    OPTIMIZE_TOKEN_URL: `${server.url}/oauth/token`,
  }
  const { code, stderr } = await command(['export', '--report', server.reportId, '--limit', '10', '--out', '-'], {
    env,
  })
  t.equal(code, 0, stderr)
  const authorization = `Basic ${Buffer.from('user:pass word').toString('base64')}`
  const path = `/api/public/export/report/${server.reportId}/result/json`
  t.strictSame(seen, [`POST /oauth/token ${authorization}`, ...[1, 2, 3].map(() => `GET ${path} ${authorization}`)])
})

t.test('NO_PROXY goes around it', async (t) => {
  const server = await startFakeOptimize({ records: 3 })
  t.teardown(() => server.close())
  const { seen, port } = await startProxy(t)
  withEnvironment(t, { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: 'example.com,127.0.0.1' })
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  t.equal((await command(['inspect', '--report', server.reportId], { env })).code, 0)
  t.strictSame(seen, [])
})

t.test(
  'https goes through HTTPS_PROXY by CONNECT, and a proxy that refuses is an answer, without its password',
  async (t) => {
    const { seen, port } = await startProxy(t)
    withEnvironment(t, { HTTPS_PROXY: `http://user:very-secret@127.0.0.1:${port}` })
    const env = { OPTIMIZE_URL: 'https://optimize.example.com', OPTIMIZE_TOKEN: 'demo' }
    const { code, stderr } = await command(['inspect', '--report', 'a'], { env })
    t.equal(code, 1)
    t.match(stderr, /407.*ERR_HTTP/)
    t.notMatch(stderr, /very-secret/)
    t.strictSame(seen, ['CONNECT optimize.example.com:443'])
  },
)

t.test('a proxy that cannot be one is misuse, and is not shown', async (t) => {
  withEnvironment(t, { ALL_PROXY: 'socks5://user:very-secret@127.0.0.1:1' })
  const env = { OPTIMIZE_URL: 'http://127.0.0.1:9', OPTIMIZE_TOKEN: 'demo' }
  const { code, stderr } = await command(['inspect', '--report', 'a'], { env })
  t.equal(code, 2)
  t.match(stderr, /the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names: expected an http or https URL/)
  t.notMatch(stderr, /very-secret/)
})

t.test('a proxy that is down is ERR_NETWORK', async (t) => {
  withEnvironment(t, { HTTP_PROXY: 'http://127.0.0.1:1' })
  const agent = proxyAgentFor('http://optimize.example.com')
  const options = { baseUrl: 'http://optimize.example.com', reportId: 'a', accessToken: 'demo', retry: { attempts: 1 } }
  await t.rejects(exportStream({ ...options, agent }).toArray(), { code: 'ERR_NETWORK' })
})
