// A token file that is replaced later than the server switches to the new token.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createFileToken } from '../../lib/cli/access/file-token.js'
import { exportStream } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { startWatched } from '../support/servers/watched-server.js'

/** A server that accepts the new token only, a file with the old one, and a clock that calls back instead of waiting. */
async function setUp(t: Test, onPause: (path: string, pauses: number) => void = () => undefined) {
  const server = await startFakeOptimize({ records: 30, token: 'new-token' })
  t.teardown(() => server.close())
  const path = join(t.testdir({ token: 'old-token\n' }), 'token')
  const pauses: number[] = []
  const wait = (ms: number) => {
    pauses.push(ms)
    onPause(path, pauses.length)
    return Promise.resolve()
  }
  const accessToken = await createFileToken(path, { wait })
  const read = () => exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken }).toArray()
  return { server, path, pauses, accessToken, read }
}

t.test('the file is read until it has another token', async (t) => {
  const { server, pauses, read } = await setUp(t, (path, count) => {
    if (count === 2) writeFileSync(path, '')
    if (count === 3) writeFileSync(path, 'new-token')
  })
  t.equal((await read()).length, 30)
  t.strictSame(pauses, [500, 1000, 1500])
  t.strictSame(
    server.requests.map(({ status }) => status),
    [401, 200],
  )
})

t.test('a token that stays refused is ERR_AUTH after a few seconds, without the token', async (t) => {
  const { pauses, read } = await setUp(t)
  await t.rejects(read(), { code: 'ERR_AUTH', message: /^(?!.*old-token).*the token was refused/ })
  t.strictSame(pauses, [500, 1000, 1500, 2000])
})

t.test('a file that is missing for a moment is read again, and one that stays missing is named', async (t) => {
  const found = await setUp(t, (path, count) => {
    if (count === 2) writeFileSync(path, 'new-token')
  })
  rmSync(found.path)
  t.equal((await found.read()).length, 30)
  t.strictSame(found.pauses, [500, 1000])
  const missing = await setUp(t)
  rmSync(missing.path)
  await t.rejects(missing.read(), {
    code: 'ERR_AUTH',
    status: 401,
    message:
      /the accessToken function failed: --token-file .*: could not be read: there is no such file or folder \(ENOENT\)/,
  })
  t.strictSame(missing.pauses, [500, 1000, 1500, 2000])
})

t.test('another export with the old token gets the new one at once', async (t) => {
  const { path, pauses, accessToken } = await setUp(t)
  writeFileSync(path, 'new-token')
  const { signal } = new AbortController()
  const refused = { refresh: true, refusedToken: 'old-token', signal }
  t.equal(await accessToken(refused), 'new-token')
  t.equal(await accessToken(refused), 'new-token')
  t.equal(await accessToken({ refresh: false, signal }), 'new-token')
  t.strictSame(pauses, [])
})

t.test('during an export, the token may be replaced twice within a second', async (t) => {
  const path = join(t.testdir({ token: 'Bearer token-0\n' }), 'token')
  const rotatedAt: number[] = []
  const rotate = (token: string) => {
    writeFileSync(path, `Bearer ${token}\n`)
    server.expireTokens(token)
    rotatedAt.push(performance.now())
  }
  const server = await startWatched(t, {
    ...{ records: 100, token: 'token-0' },
    isHeld: ({ number }) => {
      if (number === 2 || number === 4) rotate(`token-${number}`)
      return false
    },
  })
  const accessToken = await createFileToken(path, { wait: () => Promise.reject(new Error('no pause is needed')) })
  const source = exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken, limit: 20 })
  t.equal((await source.toArray()).length, 100)
  t.strictSame(
    server.requests.slice(0, 5).map(({ status }) => status),
    [200, 401, 200, 401, 200],
  )
  const [first = 0, second = Infinity] = rotatedAt
  t.ok(second - first < 1000, 'the rotations are close together')
})

t.test('many exports that are refused at once share each read of the file', async (t) => {
  const texts = ['old-token', 'old-token', 'new-token']
  let reads = 0
  const accessToken = await createFileToken('token', {
    wait: () => Promise.resolve(),
    readText: () => Promise.resolve(texts[reads++]!),
  })
  const { signal } = new AbortController()
  const tokens = await Promise.all(
    Array.from({ length: 40 }, async () => accessToken({ refresh: true, refusedToken: 'old-token', signal })),
  )
  t.strictSame(new Set(tokens), new Set(['new-token']))
  t.equal(reads, 3)
})

t.test('an abort ends the pause', async (t) => {
  const path = join(t.testdir({ token: 'old-token' }), 'token')
  const accessToken = await createFileToken(path)
  const stop = new AbortController()
  const waiting = Promise.resolve(accessToken({ refresh: true, refusedToken: 'old-token', signal: stop.signal }))
  stop.abort()
  await t.rejects(waiting, { name: 'AbortError' })
})
