// The awkward files: written with the library, each with what a reader must find in it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import { atomicFile, exportStream, flowNodeEvents, toCsv, toNdjson, toParquet } from '../../../lib/index.js'
import type { CsvOptions, Encoder, ParquetOptions } from '../../../lib/index.js'
import { startFakeOptimize, type FakeOptimize, type FakeOptimizeOptions } from '../../../lib/testing/index.js'
import { cellsOf, tableOf, textsOf, type Column, type Expectation } from './expectation.js'
import { typedRows } from './typed-rows.js'

const nastyNames = [
  ...[
    'a.b',
    'a,b',
    '"quoted"',
    'line\nbreak',
    'tab\t',
    ' ',
    '=1+1',
    'ä€😀',
    'NULL',
    'select',
    'a/b',
    'a[0]',
    "it's",
    '%s',
  ],
  ...[
    '__proto__',
    'constructor',
    'amount',
    'Amount',
    'x'.repeat(300),
    '-1',
    '1',
    'variable:amount',
    'null',
    'root',
    'element',
  ],
]

/** Reports of the fake server, each written in all formats. */
const reports: Readonly<Record<string, FakeOptimizeOptions>> = {
  'process, 0 records': { records: 0 },
  'process, 1 record': { records: 1 },
  'process, hostile values': { records: 400, hostileValues: true },
  'process, object variables': { records: 300, objectVariables: 'json' },
  'process, late variables': { records: 300, lateVariables: { at: 220, names: ['late'] } },
  'process, 300 variables': { records: 150, variables: 300 },
  'process, nasty names': { records: 120, variableNames: nastyNames, hostileValues: true },
  'process of 3.7': { records: 200, era: '3.7' },
  decisions: { records: 300, report: 'decision', hostileValues: true },
  map: { records: 40, report: 'map' },
}

type Json = Record<string, unknown>

/** Writes all files into the folder. */
export async function writeFiles(folder: string): Promise<Expectation[]> {
  const files: Expectation[] = []
  const add = (file: Omit<Expectation, 'path'>, write: (path: string) => Promise<void>) => {
    const path = join(folder, `${files.length}.${file.format}`)
    files.push({ ...file, path })
    return write(path)
  }
  await addTyped(add)
  for (const [name, options] of Object.entries(reports)) await addReport(add, name, options)
  await addGroups(add)
  await addMap(add)
  await addEvents(add)
  return files
}

type Add = (file: Omit<Expectation, 'path'>, write: (path: string) => Promise<void>) => Promise<void>

async function addTyped(add: Add): Promise<void> {
  // Node has it from 22.15 on
  const hasZstd = 'zstdCompressSync' in zlib
  const written: readonly ParquetOptions[] = [
    ...(['snappy', 'gzip', 'uncompressed', ...(hasZstd ? (['zstd'] as const) : [])] as const).map((codec) => ({
      codec,
    })),
    { engine: 'parquetjs-lite', codec: 'snappy' },
    { engine: 'parquetjs-lite', codec: 'gzip' },
  ]
  for (const options of written)
    for (const rows of [1, 2000]) {
      const { given, types, columns, expected } = typedRows(rows)
      const name = `every type, every null pattern, ${rows} row(s), ${options.codec} ${options.engine ?? ''}`.trim()
      await add(
        { name, format: 'parquet', columns, rows: expected, filtered: rows > 1 && options.codec === 'snappy' },
        (path) =>
          pipeline(
            Readable.from(given),
            toParquet({ ...options, types, columns: 'all', rowGroupRows: 600 }),
            atomicFile(path),
          ),
      )
    }
}

async function withServer(
  options: FakeOptimizeOptions,
  work: (server: FakeOptimize, records: Json[]) => Promise<void>,
) {
  const server = await startFakeOptimize({ maxContexts: 10_000, ...options })
  try {
    await work(server, await recordsOf(server))
  } finally {
    await server.close()
  }
}

/** The records of the report as its answers have them, read without the library. */
async function recordsOf(server: FakeOptimize): Promise<Json[]> {
  const records: Json[] = []
  let cursor: string | undefined
  for (;;) {
    const query = new URLSearchParams({ limit: '1000', ...(cursor === undefined ? {} : { searchRequestId: cursor }) })
    const headers = { authorization: `Bearer ${server.token}`, 'x-optimize-client-timezone': 'UTC' }
    const response = await fetch(
      `${server.url}/api/public/export/report/${server.reportId}/result/json?${query.toString()}`,
      {
        headers,
      },
    )
    const page = (await response.json()) as { data: Json[]; searchRequestId?: string; totalNumberOfRecords: number }
    records.push(...page.data)
    cursor = page.searchRequestId
    if (page.data.length === 0 || records.length >= page.totalNumberOfRecords) return records
  }
}

const write = (server: FakeOptimize, encoder: Encoder) => (path: string) =>
  pipeline(
    exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token }),
    encoder,
    atomicFile(path),
  )

const processFields = [
  ...['processDefinitionKey', 'processDefinitionId', 'processInstanceId', 'businessKey', 'startDate', 'endDate'],
  ...['duration', 'engineName', 'tenantId'],
]

/** The columns of a file without records: the nine fields that every version documents. */
const documented = (typed: boolean): Column[] =>
  processFields.map((name) => {
    const type = name.endsWith('Date') ? 'timestamp' : name === 'duration' ? 'int64' : 'string'
    return { name, type: typed ? type : 'string' }
  })

async function addReport(add: Add, name: string, options: FakeOptimizeOptions): Promise<void> {
  await withServer(options, async (server, records) => {
    const typed =
      records.length === 0 ? { columns: documented(true), rows: [] } : tableOf(records.map((one) => cellsOf(one)))
    const texts = records.length === 0 ? { columns: documented(false), rows: [] } : tableOf(records.map(textsOf), '')
    await add(
      { name, format: 'parquet', ...typed, filtered: records.length > 100 && typed.columns.length < 100 },
      write(server, toParquet({ columns: 'all' })),
    )
    await add({ name, format: 'csv', ...texts }, write(server, toCsv({ columns: 'all' })))
    const excel: CsvOptions = { columns: 'all', delimiter: ';', eol: '\r\n', quote: 'always', bom: true }
    await add(
      { name: `${name}, all quoted, ;, CRLF, BOM`, format: 'csv', ...texts, delimiter: ';' },
      write(server, toCsv(excel)),
    )
    const whole = {
      columns: [{ name: 'record', type: 'json' }],
      rows: records.map((one) => [JSON.stringify(one)]),
    } as const
    const mixed = options.objectVariables === 'json'
    await add({ name, format: 'ndjson', ...whole, mixed }, write(server, toNdjson()))
  })
}

async function addGroups(add: Add): Promise<void> {
  await withServer({ records: 3000, variables: 4, flowNodes: 2 }, (server, records) =>
    add(
      {
        name: 'process, 100 row groups',
        format: 'parquet',
        ...tableOf(records.map((one) => cellsOf(one))),
        filtered: true,
      },
      write(server, toParquet({ columns: 'all', rowGroupRows: 30 })),
    ),
  )
}

async function addMap(add: Add): Promise<void> {
  for (const codec of ['snappy', 'gzip'] as const)
    await withServer({ records: 200, variableNames: nastyNames, flowNodes: 2 }, (server, records) =>
      add(
        {
          name: `variables as a map, ${codec}`,
          format: 'parquet',
          ...tableOf(records.map((one) => cellsOf(one, 'map'))),
        },
        write(server, toParquet({ columns: 'all', variables: 'map', codec })),
      ),
    )
}

/** One row per flow-node instance. */
async function addEvents(add: Add): Promise<void> {
  await withServer({ records: 300 }, async (server, records) => {
    const names = [
      'processInstanceId',
      'flowNodeInstanceId',
      'flowNodeName',
      'startDate',
      'endDate',
      'variable:country',
    ]
    const events = records.flatMap((record) =>
      (record['flowNodeInstances'] as Json[]).map((node): unknown[] => [
        ...[record['processInstanceId'], node['id'], node['name'], node['startDate'], node['endDate']],
        (record['variables'] as Json)['country'],
      ]),
    )
    const typed = events.map((cells) => cells.map((cell, at) => (at === 3 || at === 4 ? instant(cell) : cell)))
    const texts = events.map((cells) => cells.map((cell) => cell ?? ''))
    const source = () => exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token })
    const writeEvents = (encoder: Encoder) => (path: string) =>
      pipeline(source(), flowNodeEvents({ fields: ['variable:country'] }), encoder, atomicFile(path))
    const columns = names.map((name): Column => ({ name, type: name.endsWith('Date') ? 'timestamp' : 'string' }))
    const file = { name: 'event log', rows: typed, columns, filtered: true }
    await add({ ...file, format: 'parquet' }, writeEvents(toParquet({ columns: 'all' })))
    const textColumns = names.map((name): Column => ({ name, type: 'string' }))
    await add(
      { name: 'event log', format: 'csv', columns: textColumns, rows: texts },
      writeEvents(toCsv({ columns: 'all' })),
    )
  })
}

const instant = (cell: unknown) => (typeof cell === 'string' ? Date.parse(cell) : null)

/** Writes down what the files hold, for the readers. */
export async function writeManifest(path: string, files: readonly Expectation[]): Promise<void> {
  await writeFile(path, JSON.stringify(files))
}
