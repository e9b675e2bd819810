import fc from 'fast-check'
import t from 'tap'
import { ExportError, exportStream } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runs } from '../support/random/property.js'

const field = fc.constantFrom('data', 'searchRequestId', 'numberOfRecordsInResponse', 'totalNumberOfRecords', 'message')
const record = fc.oneof(fc.record({ processInstanceId: fc.string() }), fc.jsonValue(), fc.constant(null))
const envelope = fc.oneof(
  fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.nat(), fc.array(record))),
  fc.record({
    data: fc.array(record, { maxLength: 4 }),
    searchRequestId: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
    numberOfRecordsInResponse: fc.nat(4),
    totalNumberOfRecords: fc.nat(6),
  }),
)
const body = fc.oneof(
  envelope.map((value) => Buffer.from(JSON.stringify(value))),
  envelope.chain((value) => {
    const text = JSON.stringify(value)
    return fc.nat(text.length).map((at) => Buffer.from(text.slice(0, at)))
  }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
)

t.test('a fuzzed body at any page leads to records or an ExportError, and never hangs', async () => {
  const run = fc.asyncProperty(
    body,
    fc.constantFrom(200, 200, 200, 400, 401, 404, 500),
    fc.integer({ min: 1, max: 3 }),
    fc.constantFrom(1, Infinity),
    async (bytes, status, page, times) => {
      const faults = [{ kind: 'body' as const, body: bytes, status, page, times }]
      const server = await startFakeOptimize({ records: 6, variables: 0, flowNodes: 0, faults })
      const stream = exportStream({
        baseUrl: server.url,
        reportId: server.reportId,
        accessToken: server.token,
        limit: 2,
        maxRestarts: 2,
        requestTimeout: 2000,
        retry: { attempts: 2, minDelay: 0, maxDelay: 1 },
      })
      try {
        await stream.toArray()
        return stream.stats.complete
      } catch (error) {
        return error instanceof ExportError && server.requests.length < 60 && !stream.stats.complete
      } finally {
        await server.close()
      }
    },
  )
  await fc.assert(run, runs(120, 2))
})
