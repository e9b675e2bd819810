// A program that uses every part of the installed package with the fake server. Every runtime runs it unchanged. It writes files into the
// folder that its argument names, throws if a result is wrong, and prints JSON: the digests, by name, of the files that must be the same on
// every runtime.
import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type * as library from '../../../lib/index.js'
import type * as duckdbEntry from '../../../lib/destinations/duckdb/index.js'
import type * as postgresEntry from '../../../lib/destinations/postgres/index.js'
import type * as s3Entry from '../../../lib/stores/s3/index.js'
import type * as arrowEntry from '../../../lib/formats/arrow/index.js'
import type * as miningEntry from '../../../lib/formats/mining/index.js'
import type * as singerEntry from '../../../lib/formats/singer/index.js'
import type * as xlsxEntry from '../../../lib/formats/xlsx/index.js'
import type * as testing from '../../../lib/testing/index.js'

const RECORDS = 2000
// the names are not literals, so that this file can be compiled before the package is installed
const named = {
  library: 'optimize-export',
  testing: 'optimize-export/testing',
  duckdb: 'optimize-export/duckdb',
  postgres: 'optimize-export/postgres',
  s3: 'optimize-export/s3',
  arrow: 'optimize-export/arrow',
  mining: 'optimize-export/mining',
  singer: 'optimize-export/singer',
  xlsx: 'optimize-export/xlsx',
}
const lib = (await import(named.library)) as typeof library
const { createSampleReports, startFakeOptimize } = (await import(named.testing)) as typeof testing
const { duckdb } = (await import(named.duckdb)) as typeof duckdbEntry
const { postgres } = (await import(named.postgres)) as typeof postgresEntry
const { s3, s3File } = (await import(named.s3)) as typeof s3Entry
const arrow = (await import(named.arrow)) as typeof arrowEntry
const mining = (await import(named.mining)) as typeof miningEntry
const singer = (await import(named.singer)) as typeof singerEntry
const xlsx = (await import(named.xlsx)) as typeof xlsxEntry
const at = (name: string) => join(process.argv[2]!, name)
const digests: Record<string, string> = {}

const server = await startFakeOptimize({
  records: RECORDS,
  hostileValues: true,
  collections: { c: ['r1', 'r2'] },
  faults: [{ kind: 'drop', page: 2 }],
  oauth: { clientId: 'client', clientSecret: 'secret' },
})
equal(createSampleReports({ records: 1 }).reportId, 'order-to-cash')
const source = { baseUrl: server.url, reportId: server.reportId, accessToken: server.token, limit: 500 }
const idOf = (record: { processInstanceId?: unknown }) => record.processInstanceId

async function checkSource(): Promise<void> {
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

  const controller = new AbortController()
  const aborted = lib.exportStream({ ...source, signal: controller.signal }).once('data', () => controller.abort())
  await rejects(aborted.toArray(), { name: 'AbortError' })

  const reports: string[] = []
  for await (const id of lib.listReports({ ...pick(source), collectionId: 'c' })) reports.push(id)
  deepEqual(await lib.listNamedReports({ ...pick(source), collectionId: 'c' }), [
    { id: 'r1', name: 'Report r1', isCombined: false },
    { id: 'r2', name: 'Report r2', isCombined: false },
  ])
  deepEqual(lib.compareReceipts({}, {}), [])
  deepEqual(reports, ['r1', 'r2'])
}

/** Bodies that arrive in many reads of a socket, as they are and compressed: two pages while the sink keeps all chunks. */
async function checkLargeBodies(): Promise<void> {
  for (const gzip of [false, true]) {
    const large = await startFakeOptimize({ records: 2000, era: '8.6', gzip })
    const pages = { baseUrl: large.url, reportId: large.reportId, accessToken: large.token, limit: 1000 }
    const chunks = await lib.exportStream(pages).pipe(lib.toNdjson()).toArray()
    const lines = Buffer.concat(chunks as Buffer[])
      .toString()
      .trimEnd()
      .split('\n')
    deepEqual(
      lines.map((line) => idOf(JSON.parse(line) as library.ProcessRecord)),
      large.ids(),
    )
    const records = await lib.exportStream(pages).toArray()
    deepEqual(
      records,
      lines.map((line) => JSON.parse(line) as unknown),
    )
    await large.close()
  }
}

const pick = ({ baseUrl, accessToken }: { baseUrl: string; accessToken: string }) => ({ baseUrl, accessToken })

/** Web streams of records and of bytes, in and out. */
async function checkWebStreams(): Promise<void> {
  const records = () => Readable.toWeb(lib.exportStream(source)) as ReadableStream<library.ExportRecord>
  const reader = records().getReader()
  equal(typeof (await reader.read()).value?.['processInstanceId'], 'string')
  await reader.cancel()
  const text = new TransformStream<library.ExportRecord, Uint8Array>({
    transform: (record, controller) => controller.enqueue(Buffer.from(`${JSON.stringify(idOf(record))}\n`)),
  })
  await records()
    .pipeThrough(text)
    .pipeTo(Writable.toWeb(lib.atomicFile(at('web.txt'))) as WritableStream<Uint8Array>)
  equal(readFileSync(at('web.txt'), 'utf8').split('\n').length, RECORDS + 1)
  const bytes = Readable.toWeb(lib.exportStream(source).pipe(lib.toCsv({ columns: 'all' })))
  equal(await new Response(bytes as ReadableStream).text(), readFileSync(at('whole.csv'), 'utf8'))
}

async function checkFiles(): Promise<void> {
  const save = async (name: string, ...steps: (() => NodeJS.ReadWriteStream)[]) => {
    await pipeline([lib.exportStream(source), ...steps.map((step) => step()), lib.atomicFile(at(name))])
    digests[name] = createHash('sha256')
      .update(readFileSync(at(name)))
      .digest('hex')
  }
  // with a transform before the encoder, Parquet has no metadata of the export, such as its time
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
  await save('whole.xlsx', () => xlsx.toXlsx({ columns: 'all', timezone: 'Europe/Berlin', eventSheet: true }))
  await save('messages.jsonl', () => singer.toSinger({ stream: 'orders', version: 1, columns: 'all' }))
  await save('log.xes', () => mining.toXes())
  await save('log.jsonocel', () => mining.toOcel())
  await save(
    'celonis.csv',
    () => lib.flowNodeEvents({ naming: 'celonis' }),
    () => lib.toCsv({ preset: 'excel', locale: 'de' }),
  )
  await save('whole.parquet', between, () => lib.toParquet({ columns: 'all', inferTypes: true }))
  await save('map.parquet', between, () => lib.toParquet({ variables: 'map' }))
  await save('parquetjs.parquet', between, () => lib.toParquet({ columns: 'all', engine: 'parquetjs-lite' }))
  for (const name of ['whole', 'map', 'parquetjs'])
    match(readFileSync(at(`${name}.parquet`), 'latin1'), /^PAR1.*PAR1$/s)
  const lines = readFileSync(at('whole.ndjson'), 'utf8').trimEnd().split('\n')
  deepEqual(lines.map((line) => idOf(JSON.parse(line) as object)).sort(), [...server.ids()].sort())

  // the sizes depend on the versions of zlib and zstd, so prove.ts compares the rows
  for (const codec of lib.parquetCodecs)
    await pipeline(
      lib.exportStream(source),
      lib.toParquet({ columns: 'all', inferTypes: true, codec }),
      lib.atomicFile(at(`codec-${codec}.parquet`)),
    )

  const dataset = lib.toDataset({ path: at('dataset'), partitionBy: 'startDate:month' })
  await pipeline(lib.exportStream(source), dataset)
  equal(dataset.stats.rows, server.ids().length)

  const group = lib.atomicFiles([{ path: at('a.csv') }, { path: at('b.ndjson') }])
  const both = lib.exportStream(source)
  await Promise.all([pipeline(both, lib.toCsv(), group[0]!), pipeline(both, lib.toNdjson(), group[1]!)])
  equal(readFileSync(at('b.ndjson'), 'utf8'), readFileSync(at('whole.ndjson'), 'utf8'))
}

/** Each kind of report and each version of the server, in each format. */
async function checkKinds(): Promise<void> {
  for (const era of ['3.7', '8.6', '8.7', '8.8'] as const)
    for (const report of ['process', 'decision', 'map', 'hyperMap', 'number'] as const) {
      const { url, reportId, token, ...other } = await startFakeOptimize({ era, report, records: 20 })
      const options = { baseUrl: url, reportId, accessToken: token }
      for (const encoder of [lib.toCsv(), lib.toNdjson(), lib.toParquet()]) {
        await pipeline(lib.exportStream(options), encoder, lib.atomicFile(at('kind')))
        ok(encoder.stats.rows >= 1 && encoder.stats.bytes === readFileSync(at('kind')).length, `${era} ${report}`)
      }
      await other.close()
    }
}

/** The optional packages are not installed here, and the errors say how to install them. */
async function checkMissingPackages(): Promise<void> {
  const table = 'orders'
  for (const [into, name] of [
    [duckdb(at('a.duckdb')), '@duckdb/node-api'],
    [postgres('postgresql://etl@localhost/w'), 'pg pg-copy-streams'],
  ] as const) {
    const message = new RegExp(`npm install ${name}`)
    await rejects(lib.loadReport({ source, into, table }), { code: 'ERR_OPTION', message })
    await rejects(lib.compareReport({ source, into, table }), { code: 'ERR_OPTION', message })
    await rejects(lib.findLastLoad({ into, table }), { code: 'ERR_OPTION', message })
  }
  const message = /npm install @aws-sdk\/client-s3/
  await rejects(pipeline(lib.exportStream(source), arrow.toArrow({ columns: 'all' }), lib.atomicFile(at('a.arrows'))), {
    code: 'ERR_OPTION',
    message: /npm install apache-arrow/,
  })
  const file = lib.atomicFile('s3://lake/a.csv', { store: s3() })
  for (const stream of [s3File('s3://lake/a.csv'), file])
    await rejects(pipeline(lib.exportStream(source), lib.toCsv(), stream), { code: 'ERR_OPTION', message })
}

async function checkRest(): Promise<void> {
  const [record] = await lib.exportStream({ ...source, maxRecords: 1 }).toArray()
  equal(lib.flattenRecord(record!)['processInstanceId'], idOf(record!))
  ok(lib.flowNodeEventRows(record!).length > 0)
  ok(lib.profileColumns([record!]).some(({ name }) => name === 'processInstanceId'))
  for (const type of lib.parquetTypes) ok(lib.toParquet({ types: { a: type } }))
  match(lib.VERSION, /^\d+\.\d+\.\d+/)
  equal(lib.reportIdOf(`${server.url}/#/collection/c/report/r1/`), 'r1')
  equal(lib.collectionIdOf(`${server.url}/#/collection/c/`), 'c')
  throws(() => lib.toCsv({ delimitr: ';' } as object), lib.OptionError)
  await rejects(lib.exportStream({ ...source, accessToken: 'wrong' }).toArray(), (error) => {
    ok(error instanceof lib.ExportError)
    equal(error.code, 'ERR_AUTH')
    return true
  })
  const require = createRequire(import.meta.url)
  equal((require(named.library) as typeof library).exportStream, lib.exportStream)
  equal((require(named.testing) as typeof testing).startFakeOptimize, startFakeOptimize)
}

await checkSource()
await checkLargeBodies()
await checkFiles()
await checkWebStreams()
await checkKinds()
await checkMissingPackages()
await checkRest()
await server.close()
process.stdout.write(`${JSON.stringify(digests)}\n`)
