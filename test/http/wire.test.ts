import { pipeline } from 'node:stream/promises'
import nock from 'nock'
import t from 'tap'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'
import { exportStream, toCsv, toParquet } from '../../lib/index.js'
import type { ExportOptions } from '../../lib/api/export-options.js'

// The documented example, verbatim (docs: "Export report result data"): a report of 11 records of which it shows two pages
// of two, so maxRecords: 4 ends the export where the example ends. Its `reportId` differs from the one in its own URL.
const firstBody = `{
"searchRequestId": "FGluY2x1ZGVfY29udGV4dF91dWlkDXF1ZXJ",
"numberOfRecordsInResponse": 2,
"totalNumberOfRecords": 11,
"reportId": "e6c5abb1-6a18-44e7-8480-d562d511ba62",
"data": [
{
"processDefinitionKey": "aProcess",
"processDefinitionId": "aProcess:1:1801",
"processInstanceId": "1809",
"businessKey": "aBusinessKey",
"startDate": "2021-12-02T17:21:49.330+0200",
"endDate": "2021-12-02T17:21:49.330+0200",
"duration": 0,
"engineName": "camunda-bpm",
"tenantId": null,
"variables": {}
},
{
"processDefinitionKey": "aProcess",
"processDefinitionId": "aProcess:1:1801",
"processInstanceId": "1804",
"businessKey": "aBusinessKey",
"startDate": "2021-12-02T17:21:49.297+0200",
"endDate": "2021-12-02T17:21:49.298+0200",
"duration": 1,
"engineName": "camunda-bpm",
"tenantId": null,
"variables": {}
}
]
}`
const secondBody = `{
"searchRequestId": "FGluY2x1ZGVfY29udGV4dF91dWlkDXF1ZXJ",
"numberOfRecordsInResponse": 2,
"totalNumberOfRecords": 11,
"reportId": "e6c5abb1-6a18-44e7-8480-d562d511ba62",
"data": [
{
"processDefinitionKey": "aProcess",
"processDefinitionId": "aProcess:1:1bc9474d-5762-11ec-8b2c-0242ac120003",
"processInstanceId": "1bdafab8-5762-11ec-8b2c-0242ac120003",
"businessKey": "aBusinessKey",
"startDate": "2021-12-07T15:32:22.739+0200",
"endDate": "2021-12-07T15:32:22.740+0200",
"duration": 1,
"engineName": "camunda-bpm",
"tenantId": null,
"variables": {}
},
{
"processDefinitionKey": "aProcess",
"processDefinitionId": "aProcess:1:1bc9474d-5762-11ec-8b2c-0242ac120003",
"processInstanceId": "1bda3763-5762-11ec-8b2c-0242ac120003",
"businessKey": "aBusinessKey",
"startDate": "2021-12-07T15:32:22.735+0200",
"endDate": "2021-12-07T15:32:22.735+0200",
"duration": 0,
"engineName": "camunda-bpm",
"tenantId": null,
"variables": {}
}
]
}`

const reportId = 'e6c5aaa1-6a18-44e7-8480-d562d511ba62'
const host = 'http://optimize.example.com'
const path = `/api/public/export/report/${reportId}/result/json`
const json = { 'content-type': 'application/json' }
const base: ExportOptions = { baseUrl: host, reportId, accessToken: 'mySecret', limit: 2, paginationTimeout: 60 }

type Seen = { path: string; headers: Record<string, string> }

/** Answers the requests with these bodies, in order. Returns the requests. */
function replyWith(bodies: string[], at = host): Seen[] {
  const requests: Seen[] = []
  for (const body of bodies) {
    nock(at)
      .get(/.*/)
      .reply(function (uri) {
        requests.push({ path: uri, headers: this.req.headers })
        return [200, body, json]
      })
  }
  return requests
}

const empty = '{"numberOfRecordsInResponse":0,"totalNumberOfRecords":0,"reportId":"r","data":[]}'
const page = (cursor: string, id: number, total: number) =>
  JSON.stringify({
    searchRequestId: cursor,
    numberOfRecordsInResponse: 1,
    totalNumberOfRecords: total,
    data: [{ processInstanceId: String(id), variables: {} }],
  })

/** Exports an empty report and returns the path of its request line. */
async function getRequestPath(options: Partial<ExportOptions>, at = host): Promise<string> {
  const requests = replyWith([empty], at)
  await exportStream({ ...base, ...options }).toArray()
  return requests[0]!.path
}

t.before(() => nock.disableNetConnect())
t.teardown(() => {
  nock.enableNetConnect()
  nock.restore()
})
t.afterEach(() => nock.cleanAll())

t.test('the documented example is exported without a change of its records', async (t) => {
  replyWith([firstBody, secondBody])
  const stream = exportStream({ ...base, maxRecords: 4 })
  const records: unknown[] = await stream.toArray()
  const expected = [firstBody, secondBody].flatMap((body) => (JSON.parse(body) as { data: unknown[] }).data)
  t.strictSame(records, expected)
  t.equal(stream.stats.total, 11)
  t.equal(stream.stats.complete, false)
  t.equal(stream.stats.endedBy, 'maxRecords')
})

t.test('the documented example is requested with the documented path and parameters, and no others', async (t) => {
  const requests = replyWith([firstBody, secondBody])
  await exportStream({ ...base, maxRecords: 4 }).toArray()
  t.strictSame(
    requests.map(({ path }) => path),
    [
      `${path}?limit=2&paginationTimeout=60`,
      `${path}?limit=2&paginationTimeout=60&searchRequestId=FGluY2x1ZGVfY29udGV4dF91dWlkDXF1ZXJ`,
    ],
  )
})

t.test('the documented example has the expected CSV', async (t) => {
  replyWith([firstBody, secondBody])
  let csv = ''
  await pipeline(exportStream({ ...base, maxRecords: 4 }), toCsv(), async (bytes) => {
    for await (const chunk of bytes) csv += String(chunk)
  })
  t.equal(
    csv,
    `processDefinitionKey,processDefinitionId,processInstanceId,businessKey,startDate,endDate,duration,engineName,tenantId
aProcess,aProcess:1:1801,1809,aBusinessKey,2021-12-02T17:21:49.330+0200,2021-12-02T17:21:49.330+0200,0,camunda-bpm,
aProcess,aProcess:1:1801,1804,aBusinessKey,2021-12-02T17:21:49.297+0200,2021-12-02T17:21:49.298+0200,1,camunda-bpm,
aProcess,aProcess:1:1bc9474d-5762-11ec-8b2c-0242ac120003,1bdafab8-5762-11ec-8b2c-0242ac120003,aBusinessKey,2021-12-07T15:32:22.739+0200,2021-12-07T15:32:22.740+0200,1,camunda-bpm,
aProcess,aProcess:1:1bc9474d-5762-11ec-8b2c-0242ac120003,1bda3763-5762-11ec-8b2c-0242ac120003,aBusinessKey,2021-12-07T15:32:22.735+0200,2021-12-07T15:32:22.735+0200,0,camunda-bpm,
`,
  )
})

t.test('the documented example has the expected Parquet values', async (t) => {
  replyWith([firstBody, secondBody])
  const chunks: Buffer[] = []
  await pipeline(exportStream({ ...base, maxRecords: 4 }), toParquet(), async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) chunks.push(chunk)
  })
  const { rows, types } = await readBytesWithDuckdb(Buffer.concat(chunks))
  const row = (id: string, instance: string, start: string, end: string, duration: bigint) => {
    const dates = [start, end].map((date) => new Date(date))
    return ['aProcess', `aProcess:1:${id}`, instance, 'aBusinessKey', ...dates, duration, 'camunda-bpm', null]
  }
  const later = '1bc9474d-5762-11ec-8b2c-0242ac120003'
  t.strictSame(rows, [
    row('1801', '1809', '2021-12-02T15:21:49.330Z', '2021-12-02T15:21:49.330Z', 0n),
    row('1801', '1804', '2021-12-02T15:21:49.297Z', '2021-12-02T15:21:49.298Z', 1n),
    row(later, '1bdafab8-5762-11ec-8b2c-0242ac120003', '2021-12-07T13:32:22.739Z', '2021-12-07T13:32:22.740Z', 1n),
    row(later, '1bda3763-5762-11ec-8b2c-0242ac120003', '2021-12-07T13:32:22.735Z', '2021-12-07T13:32:22.735Z', 0n),
  ])
  t.strictSame(types.slice(4, 7), ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMP WITH TIME ZONE', 'BIGINT'])
})

t.test('each request carries the newest cursor, percent-encoded', async (t) => {
  const requests = replyWith([page('a+b/c==', 1, 3), page('d&e f?#%', 2, 3), page('x', 3, 3)])
  await exportStream(base).toArray()
  t.strictSame(
    requests.map(({ path }) => path.replace(/^.*paginationTimeout=60/, '')),
    ['', '&searchRequestId=a%2Bb%2Fc%3D%3D', '&searchRequestId=d%26e+f%3F%23%25'],
  )
})

t.test('the token goes into the Authorization header and not into the query', async (t) => {
  const requests = replyWith([firstBody, secondBody])
  await exportStream({ ...base, maxRecords: 4 }).toArray()
  t.strictSame(
    requests.map(({ headers }) => headers['authorization']),
    ['Bearer mySecret', 'Bearer mySecret'],
  )
  t.notOk(requests.some(({ path }) => path.includes('access_token')))
})

t.test("tokenIn: 'query' sends access_token, encoded, and no header", async (t) => {
  const requests = replyWith([firstBody, secondBody])
  await exportStream({ ...base, maxRecords: 4, tokenIn: 'query', accessToken: 'my+Secret/=' }).toArray()
  t.strictSame(
    requests.map(({ path }) => new URL(path, host).searchParams.getAll('access_token')),
    [['my+Secret/='], ['my+Secret/=']],
  )
  t.match(requests[0]!.path, 'access_token=my%2BSecret%2F%3D')
  t.notOk(requests.some(({ headers }) => 'authorization' in headers))
})

t.test('a token that begins with Bearer is sent with one Bearer', async (t) => {
  for (const accessToken of ['Bearer mySecret', ' bearer  mySecret\n', () => 'Bearer mySecret']) {
    const requests = replyWith([empty])
    await exportStream({ ...base, accessToken }).toArray()
    t.equal(requests[0]!.headers['authorization'], 'Bearer mySecret')
  }
})

t.test('the header of the time zone is UTC by default, and is not sent for null', async (t) => {
  for (const [timezone, sent] of [
    [undefined, 'UTC'],
    ['Europe/Berlin', 'Europe/Berlin'],
    [null, undefined],
  ] as const) {
    const requests = replyWith([empty])
    await exportStream({ ...base, timezone }).toArray()
    t.equal(requests[0]!.headers['x-optimize-client-timezone'], sent)
  }
})

t.test('headers of the caller replace those of the library in any spelling', async (t) => {
  const requests = replyWith([empty])
  const headers = { 'X-Tenant': 'a', Accept: 'text/plain' }
  await exportStream({ ...base, headers }).toArray()
  t.equal(requests[0]!.headers['x-tenant'], 'a')
  t.equal(requests[0]!.headers['accept'], 'text/plain')
})

t.test('the request accepts compressed JSON', async (t) => {
  const requests = replyWith([empty])
  await exportStream(base).toArray()
  t.equal(requests[0]!.headers['accept'], 'application/json')
  t.equal(requests[0]!.headers['accept-encoding'], 'gzip')
})

t.test('the request has the context path of the base URL, without its double or trailing slashes', async (t) => {
  const query = '?limit=2&paginationTimeout=60'
  const plain = `${path}${query}`
  const inContext = `/optimize${path}${query}`
  for (const baseUrl of [host, `${host}/`, `${host}//`, new URL(host)])
    t.equal(await getRequestPath({ baseUrl }), plain)
  for (const baseUrl of [`${host}/optimize`, `${host}/optimize/`, `${host}//optimize//`])
    t.equal(await getRequestPath({ baseUrl }), inContext)
  t.equal(await getRequestPath({ baseUrl: `${host}/a//b/` }), `/a/b${path}${query}`)
})

t.test('the request has the port of the base URL, except a default port', async (t) => {
  t.equal(await getRequestPath({ baseUrl: `${host}:8090/x` }, `${host}:8090`), `/x${path}?limit=2&paginationTimeout=60`)
  t.equal(await getRequestPath({ baseUrl: `${host}:80` }), `${path}?limit=2&paginationTimeout=60`)
})

t.test('any report id becomes one path segment', async (t) => {
  t.equal(
    await getRequestPath({ reportId: '../a b/?#%2e' }),
    '/api/public/export/report/..%2Fa%20b%2F%3F%23%252e/result/json?limit=2&paginationTimeout=60',
  )
})

t.test('the defaults are 1000 records and two minutes', async (t) => {
  const defaults = { limit: undefined, paginationTimeout: undefined }
  t.equal(await getRequestPath(defaults), `${path}?limit=1000&paginationTimeout=120`)
})
