// A program that uses every part of the installed package over the fake server. It runs on each runtime as it is, prints one
// JSON document: the digest of every file it made, by name, and throws if anything is not as it should be.
import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type * as library from '../../../lib/index.js'
import type * as testing from '../../../lib/testing/index.js'

const RECORDS = 2000
// the names are not literals, so that this file can be compiled before the package is there
const named = { library: 'optimize-export', testing: 'optimize-export/testing' }
const lib = (await import(named.library)) as typeof library
const { startFakeOptimize } = (await import(named.testing)) as typeof testing
const folder = join(process.cwd(), `out-${process.pid}`)
mkdirSync(folder, { recursive: true })
const at = (name: string) => join(folder, name)
const digests: Record<string, string> = {}

const server = await startFakeOptimize({
  records: RECORDS,
  hostileValues: true,
  collection: { c: ['r1', 'r2'] },
  faults: [{ kind: 'drop', page: 2 }],
  oauth: { clientId: 'client', clientSecret: 'secret' },
})
const source = { baseUrl: server.url, reportId: server.reportId, accessToken: server.token, limit: 500 }
const idOf = (record: { processInstanceId?: unknown }) => record.processInstanceId

async function theSource(): Promise<void> {
  const stream = lib.exportStream<library.ProcessRecord>({ ...source, retry: { minDelay: 1, maxDelay: 2 } })
  const seen: string[] = []
  let restarts = 0
  stream.on('restart', (event) => (restarts = event.restarts))
  for await (const { processInstanceId } of stream) seen.push(processInstanceId)
  deepEqual(seen.sort(), [...server.ids()].sort())
  deepEqual([restarts, stream.stats.complete, stream.kind], [1, true, 'process'])

  const ids = await lib.exportStream<library.ProcessRecord>(source).map(idOf).toArray()
  equal(new Set(ids).size, RECORDS)
  const viaFetch = lib.exportStream({ ...source, fetch: globalThis.fetch, prefetch: 1 })
  equal((await viaFetch.toArray()).length, RECORDS)
  const { tokenUrl, clientId, clientSecret } = {
    tokenUrl: `${server.url}/oauth/token`,
    clientId: 'client',
    clientSecret: 'secret',
  }
  const accessToken = lib.clientCredentials({ tokenUrl, clientId, clientSecret, audience: 'optimize' })
  let pages = 0
  for await (const page of lib.exportPages({ ...source, accessToken })) equal(page.number, ++pages)
  equal(pages, 4)

  const reader = (Readable.toWeb(lib.exportStream(source)) as ReadableStream<library.ExportRecord>).getReader()
  equal(typeof (await reader.read()).value?.['processInstanceId'], 'string')
  await reader.cancel()
  const controller = new AbortController()
  const aborted = lib.exportStream({ ...source, signal: controller.signal }).once('data', () => controller.abort())
  await rejects(aborted.toArray(), { name: 'AbortError' })

  const reports: string[] = []
  for await (const id of lib.listReports({ ...pick(source), collectionId: 'c' })) reports.push(id)
  deepEqual(reports, ['r1', 'r2'])
}

const pick = ({ baseUrl, accessToken }: { baseUrl: string; accessToken: string }) => ({ baseUrl, accessToken })

async function theFiles(): Promise<void> {
  const save = async (name: string, ...steps: (() => NodeJS.ReadWriteStream)[]) => {
    await pipeline([lib.exportStream(source), ...steps.map((step) => step()), lib.atomicFile(at(name))])
    digests[name] = createHash('sha256')
      .update(readFileSync(at(name)))
      .digest('hex')
  }
  // with anything in between, Parquet has no metadata of the export, such as its time
  const between = () => new PassThrough({ objectMode: true })
  await save('whole.csv', () => lib.toCsv({ columns: 'all' }))
  await save('between.csv', between, () => lib.toCsv({ columns: 'all' }))
  equal(digests['whole.csv'], digests['between.csv'])
  await save('optimize.csv', () => lib.toCsv({ preset: 'optimize', columns: 'all' }))
  await save('stringify.csv', between, () => lib.toCsv({ columns: 'all', stringify: { quoted: true } }))
  await save('whole.ndjson', () => lib.toNdjson())
  await save(
    'rows.ndjson',
    () => lib.flattenVariables({ naming: 'plain' }),
    () => lib.toNdjson(),
  )
  await save(
    'events.csv',
    () => lib.flowNodeEvents({ fields: ['businessKey'] }),
    () => lib.toCsv(),
  )
  await save('whole.parquet', between, () => lib.toParquet({ columns: 'all', inferTypes: true }))
  await save('map.parquet', between, () => lib.toParquet({ variables: 'map', codec: 'gzip' }))
  await save('parquetjs.parquet', between, () => lib.toParquet({ columns: 'all', engine: 'parquetjs-lite' }))
  for (const name of ['whole', 'map', 'parquetjs'])
    match(readFileSync(at(`${name}.parquet`), 'latin1'), /^PAR1.*PAR1$/s)
  const lines = readFileSync(at('whole.ndjson'), 'utf8').trimEnd().split('\n')
  deepEqual(lines.map((line) => idOf(JSON.parse(line) as object)).sort(), [...server.ids()].sort())

  const group = lib.atomicFiles([{ path: at('a.csv') }, { path: at('b.ndjson') }])
  const both = lib.exportStream(source)
  await Promise.all([pipeline(both, lib.toCsv(), group[0]!), pipeline(both, lib.toNdjson(), group[1]!)])
  equal(readFileSync(at('b.ndjson'), 'utf8'), readFileSync(at('whole.ndjson'), 'utf8'))
}

async function theRest(): Promise<void> {
  const [record] = await lib.exportStream({ ...source, maxRecords: 1 }).toArray()
  equal(lib.flattenRecord(record!)['processInstanceId'], idOf(record!))
  ok(lib.flowNodeEventRows(record!).length > 0)
  ok(lib.profileColumns([record!]).some(({ name }) => name === 'processInstanceId'))
  match(lib.VERSION, /^\d+\.\d+\.\d+/)
  throws(() => lib.toCsv({ delimitr: ';' } as object), { code: 'ERR_OPTION' })
  await rejects(lib.exportStream({ ...source, accessToken: 'wrong' }).toArray(), { code: 'ERR_AUTH' })
  const require = createRequire(import.meta.url)
  equal((require(named.library) as typeof library).exportStream, lib.exportStream)
  equal((require(named.testing) as typeof testing).startFakeOptimize, startFakeOptimize)
}

await theSource()
await theFiles()
await theRest()
await server.close()
process.stdout.write(`${JSON.stringify(digests)}\n`)
