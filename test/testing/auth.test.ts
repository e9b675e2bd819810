import t from 'tap'
import { type FakeOptimize, startFakeOptimize } from '../../lib/testing/index.js'
import { ask, askPage, exportUrl, idsIn, page, refusal, start } from './support/client.js'

const withHeader = (optimize: FakeOptimize, authorization: string, parameters = {}) =>
  ask(exportUrl(optimize, parameters), { headers: { authorization } })

t.test('3.7 accepts the token bare, as a bearer or in the query, and one valid token is enough', async (t) => {
  const optimize = await start(t, { era: '3.7' })
  t.equal((await withHeader(optimize, 'demo')).status, 200)
  t.equal((await withHeader(optimize, 'Bearer demo')).status, 200)
  t.equal((await ask(exportUrl(optimize, { access_token: 'demo' }))).status, 200)
  t.equal((await withHeader(optimize, 'wrong', { access_token: 'demo' })).status, 200)
  t.equal((await withHeader(optimize, 'Bearer demo', { access_token: 'wrong' })).status, 200)
})

t.test('3.7 refuses with JSON and removes the cookie', async (t) => {
  const optimize = await start(t, { era: '3.7' })
  for (const answer of [await ask(exportUrl(optimize)), await withHeader(optimize, 'Bearer wrong')]) {
    t.equal(answer.status, 401)
    t.equal(refusal(answer).errorCode, 'notAuthorizedError')
    t.match(answer.headers['set-cookie'], /^X-Optimize-Authorization=""/)
  }
})

for (const era of ['8.6', '8.7', '8.8'] as const) {
  t.test(`${era} takes a bearer token in the header and nothing else`, async (t) => {
    const optimize = await start(t, { era })
    t.equal((await withHeader(optimize, 'Bearer demo')).status, 200)
    t.equal((await withHeader(optimize, 'bearer demo')).status, 200, 'the scheme in any case')
    for (const [answer, challenge] of [
      [await ask(exportUrl(optimize)), /^Bearer$/],
      [await ask(exportUrl(optimize, { access_token: 'demo' })), /^Bearer$/],
      [await withHeader(optimize, 'demo'), /^Bearer$/],
      [await withHeader(optimize, 'Basic demo'), /^Bearer$/],
      [await withHeader(optimize, 'Bearer wrong'), /invalid_token/],
      [await withHeader(optimize, 'Bearer de mo'), /malformed/],
    ] as const) {
      t.equal(answer.status, 401)
      t.equal(answer.body.length, 0)
      t.match(answer.headers['www-authenticate'], challenge)
    }
  })

  t.test(`${era} refuses a request with two tokens`, async (t) => {
    const optimize = await start(t, { era })
    const twice = `${exportUrl(optimize, { access_token: 'demo' })}&access_token=demo`
    for (const answer of [await withHeader(optimize, 'Bearer demo', { access_token: 'demo' }), await ask(twice)]) {
      t.equal(answer.status, 400)
      t.match(answer.headers['www-authenticate'], /invalid_request.*Found multiple bearer tokens/)
    }
  })
}

t.test('from 3.8 on, a token with a character that bearer tokens do not have is refused', async (t) => {
  t.equal((await askPage(await start(t, { token: 'se:cret!' }))).status, 401)
  t.equal((await askPage(await start(t, { token: 'se:cret!', era: '3.7' }))).status, 200)
})

t.test('a server without a token refuses every request', async (t) => {
  t.equal((await askPage(await start(t, { token: '', era: '3.7' }))).status, 401)
  t.equal((await askPage(await start(t, { token: '' }), { access_token: '' })).status, 401)
})

t.test('a refused request leaves the cursor where it is', async (t) => {
  const optimize = await start(t, { records: 4 })
  const { searchRequestId } = await page(optimize, { limit: 2 })
  t.equal((await withHeader(optimize, 'Bearer wrong', { searchRequestId })).status, 401)
  t.same(idsIn(await page(optimize, { searchRequestId })), optimize.ids().slice(2))
})

const oauth = { clientId: 'app', clientSecret: 's3cret' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const asked = { grant_type: 'client_credentials', client_id: 'app', client_secret: 's3cret', audience: 'optimize-api' }

const askToken = ({ url }: FakeOptimize, change: Record<string, string> = {}) =>
  ask(`${url}/oauth/token`, {
    method: 'POST',
    headers: form,
    body: new URLSearchParams({ ...asked, ...change }).toString(),
  })

async function tokenOf(optimize: FakeOptimize): Promise<string> {
  return (JSON.parse((await askToken(optimize)).body.toString()) as { access_token: string }).access_token
}

t.test('client credentials, as a form or JSON, get a token that is valid beside the static one', async (t) => {
  const optimize = await start(t, { oauth })
  const answer = await askToken(optimize)
  t.match(JSON.parse(answer.body.toString()), { expires_in: 300, token_type: 'Bearer', access_token: /^[\w-]+$/ })
  const json = await ask(`${optimize.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  })
  const { access_token: token } = JSON.parse(json.body.toString()) as { access_token: string }
  t.equal((await withHeader(optimize, `Bearer ${token}`)).status, 200)
  t.equal((await withHeader(optimize, 'Bearer demo')).status, 200)
  t.same(
    optimize.requests.map(({ kind }) => kind),
    ['token', 'token', 'export', 'export'],
  )
})

t.test('the token endpoint checks its parameters', async (t) => {
  const optimize = await start(t, { oauth })
  for (const [change, status, error] of [
    [{ grant_type: 'password' }, 400, { error: 'unsupported_grant_type' }],
    [{ client_secret: 'wrong' }, 401, { error: 'invalid_client' }],
    [{ client_id: 'wrong' }, 401, { error: 'invalid_client' }],
    [{ audience: '' }, 400, { error: 'invalid_request', error_description: 'audience: expected a text, got nothing' }],
  ] as const) {
    const answer = await askToken(optimize, change)
    t.equal(answer.status, status)
    t.same(JSON.parse(answer.body.toString()), error)
  }
  const broken = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }
  t.equal((await ask(`${optimize.url}/oauth/token`, broken)).status, 400)
  t.equal((await ask(`${optimize.url}/oauth/token`, { method: 'POST' })).status, 400)
})

t.test('without client credentials there is no token endpoint', async (t) => {
  t.equal((await askToken(await start(t))).status, 404)
})

t.test('a token request that comes too soon is 429, a later one succeeds', async (t) => {
  let ms = 0
  const optimize = await start(t, { oauth: { ...oauth, rateLimitMs: 90 }, now: () => ms })
  t.equal((await askToken(optimize)).status, 200)
  ms = 89
  const soon = await askToken(optimize)
  t.equal(soon.status, 429)
  t.equal(soon.headers['retry-after'], '1')
  ms = 90
  t.equal((await askToken(optimize)).status, 200)
})

t.test('an issued token expires by time, and the cursor stays', async (t) => {
  let ms = 0
  const optimize = await start(t, { records: 4, oauth: { ...oauth, expiresIn: 0.1 }, now: () => ms })
  const token = await tokenOf(optimize)
  const authorization = { authorization: `Bearer ${token}` }
  ms = 99
  const { searchRequestId } = await page(optimize, { limit: 2 }, authorization)
  ms = 100
  t.equal((await askPage(optimize, { searchRequestId }, authorization)).status, 401)
  const fresh = { authorization: `Bearer ${await tokenOf(optimize)}` }
  t.same(idsIn(await page(optimize, { searchRequestId }, fresh)), optimize.ids().slice(2))
})

t.test('an issued token is valid for requestsPerToken exports', async (t) => {
  const optimize = await start(t, { oauth: { ...oauth, requestsPerToken: 2 }, collections: { c: [] } })
  const headers = { authorization: `Bearer ${await tokenOf(optimize)}` }
  t.equal((await ask(`${optimize.url}/api/public/report?collectionId=c`, { headers })).status, 200)
  const statuses = []
  for (let n = 0; n < 3; n++) statuses.push((await askPage(optimize, {}, headers)).status)
  t.same(statuses, [200, 200, 401])
  t.equal((await ask(`${optimize.url}/api/public/report?collectionId=c`, { headers })).status, 200, 'no export')
})

t.test('expireTokens() ends every token, and may give a new static one', async (t) => {
  const optimize = await start(t, { oauth })
  const token = await tokenOf(optimize)
  optimize.expireTokens()
  t.equal((await withHeader(optimize, `Bearer ${token}`)).status, 401)
  t.equal((await withHeader(optimize, 'Bearer demo')).status, 401)
  t.equal((await withHeader(optimize, `Bearer ${await tokenOf(optimize)}`)).status, 200)
  optimize.expireTokens('next')
  t.equal(optimize.token, 'next')
  t.equal((await askPage(optimize)).status, 200)
})

t.test('a client that leaves in the middle of its body does not harm the server', async (t) => {
  const optimize = await start(t, { oauth })
  const headers = { ...form, 'content-length': '1000' }
  const url = `${optimize.url}/oauth/token`
  t.equal((await ask(url, { method: 'POST', headers, body: 'grant', leaveAt: optimize.received(1) })).status, 0)
  t.equal((await askToken(optimize)).status, 200)
})

t.test('a secret never shows in a message', async (t) => {
  await t.rejects(startFakeOptimize({ oauth: { clientId: 'c', clientSecret: 12345 as unknown as string } }), {
    message: /^(?!.*12345).*oauth\.clientSecret/,
  })
})
