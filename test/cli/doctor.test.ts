// `optimize-export doctor`: each check passes and fails against a real server.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import t, { type Test } from 'tap'
import { checkCertificate } from '../../lib/cli/doctor/checks.js'
import { connect, requestOnce } from '../../lib/cli/doctor/network.js'
import { readTokenClaims } from '../../lib/cli/doctor/token-claims.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { byUnknownAuthority, expired, forAnotherHost, selfSigned } from '../support/servers/certificate.js'
import { CapturedStream, runCommand, startCommand } from '../support/command/command-line.js'
import { PROXY_PASSWORD, startProxy, type ProxyOptions } from '../support/servers/proxy.js'
import { runChild } from '../support/children/run-child.js'

async function setUp(t: Test, options: FakeOptimizeOptions = {}) {
  const server = await startFakeOptimize({ records: 300, ...options })
  t.teardown(() => server.close())
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  return { server, env }
}

async function listen(t: Test, server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return (server.address() as AddressInfo).port
}

const listenHttp = async (t: Test, listener: RequestListener) =>
  `http://127.0.0.1:${await listen(t, http.createServer(listener))}`

const doctor = (env: NodeJS.ProcessEnv, ...argv: string[]) => runCommand(['doctor', ...argv], { env })

const createToken = (payload: object) =>
  ['{"alg":"none"}', JSON.stringify(payload), ''].map((part) => Buffer.from(part).toString('base64url')).join('.')

t.test('if everything is right, each check prints a line with ok', async (t) => {
  const { server, env } = await setUp(t)
  const { code, stdout, stderr } = await doctor(env, '--report', server.reportId, '--limit', '100')
  t.equal(code, 0)
  t.equal(stderr, '')
  t.match(stdout, new RegExp(`^ok       address  ${server.url}/ \\(OPTIMIZE_URL\\)$`, 'm'))
  t.match(stdout, /^ok {7}proxy {4}none for this address$/m)
  t.match(stdout, /^ok {7}DNS {6}127\.0\.0\.1 is 127\.0\.0\.1$/m)
  t.match(stdout, /^ok {7}network {2}connected to 127\.0\.0\.1:\d+, without TLS$/m)
  t.match(stdout, /^ok {7}server {3}ready, answered in /m)
  t.match(stdout, /^ok {7}clock {4}agrees with that of the server$/m)
  t.match(stdout, /^ok {7}token {4}OPTIMIZE_TOKEN; not a JSON Web Token, so its expiry is unknown$/m)
  t.match(stdout, /^ok {7}access {3}the token is accepted$/m)
  t.match(stdout, /^ok {7}report {3}.+: 300 records; the first 100 took /m)
  t.notMatch(stdout, server.token)
})

t.test('--json prints the result of each check, and without --report no page is read', async (t) => {
  const { env } = await setUp(t, { collections: { c1: ['a', 'b'] } })
  const { code, stdout } = await doctor(env, '--collection', 'c1', '--json')
  t.equal(code, 0)
  const found = JSON.parse(stdout) as { check: string; result: string; message: string }[]
  t.same(
    found.map(({ check, result }) => `${check} ${result}`),
    ['address', 'proxy', 'DNS', 'network', 'server', 'clock', 'token', 'access', 'report'].map(
      (check) => `${check} ok`,
    ),
  )
  t.match(found.at(-2)!.message, /the collection has 2 reports$/)
  t.match(found.at(-1)!.message, /^none given/)
})

t.test('a wrong address fails, and a password in it is not shown', async (t) => {
  for (const [url, message] of [
    [undefined, /failed {3}address {2}no address\n {18}set OPTIMIZE_URL, or give --url URL/],
    ['optimize.example.com', /failed {3}address {2}the address is not an http or https URL/],
    ['ftp://optimize.example.com', /not an http or https URL/],
    ['https://user:secret@optimize.example.com', /contains a user name or password/],
    ['http://nowhere.invalid', /ok {7}proxy .*\nfailed {3}DNS {6}the name nowhere\.invalid has no IP address \(E/],
  ] as const) {
    const { code, stdout } = await doctor({ OPTIMIZE_URL: url, OPTIMIZE_TOKEN: 'x' })
    t.equal(code, 1)
    t.match(stdout, message)
    t.notMatch(stdout, 'secret')
  }
})

t.test('the remedy of a failed connection depends on the reason', async (t) => {
  const port = await listen(t, net.createServer())
  const silent = `https://127.0.0.1:${port}`
  const late = await doctor({ OPTIMIZE_URL: silent }, '--request-timeout', '50')
  t.match(late, { code: 1, stdout: /failed {3}network {2}no connection to 127\.0\.0\.1:\d+ \(ETIMEDOUT\)\n.*firewall/ })
  const closed = net.createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const free = (closed.address() as AddressInfo).port
  closed.close()
  await once(closed, 'close')
  t.match((await doctor({ OPTIMIZE_URL: `http://127.0.0.1:${free}` })).stdout, /\(ECONNREFUSED\)\n.*no program listens/)
  const plain = await listenHttp(t, (_, response) => response.end())
  t.match(
    (await doctor({ OPTIMIZE_URL: plain.replace('http', 'https') })).stdout,
    /\((EPROTO|ERR_SSL\w+)\)\n.*no TLS at this port: check https and the port in the URL/,
  )
  const mute = await listenHttp(t, () => undefined)
  t.match(
    (await doctor({ OPTIMIZE_URL: mute }, '--request-timeout', '50')).stdout,
    /failed {3}server {3}no answer from 127\.0\.0\.1:\d+ \(ETIMEDOUT\)/,
  )
})

t.test('a certificate that is not accepted fails, and one that ends soon is a warning', async (t) => {
  const startTls = async (certificate: tls.TlsOptions) => listen(t, tls.createServer(certificate))
  const certificate = selfSigned()
  const port = await startTls(certificate)
  const { stdout } = await doctor({ OPTIMIZE_URL: `https://127.0.0.1:${port}` })
  t.match(
    stdout,
    /the certificate of 127\.0\.0\.1, by localhost, is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\)\n.*NODE_EXTRA_CA_CERTS/,
  )
  const limits = { signal: new AbortController().signal, timeoutMs: 5000 }
  const facts = await connect({ url: new URL(`https://localhost:${port}`) }, limits, certificate.cert)
  t.match(facts, { protocol: /^TLSv1/, issuer: 'localhost', validTo: Date })
  t.match(checkCertificate('localhost', facts), { result: 'warning', remedy: /^it ends in [01] days?: renew it$/ })
  t.match(checkCertificate('localhost', { ...facts!, validTo: new Date(Date.now() + 90 * 86_400_000) }), {
    result: 'ok',
    message: /certificate by localhost, valid until \d{4}-\d\d-\d\d$/,
  })
  const other = forAnotherHost()
  const otherPort = await startTls(other)
  await t.rejects(connect({ url: new URL(`https://localhost:${otherPort}`) }, limits, other.cert), {
    message: /\(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    remedy: /host name/,
  })
  await t.rejects(requestOnce(new URL(`https://localhost:${port}`), undefined, limits), {
    message: /^no answer from localhost/,
  })
  for (const url of ['http://127.0.0.1', 'https://127.0.0.1'])
    await t.rejects(connect({ url: new URL(url) }, limits), { message: url.startsWith('https') ? /:443 / : /:80 / })
})

t.test('an answer without status 200 to the request without a token is a warning or a failure', async (t) => {
  for (const [status, code, message] of [
    [503, 1, /failed {3}server {3}Optimize says that it is not ready/],
    [407, 1, /the proxy wants a user name and password/],
    [
      404,
      1,
      /warning {2}server {3}GET \/x\/api\/readyz answered with status 404\n.*correct the address: it must end before \/api or \/#\//,
    ],
    [401, 4, /readyz answered with status 401\n {18}a gateway may protect this path; that is no problem/],
    [403, 4, /readyz answered with status 403\n {18}a gateway may protect this path; that is no problem/],
  ] as const) {
    const url = await listenHttp(t, (_, response) => response.writeHead(status).end())
    t.match(await doctor({ OPTIMIZE_URL: `${url}/x/`, OPTIMIZE_TOKEN: 'x' }), { code, stdout: message })
  }
})

t.test('a clock that differs from that of the server is a warning', async (t) => {
  const withDate = (date: string | undefined) =>
    listenHttp(t, (_, response) => {
      response.sendDate = false
      response.writeHead(200, date === undefined ? {} : { date }).end('[]')
    })
  const late = await withDate(new Date(Date.now() - 3_600_000).toUTCString())
  t.match((await doctor({ OPTIMIZE_URL: late, OPTIMIZE_TOKEN: 'x' })).stdout, /warning {2}clock {4}differs .* by 1 h/)
  const none = await withDate(undefined)
  t.match(
    (await doctor({ OPTIMIZE_URL: none, OPTIMIZE_TOKEN: 'x' })).stdout,
    /ok {7}clock {4}the answer of the server has no Date/,
  )
})

t.test('a token that has expired or is refused fails, and one that expires soon is a warning', async (t) => {
  const { server, env } = await setUp(t)
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
  const check = async (token: string) => (await doctor({ ...env, OPTIMIZE_TOKEN: token })).stdout
  t.match(
    await check(createToken({ exp: inSeconds(-60), aud: 'optimize' })),
    /failed {3}token {4}OPTIMIZE_TOKEN, for optimize, expired at /,
  )
  t.match(
    await check(createToken({ exp: inSeconds(60) })),
    /warning {2}token {4}OPTIMIZE_TOKEN, valid for .*\n.*client credentials/,
  )
  t.match(
    await check(createToken({ exp: inSeconds(7200), aud: ['a', 'b', 1] })),
    /ok {7}token {4}OPTIMIZE_TOKEN, for a, b, valid for /,
  )
  t.match(await check(createToken({})), /ok {7}token {4}OPTIMIZE_TOKEN$/m)
  t.match(await doctor({ OPTIMIZE_URL: server.url }), {
    code: 2,
    stdout: /failed {3}token {4}no token: set OPTIMIZE_TOKEN/,
  })
  const file = join(t.testdir(), 'token')
  writeFileSync(file, createToken({ exp: inSeconds(60) }))
  t.match(
    (await doctor({ OPTIMIZE_URL: server.url }, '--token-file', file)).stdout,
    /ok {7}token {4}--token-file, valid for/,
  )
  const refused = await doctor({ ...env, OPTIMIZE_TOKEN: 'wrong' })
  t.match(refused, { code: 4, stdout: /failed {3}access .*refused.*\n {18}check the token/ })
  t.notMatch(refused.stdout, 'wrong')
  t.equal(readTokenClaims('a.bm90IGpzb24.c'), undefined)
})

t.test('a token endpoint that fails is exit code 1, as for an export', async (t) => {
  const { server } = await setUp(t)
  const check = (tokenUrl: string) =>
    doctor({
      OPTIMIZE_URL: server.url,
      OPTIMIZE_CLIENT_ID: 'id',
      OPTIMIZE_CLIENT_SECRET: 'very-hush-hush',
      OPTIMIZE_TOKEN_URL: tokenUrl,
    })
  const answer = (status: number) =>
    listenHttp(t, (_, response) => response.writeHead(status, { 'retry-after': '301' }).end())
  for (const status of [500, 503, 429]) {
    const { code, stdout } = await check(await answer(status))
    t.equal(code, 1)
    t.match(
      stdout,
      new RegExp(
        `^failed   token .*status ${status}.*\\(ERR_AUTH\\)\n {18}the token endpoint gave no token; try again later$`,
        'm',
      ),
    )
  }
  // the certificate is not accepted, so the failure has no status, like that of an endpoint that does not answer
  const untrusted = await listen(t, tls.createServer(selfSigned()))
  const { code, stdout } = await check(`https://127.0.0.1:${untrusted}`)
  t.equal(code, 1)
  t.match(stdout, /^failed {3}token .*\(ERR_AUTH\)\n.*NODE_EXTRA_CA_CERTS/m)
  t.match(await check(await answer(401)), {
    code: 4,
    stdout: /^failed {3}token .*status 401.*\n {18}check the token, its/m,
  })
})

t.test('a report with one record has no plural', async (t) => {
  const { server, env } = await setUp(t, { records: 1 })
  t.match((await doctor(env, '--report', server.reportId)).stdout, /^ok {7}report {3}.+: 1 record; the first 1 took /m)
})

t.test('a report that does not exist fails', async (t) => {
  const { env } = await setUp(t)
  t.match(await doctor(env, '--report', 'unknown'), { code: 1, stdout: /failed {3}report .*ERR_REPORT_NOT_FOUND/ })
})

t.test('a wrong path of the address fails at the list of reports', async (t) => {
  const none = await listenHttp(t, (_, response) => response.writeHead(404).end())
  const check = (path: string) => doctor({ OPTIMIZE_URL: `${none}${path}`, OPTIMIZE_TOKEN: 'x' })
  t.match(await check('/wrong'), {
    code: 1,
    stdout:
      /^failed {3}access {3}there is no list of reports at http:\S+\/wrong \(status 404\)\n {18}the path of OPTIMIZE_URL is wrong: leave it out or correct it$/m,
  })
  t.match(await check(''), { code: 1, stdout: /^failed {3}access .*\n {18}if Optimize has a path .* OPTIMIZE_URL/m })
})

/** Runs doctor with a proxy in the environment of this process. */
async function doctorThrough(t: Test, proxy: string, url: string, ...argv: string[]) {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY']
  for (const name of names) process.env[name] = proxy
  const { code, stdout } = await doctor({ OPTIMIZE_URL: url, OPTIMIZE_TOKEN: 'demo' }, ...argv)
  for (const name of names) Reflect.deleteProperty(process.env, name)
  t.notMatch(stdout, PROXY_PASSWORD)
  t.notMatch(stdout, 'undefined')
  return { code, stdout }
}

t.test('the checks go through the proxy', async (t) => {
  const { server } = await setUp(t)
  const proxy = await startProxy(t)
  const { code, stdout } = await doctorThrough(t, proxy.url, server.url)
  t.equal(code, 0)
  t.match(stdout, `ok       proxy    http://127.0.0.1:${proxy.port} (HTTP_PROXY)\n`)
})

t.test('behind a proxy, the certificate of the server is checked', async (t) => {
  const { server } = await setUp(t)
  const certificate = selfSigned()
  const tlsServer = tls.createServer(certificate, (socket) => {
    const upstream = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    socket.pipe(upstream).pipe(socket)
  })
  const url = `https://localhost:${await listen(t, tlsServer)}`
  const proxy = await startProxy(t)
  const env = { OPTIMIZE_URL: url, OPTIMIZE_TOKEN: server.token, HTTPS_PROXY: proxy.url }
  const folder = t.testdir({ 'ca.pem': certificate.cert })
  const child = runChild('signalled-child.ts', ['doctor'], { ...env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })
  const stdout = await child.ended
  t.equal(child.process.exitCode, 0)
  t.match(stdout, `ok       network  connected to 127.0.0.1:${proxy.port}, without TLS\n`)
  t.match(stdout, /^warning {2}tunnel {3}TLSv1\.3, certificate by localhost, valid until /m)
  t.match(stdout, /^ok {7}server {3}ready/m)
  t.ok(proxy.seen.every((line) => line === `CONNECT ${url.slice('https://'.length)}`))
})

t.test('behind a proxy, a certificate that is not accepted fails', async (t) => {
  for (const [certificate, message] of [
    [expired(), /by localhost, is not accepted \(CERT_HAS_EXPIRED\)\n {18}the server needs a new certificate/],
    [byUnknownAuthority(), /by Corp Root CA, is not accepted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)\n.*NODE_EXTRA_CA/],
    [forAnotherHost(), /is not accepted \((?:DEPTH_ZERO_SELF|ERR_TLS_CERT)\w+\)/],
  ] as const) {
    const targetPort = await listen(t, tls.createServer(certificate))
    const { url } = await startProxy(t, { targetPort })
    const { code, stdout } = await doctorThrough(t, url, 'https://optimize.example.com')
    t.equal(code, 1)
    t.match(stdout, /^ok {7}network .*\nfailed {3}tunnel {3}the certificate of optimize\.example\.com, /m)
    t.match(stdout, message)
  }
})

t.test('a proxy that refuses, does not answer, or cannot reach the server fails with a remedy', async (t) => {
  const target = 'https://optimize.example.com'
  const plain = 'http://optimize.example.com'
  const noTls = await listen(
    t,
    net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  const mute = await listen(
    t,
    net.createServer((socket) => void socket.on('error', () => undefined)),
  )
  const refused = /^failed {3}tunnel {3}the proxy http:\S+ refused to connect to optimize\.example\.com:443 \(status /m
  const rows: [ProxyOptions, string, RegExp, RegExp][] = [
    [{ refusal: 403 }, target, refused, /status 403\)\n.*let the proxy allow optimize\.example\.com:443/],
    [
      { refusal: 502 },
      target,
      refused,
      /status 502\)\n.*the proxy cannot reach the server: check the host and the port/,
    ],
    [
      { refusal: 407 },
      target,
      refused,
      /status 407\)\n.*check the user name and password in HTTPS_PROXY: the proxy did not accept them/,
    ],
    [
      { refusal: (client) => client.end() },
      target,
      /^failed {3}tunnel {3}the proxy http:\S+ did not connect to optimize\.example\.com:443 \(Proxy connection ended/m,
      /check the host and the port of the URL/,
    ],
    [{ refusal: () => undefined }, target, /^failed {3}tunnel .* did not connect to .* \(ETIMEDOUT\)/m, /\n/],
    [{ refusal: () => undefined }, plain, /^failed {3}server .*\(ETIMEDOUT\)/m, /check the URL and the proxy/],
    [{ targetPort: noTls }, target, /^failed {3}tunnel {3}no TLS with optimize/m, /does not speak TLS at this port/],
    [{ targetPort: mute }, target, /^failed {3}tunnel {3}no TLS with .* \(ETIMEDOUT\)/m, /firewall between the proxy/],
    [
      { refusal: 403 },
      plain,
      /^failed {3}server {3}status 403 through the proxy http:/m,
      /look at the log of the proxy/,
    ],
    [
      { refusal: 407 },
      plain,
      /^failed {3}server {3}the proxy wants a user name/m,
      /check the user name and password in \w+: the proxy did not accept them/,
    ],
    [
      { refusal: (client) => client.resetAndDestroy() },
      plain,
      /^failed {3}server .* through the proxy http:/m,
      /ECONNRESET/,
    ],
  ]
  for (const [options, url, line, remedy] of rows) {
    const proxy = await startProxy(t, options)
    const { code, stdout } = await doctorThrough(t, proxy.url, url, '--request-timeout', '300')
    t.equal(code, 1)
    t.match(stdout, line)
    t.match(stdout, remedy)
  }
  const { port } = await startProxy(t, { refusal: 407 })
  const { stdout } = await doctorThrough(t, `http://127.0.0.1:${port}`, target)
  t.match(stdout, /add a user name and password to HTTPS?_PROXY: http:\/\/user:password@host:port/)
})

t.test('a proxy that cannot be reached, or speaks another protocol, fails with a remedy', async (t) => {
  const plain = await startProxy(t)
  const secure = await startProxy(t, { certificate: selfSigned() })
  for (const [proxy, message] of [
    ['http://proxy.invalid:1', /failed {3}DNS .*\n.*check the host in HTTPS_PROXY/],
    ['http://127.0.0.1:1', /ECONNREFUSED\)\n.*no program listens there: .* in HTTPS_PROXY, and that the proxy runs/],
    [
      `https://127.0.0.1:${plain.port}`,
      /failed {3}network .*\n.*no TLS at this port: check https and the port in HTTPS_P/,
    ],
    [
      `http://127.0.0.1:${secure.port}`,
      /failed {3}tunnel .* did not connect to .*\n.*speaks http or https as HTTPS_PROXY/,
    ],
    [secure.url, /failed {3}network .*the certificate of 127\.0\.0\.1, by localhost, is not accepted/],
  ] as const)
    t.match(await doctorThrough(t, proxy, 'https://optimize.example.com'), { code: 1, stdout: message })
  const mute = await listen(t, net.createServer())
  const silent = await doctorThrough(t, `https://127.0.0.1:${mute}`, 'https://a.example', '--request-timeout', '50')
  t.match(
    silent.stdout,
    /failed {3}network .*ETIMEDOUT\)\n.*check the firewall, and the host and the port in HTTPS_PROXY/,
  )
})

t.test('a proxy variable that cannot be used is exit code 2, and its password is not shown', async (t) => {
  for (const [proxy, got] of [
    [`socks5://user:${PROXY_PASSWORD}@proxy.example:1`, 'a URL that begins with socks5://'],
    [`user:${PROXY_PASSWORD}@`, 'text that is not a URL'],
  ] as const) {
    const { code, stdout } = await doctorThrough(t, proxy, 'https://optimize.example.com')
    t.equal(code, 2)
    t.match(
      stdout,
      `failed   proxy    HTTPS_PROXY: expected the http or https URL of a proxy, got ${got}\n${' '.repeat(18)}give it as http://host:port`,
    )
  }
})

t.test('an http address with a port that needs https fails, with a remedy', async (t) => {
  const port = await listen(
    t,
    tls.createServer(selfSigned()).on('tlsClientError', (_, socket) => socket.destroy()),
  )
  const { stdout } = await doctor({ OPTIMIZE_URL: `http://127.0.0.1:${port}` })
  t.match(stdout, /failed {3}server {3}no answer .*ECONNRESET\)\n.*whether the server needs https/)
})

t.test('a signal ends doctor', async (t) => {
  let onRequest = () => undefined as unknown
  const requested = new Promise((resolve) => (onRequest = () => resolve(undefined)))
  const url = await listenHttp(t, () => void onRequest())
  const running = startCommand(['doctor'], { env: { OPTIMIZE_URL: url }, stdout: new CapturedStream() })
  await requested
  running.signal('SIGINT')
  t.equal(await running.code, 130)
  const port = await listen(t, net.createServer())
  const stop = new AbortController()
  const connecting = connect({ url: new URL(`https://127.0.0.1:${port}`) }, { signal: stop.signal, timeoutMs: 5000 })
  stop.abort(new Error('stopped'))
  await t.rejects(connecting, { message: 'stopped' })
  await t.rejects(requestOnce(new URL(url), undefined, { signal: stop.signal, timeoutMs: 5000 }), {
    message: 'stopped',
  })
})
