// Writes unusual files with the library, each with the cells that a reader must find in it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomicFile, exportStream, flowNodeEvents, toCsv, toNdjson, toParquet } from '../../../lib/index.js'
import type { CsvOptions, Encoder, ParquetOptions, ParquetType } from '../../../lib/index.js'
import { startFakeOptimize, type FakeOptimize, type FakeOptimizeOptions } from '../../../lib/testing/index.js'
import { cellsOf, escaped, tableOf, textsOf, type Column, type Expectation, type Table } from './expectation.js'
import { exactRows, typedRows } from './typed-rows.js'

const unusualNames = [
  ...['a.b', 'a,b', '"quoted"', 'line\nbreak', 'tab\t', ' ', '=1+1', 'ä€😀', 'NULL', 'select', 'a/b', 'a[0]', "it's"],
  ...['%s', '__proto__', 'constructor', 'amount', 'Amount', 'x'.repeat(300), '-1', '1', 'variable:amount', 'null'],
  ...['root', 'element', 'key', 'value', 'a`b', '{a}', 'a;b', 'a\\b', ''],
]

/** Reports of the fake server, each written in all formats. */
const reports: Readonly<Record<string, FakeOptimizeOptions>> = {
  'process, 0 records': { records: 0 },
  'process, 1 record': { records: 1 },
  'process, hostile values': { records: 400, hostileValues: true },
  'process, object variables': { records: 300, objectVariables: 'json' },
  'process, late variables': { records: 300, lateVariables: { at: 220, names: ['late'] } },
  'process, 300 variables': { records: 150, variables: 300 },
  'process, unusual names': { records: 120, variableNames: unusualNames, hostileValues: true },
  'process of 3.7': { records: 200, era: '3.7' },
  'process of 8.8, ids of 16 digits': { records: 200, era: '8.8' },
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
  await addExact(add)
  for (const [name, options] of Object.entries(reports)) await addReport(add, name, options)
  await addTypedVariables(add)
  await addGroups(add)
  await addMap(add)
  await addEvents(add)
  return files
}

type Add = (file: Omit<Expectation, 'path'>, write: (path: string) => Promise<void>) => Promise<void>

const parquetVariants: readonly ParquetOptions[] = [
  ...(['snappy', 'gzip', 'zstd', 'uncompressed'] as const).map((codec) => ({ codec })),
  ...(['snappy', 'gzip', 'uncompressed'] as const).map((codec) => ({ engine: 'parquetjs-lite', codec }) as const),
]

async function addTyped(add: Add): Promise<void> {
  for (const options of parquetVariants)
    for (const rows of [0, 1, 2000]) {
      const { given, types, columns, expected } = typedRows(rows)
      const name = `every type, every null pattern, ${rows} row(s), ${options.codec} ${options.engine ?? ''}`.trim()
      await add(
        { name, format: 'parquet', columns, rows: expected, filtered: rows > 1 && options.codec === 'snappy' },
        (path) =>
          pipeline(
            Readable.from(given),
            // without a row, only the columns that are named exist
            toParquet({ ...options, types, columns: rows > 0 ? 'all' : Object.keys(types), rowGroupRows: 600 }),
            atomicFile(path),
          ),
      )
    }
}

async function addExact(add: Add): Promise<void> {
  for (const codec of ['snappy', 'zstd'] as const)
    for (const rows of [0, 1, 2000]) {
      const { given, types, columns, expected } = exactRows(rows)
      await add(
        {
          name: `dates and decimals, every null pattern, ${rows} row(s), ${codec}`,
          format: 'parquet',
          columns,
          rows: expected,
          filtered: rows > 1 && codec === 'snappy',
        },
        (path) =>
          pipeline(
            Readable.from(given),
            toParquet({ codec, types, columns: Object.keys(types), rowGroupRows: 600 }),
            atomicFile(path),
          ),
      )
    }
}

async function withServer(
  options: FakeOptimizeOptions,
  work: (server: FakeOptimize, records: readonly Json[], digits: readonly Json[]) => Promise<void>,
) {
  const server = await startFakeOptimize({ maxContexts: 10_000, ...options })
  try {
    const { records, digits } = await recordsOf(server)
    await work(server, records, digits)
  } finally {
    await server.close()
  }
}

interface Page {
  readonly data: readonly Json[]
  readonly searchRequestId?: string
  readonly totalNumberOfRecords: number
}

/** Reads the records of the report without the library. In `digits` each number in a `value` is a text. */
async function recordsOf(server: FakeOptimize): Promise<{ records: Json[]; digits: Json[] }> {
  const records: Json[] = []
  const digits: Json[] = []
  let cursor: string | undefined
  for (;;) {
    const query = new URLSearchParams({ limit: '1000', ...(cursor === undefined ? {} : { searchRequestId: cursor }) })
    const headers = { authorization: `Bearer ${server.token}`, 'x-optimize-client-timezone': 'UTC' }
    const response = await fetch(
      `${server.url}/api/public/export/report/${server.reportId}/result/json?${query.toString()}`,
      { headers },
    )
    const text = await response.text()
    const page = JSON.parse(text) as Page
    records.push(...page.data)
    digits.push(...(JSON.parse(text.replaceAll(/"value":(-?\d[\d.eE+-]*)/g, '"value":"$1"')) as Page).data)
    cursor = page.searchRequestId
    if (page.data.length === 0 || records.length >= page.totalNumberOfRecords) return { records, digits }
  }
}

const sourceOf = (server: FakeOptimize) =>
  exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token })

const write = (server: FakeOptimize, encoder: Encoder) => (path: string) =>
  pipeline(sourceOf(server), encoder, atomicFile(path))

const processFields = [
  ...['processDefinitionKey', 'processDefinitionId', 'processInstanceId', 'businessKey', 'startDate', 'endDate'],
  ...['duration', 'engineName', 'tenantId'],
]

const isDate = (name: string) => name.endsWith('Date')

/** The nine fields that every version documents, for a file without records. */
const documented: readonly Column[] = processFields.map((name) => ({
  name,
  type: isDate(name) ? 'timestamp' : name === 'duration' ? 'int64' : 'string',
}))

const textsOnly = (columns: readonly Column[]) => columns.map(({ name }): Column => ({ name, type: 'string' }))

async function addReport(add: Add, name: string, options: FakeOptimizeOptions): Promise<void> {
  await withServer(options, async (server, records, digits) => {
    const none = records.length === 0
    const typed = none ? { columns: documented, rows: [] } : tableOf(records.map((one) => cellsOf(one)))
    const texts = none ? { columns: textsOnly(documented), rows: [] } : tableOf(digits.map(textsOf), '')
    const csv = { format: 'csv', ...texts, typed } as const
    await add(
      { name, format: 'parquet', ...typed, filtered: records.length > 100 && typed.columns.length < 100 },
      write(server, toParquet({ columns: 'all' })),
    )
    await add({ ...csv, name }, write(server, toCsv({ columns: 'all' })))
    const excel: CsvOptions = { columns: 'all', delimiter: ';', eol: '\r\n', quote: 'always', bom: true }
    await add(
      { ...csv, name: `${name}, all quoted, ;, CRLF, BOM`, delimiter: ';', quoted: true },
      write(server, toCsv(excel)),
    )
    if (options.hostileValues)
      await add(
        { ...csv, ...escapedTable(texts), typed: undefined, name: `${name}, one line per row`, oneLine: true },
        write(server, toCsv({ columns: 'all', lineBreaks: 'escape' })),
      )
    const whole = {
      columns: [{ name: 'record', type: 'json' }],
      rows: records.map((one) => [JSON.stringify(one)]),
    } as const
    await add({ name, format: 'ndjson', ...whole }, write(server, toNdjson()))
  })
}

const escapedTable = ({ columns, rows }: Table): Table => ({
  columns: columns.map(({ name }) => ({ name: escaped(name), type: 'string' })),
  rows: rows.map((row) => row.map((cell) => escaped(String(cell)))),
})

/** The types of the generated variables whose values all have that type. */
const variableTypes = {
  amount: 'double',
  approved: 'boolean',
  itemCount: 'int64',
  priority: 'int64',
  dueDate: 'timestamp',
} as const satisfies Record<string, ParquetType>
type VariableType = (typeof variableTypes)[keyof typeof variableTypes]

/** Adds files in which the types of variables are declared or inferred; `''` is null in columns of these types. */
async function addTypedVariables(add: Add): Promise<void> {
  await withServer({ records: 500 }, async (server, records) => {
    const { columns, rows } = tableOf(records.map((one) => cellsOf(one)))
    const typeOf = ({ name }: Column) => (variableTypes as Readonly<Record<string, VariableType>>)[name.slice(9)]
    const table = {
      columns: columns.map((column) => ({ ...column, type: typeOf(column) ?? column.type })),
      rows: rows.map((row) => row.map((cell, at) => valueOf(cell, typeOf(columns[at]!)))),
    }
    const types = Object.fromEntries(Object.entries(variableTypes).map(([name, type]) => [`variable:${name}`, type]))
    for (const [how, options] of Object.entries({ declared: { types }, inferred: { inferTypes: true } }))
      await add(
        { name: `types of variables, ${how}`, format: 'parquet', ...table, filtered: true },
        write(server, toParquet({ columns: 'all', codec: 'zstd', rowGroupRows: 100, ...options })),
      )
  })
}

function valueOf(cell: unknown, type: VariableType | undefined): unknown {
  if (type === undefined) return cell
  if (cell === '' || cell === null) return null
  if (type === 'boolean') return cell === 'true'
  if (type === 'timestamp') return Date.parse(cell as string)
  return type === 'double' ? Number(cell) : cell
}

async function addGroups(add: Add): Promise<void> {
  await withServer({ records: 3000, variables: 4, flowNodes: 2 }, async (server, records) => {
    const table = tableOf(records.map((one) => cellsOf(one)))
    for (const codec of ['snappy', 'zstd'] as const)
      await add(
        { name: `process, 100 row groups, ${codec}`, format: 'parquet', ...table, filtered: codec === 'snappy' },
        write(server, toParquet({ columns: 'all', codec, rowGroupRows: 30 })),
      )
  })
}

async function addMap(add: Add): Promise<void> {
  for (const codec of ['snappy', 'gzip', 'zstd', 'uncompressed'] as const)
    for (const [names, options] of Object.entries({
      'unusual names': { records: 200, variableNames: unusualNames, hostileValues: true },
      'late variables': { records: 300, lateVariables: { at: 220, names: ['late'] } },
    }))
      await withServer({ ...options, flowNodes: 2 }, (server, records) =>
        add(
          {
            name: `variables as a map, ${names}, ${codec}`,
            format: 'parquet',
            ...tableOf(records.map((one) => cellsOf(one, 'map'))),
          },
          write(server, toParquet({ columns: 'all', variables: 'map', codec, rowGroupRows: 70 })),
        ),
      )
}

const eventColumns: readonly Column[] = [
  ...['processInstanceId', 'flowNodeInstanceId', 'flowNodeName', 'startDate', 'endDate', 'variable:country'],
].map((name) => ({ name, type: isDate(name) ? 'timestamp' : 'string' }))

/** Adds files of event logs: one row per flow-node instance. */
async function addEvents(add: Add): Promise<void> {
  for (const count of [300, 1, 0])
    await withServer({ records: count }, async (server, records) => {
      const name = `event log of ${count} instances`
      const events = records.flatMap((record) =>
        (record['flowNodeInstances'] as Json[]).map((node): unknown[] => [
          ...[record['processInstanceId'], node['id'], node['name'], node['startDate'], node['endDate']],
          (record['variables'] as Json)['country'],
        ]),
      )
      const rows = events.map((cells) =>
        cells.map((cell, at) => (isDate(eventColumns[at]!.name) ? instant(cell) : cell)),
      )
      const texts = events.map((cells) => cells.map((cell) => cell ?? ''))
      const writeEvents = (encoder: Encoder) => (path: string) =>
        pipeline(sourceOf(server), flowNodeEvents({ fields: ['variable:country'] }), encoder, atomicFile(path))
      for (const options of count > 1 ? parquetVariants : parquetVariants.slice(0, 1))
        await add(
          {
            name: `${name}, ${options.codec} ${options.engine ?? ''}`.trim(),
            format: 'parquet',
            ...{ columns: eventColumns, rows, filtered: count > 1 && options.codec === 'snappy' },
          },
          writeEvents(toParquet({ columns: 'all', ...options })),
        )
      await add(
        { name, format: 'csv', columns: textsOnly(eventColumns), rows: texts, typed: { columns: eventColumns, rows } },
        writeEvents(toCsv({ columns: 'all' })),
      )
      const objects = events.map((cells) => [
        JSON.stringify(Object.fromEntries(cells.map((cell, at) => [eventColumns[at]!.name, cell]))),
      ])
      await add(
        { name, format: 'ndjson', columns: [{ name: 'record', type: 'json' }], rows: objects },
        writeEvents(toNdjson()),
      )
    })
}

const instant = (cell: unknown) => (typeof cell === 'string' ? Date.parse(cell) : null)

/** Writes the manifest, from which the readers learn the expected cells of the files. */
export async function writeManifest(path: string, files: readonly Expectation[]): Promise<void> {
  await writeFile(path, JSON.stringify(files))
}
