import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { readFooter, readBytesWithDuckdb } from '../support/readers/read-parquet.js'
import { exportStream, flattenVariables, toParquet, type Encoder } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'

const server = await startFakeOptimize({ records: 25 })
t.teardown(() => server.close())

async function written(encoder: Encoder, ...between: NodeJS.ReadWriteStream[]): Promise<Buffer> {
  const chunks: Buffer[] = []
  const source = exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token, limit: 10 })
  const sink = async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) chunks.push(chunk)
  }
  const [transform] = between
  await (transform ? pipeline(source, transform, encoder, sink) : pipeline(source, encoder, sink))
  return Buffer.concat(chunks)
}

const metadataOf = (bytes: Buffer) =>
  Object.fromEntries((readFooter(bytes).key_value_metadata ?? []).map(({ key, value }) => [key, value]))

t.test('a Parquet file from an export has the report id and the number of records', async (t) => {
  const metadata = metadataOf(await written(toParquet({ metadata: { team: 'claims' } })))
  t.match(metadata, { team: 'claims', 'optimize-export.reportId': server.reportId, 'optimize-export.total': '25' })
  t.ok(Date.now() - Date.parse(String(metadata['optimize-export.startedAt'])) < 60_000)
})

t.test('with a transform between, the file has only its writer, and the same rows', async (t) => {
  const [attached, apart] = [await written(toParquet()), await written(toParquet(), flattenVariables())]
  t.strictSame(Object.keys(metadataOf(apart)), ['optimize-export.version'])
  t.strictSame((await readBytesWithDuckdb(apart)).rows, (await readBytesWithDuckdb(attached)).rows)
})
