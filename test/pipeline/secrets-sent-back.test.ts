// A server that sends secrets back: in its message, shortened, in another encoding, or those of an earlier page.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { exportStream, type ExportError } from '../../lib/index.js'

const cursor = 'geheimCursor+/0815abcdef=='
const token = 'geheimToken+/4711abcdef=='

/** A server of three pages, whose page `brokenPage` is a 400 with this detail. */
async function texts(t: Test, more: object, detail: string, brokenPage: number): Promise<string[]> {
  let page = 0
  const server = createServer((_, response) => {
    const isBroken = ++page === brokenPage
    response.writeHead(isBroken ? 400 : 200, { 'content-type': 'application/json' })
    const data = [{ processInstanceId: String(page) }]
    const searchRequestId = page === 1 ? cursor : `geheimOther${page}ijklmnopq`
    response.end(
      JSON.stringify(
        isBroken
          ? { detailedMessage: detail }
          : { searchRequestId, numberOfRecordsInResponse: 1, totalNumberOfRecords: 3, data, ...more },
      ),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stream = exportStream({ baseUrl, reportId: 'r', accessToken: token })
  const seen: string[] = []
  stream.on('message', (message) => seen.push(message))
  const error = (await stream.toArray().catch((thrown: unknown) => thrown)) as ExportError
  return [...seen, stream.stats.message ?? '', error.message, error.detail ?? '']
}

t.test('the message of a report contains no secret', async (t) => {
  const [event, stats] = await texts(t, { message: `go on with ${cursor} or ${token}` }, '', 2)
  t.strictSame([event, stats], ['go on with … or …', 'go on with … or …'])
})

t.test('a cursor is redacted, shortened or in another encoding, also one of an earlier page', async (t) => {
  for (const page of [2, 3])
    for (const form of [
      cursor,
      cursor.slice(0, 12),
      encodeURIComponent(cursor).replace(/%../g, (code) => code.toLowerCase()),
      new URLSearchParams({ a: cursor }).toString().slice(2),
      encodeURIComponent(encodeURIComponent(token)),
    ]) {
      const all = await texts(t, {}, `bad id ${form}`, page)
      t.equal(all.at(-1), 'bad id …', `${form} on page ${page}`)
      t.notMatch(all.join('\n').toLowerCase(), 'geheim')
    }
})
