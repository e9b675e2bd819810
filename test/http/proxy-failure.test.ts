// The failures of a request through a proxy, with a real proxy and real TLS: the message says which side failed.
import { once } from 'node:events'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import t, { type Test } from 'tap'
import { clientCredentials, exportStream } from '../../lib/index.js'
import { byUnknownAuthority, expired, selfSigned } from '../support/servers/certificate.js'
import { PROXY_PASSWORD, startProxy, type ProxyOptions } from '../support/servers/proxy.js'

const reportId = 'a'
const accessToken = 'demo'
const retry = { attempts: 3, minDelay: 0, maxDelay: 1 }

/** Returns the failure of an export through a new proxy, and the proxy. */
async function failThrough(t: Test, baseUrl: string, options: ProxyOptions = {}) {
  const proxy = await startProxy(t, options)
  const agent = new (baseUrl.startsWith('https') ? HttpsProxyAgent : HttpProxyAgent)(proxy.url)
  const error = await exportStream({ baseUrl, reportId, accessToken, retry, agent })
    .toArray()
    .then(
      () => t.fail('expected a failure') as never,
      (failure: unknown) => failure as Error,
    )
  t.notMatch(error.message, PROXY_PASSWORD)
  return { ...proxy, error }
}

const target = 'https://optimize.example.com'

t.test('a proxy that refuses CONNECT is ERR_HTTP, whatever its status, and the message names the proxy', async (t) => {
  for (const [status, requests] of [
    [401, 1],
    [403, 1],
    [404, 1],
    [407, 1],
    [302, 1],
    [502, 3],
    [503, 3],
  ] as const) {
    const headers = { location: 'http://optimize.example.com/' }
    const { error, seen, port } = await failThrough(t, target, { refusal: status, headers })
    const times = requests > 1 ? `, after ${requests} attempts` : ''
    t.match(error, {
      ...{ code: 'ERR_HTTP', status },
      message: `report a: page 1: could not connect through the proxy http://127.0.0.1:${port}: it refused with status ${status}${times}`,
    })
    t.strictSame(seen, Array(requests).fill('CONNECT optimize.example.com:443'))
  }
})

t.test('the message says whether the proxy gave no valid answer or could not be reached', async (t) => {
  const silent = await failThrough(t, target, { refusal: (client) => client.end() })
  t.match(silent.error, {
    code: 'ERR_NETWORK',
    message: `could not connect through the proxy http://127.0.0.1:${silent.port}: it gave no valid answer to CONNECT`,
  })
  const noTls = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await once(noTls.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => noTls.close())
  const { port } = noTls.address() as AddressInfo
  for (const [agent, reason] of [
    [new HttpsProxyAgent('http://127.0.0.1:1'), String.raw`http://127.0.0.1:1 \(ECONNREFUSED\)`],
    [
      new HttpsProxyAgent(`https://127.0.0.1:${port}`),
      String.raw`https://127.0.0.1:${port} \((?:EPROTO|ERR_SSL_\w+)\)`,
    ],
  ] as const)
    await t.rejects(exportStream({ baseUrl: target, reportId, accessToken, retry, agent }).toArray(), {
      code: 'ERR_NETWORK',
      message: new RegExp(`could not connect to the proxy ${reason}`),
    })
})

t.test(
  'after a certificate that is not accepted there is no retry, and the message says whose certificate it is',
  async (t) => {
    for (const [certificate, code] of [
      [selfSigned(), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      [expired(), 'CERT_HAS_EXPIRED'],
      [byUnknownAuthority(), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ] as const) {
      const server = https.createServer(certificate).on('tlsClientError', () => undefined)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      t.teardown(() => server.close())
      const { port: targetPort } = server.address() as AddressInfo
      const direct = exportStream({
        baseUrl: `https://127.0.0.1:${targetPort}`,
        reportId,
        accessToken,
        retry,
      }).toArray()
      await t.rejects(direct, {
        code: 'ERR_NETWORK',
        message: `report a: page 1: could not connect: the certificate of the server is not accepted (${code})`,
        cause: { code },
      })
      const tunnelled = await failThrough(t, target, { targetPort })
      t.match(tunnelled.error, {
        code: 'ERR_NETWORK',
        message: `could not connect through the proxy http://127.0.0.1:${tunnelled.port}: the certificate of the server is not accepted (${code})`,
      })
      t.equal(tunnelled.seen.length, 1)
      for (const baseUrl of [target, 'http://optimize.example.com']) {
        const atProxy = await failThrough(t, baseUrl, { certificate })
        t.match(atProxy.error, {
          code: 'ERR_NETWORK',
          message: `could not connect to the proxy https://127.0.0.1:${atProxy.port}: its certificate is not accepted (${code})`,
        })
      }
    }
  },
)

t.test('a connection that breaks between the proxy and the server is repeated', async (t) => {
  const server = net.createServer((socket) => socket.destroy())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const { error, seen } = await failThrough(t, target, { targetPort: (server.address() as AddressInfo).port })
  t.match(error, { code: 'ERR_NETWORK', message: /could not connect through the proxy \S+ \(ECONNRESET\)/ })
  t.equal(seen.length, 3)
})

t.test('an HTML page of the proxy with status 403 is ERR_HTTP, not ERR_AUTH', async (t) => {
  const { error, seen } = await failThrough(t, 'http://optimize.example.com', { refusal: 403 })
  t.match(error, {
    code: 'ERR_HTTP',
    status: 403,
    message: /refused; the answer is not JSON, so it is most likely from the proxy, .* through the proxy /,
  })
  t.equal(seen.length, 1)
})

t.test('if a proxy refuses to connect to the token endpoint, the error has no status', async (t) => {
  for (const [tokenUrl, refusal] of [
    ['https://login.example.com/token', 403],
    ['http://login.example.com/token', 403],
    ['http://login.example.com/token', 407],
  ] as const) {
    const proxy = await startProxy(t, { refusal })
    const agent = new (tokenUrl.startsWith('https') ? HttpsProxyAgent : HttpProxyAgent)(proxy.url)
    const failure: unknown = await clientCredentials({ tokenUrl, clientId: 'a', clientSecret: 'b', agent })().catch(
      (error: unknown) => error,
    )
    t.match(failure, {
      code: 'ERR_AUTH',
      message: new RegExp(`through the proxy .*${refusal}|${refusal} through the proxy`),
    })
    t.notOk('status' in (failure as object))
  }
})
