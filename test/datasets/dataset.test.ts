import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import {
  exportStream,
  flowNodeEvents,
  toDataset,
  toParquet,
  type DatasetWarning,
  type WrittenReceipt,
} from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { listFiles, readManifestFile, verifyManifest } from '../support/readers/dataset-folder.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { holdDiskCall } from '../support/machine/hold-disk-call.js'
import { createExport } from '../support/encode/encode-both-ways.js'
import { createInstance } from '../support/loads/instances.js'
import { renderPage } from '../support/random/hostile-pages.js'
import { readWithDuckdb } from '../support/readers/read-parquet.js'

async function startExport(t: Test, options: FakeOptimizeOptions) {
  const server = await startFakeOptimize(options)
  t.teardown(() => server.close())
  return () => exportStream({ baseUrl: server.url, accessToken: server.token, reportId: server.reportId, limit: 100 })
}

type TestRecord = Record<string, unknown>

/** Writes records as objects, and returns the warnings. */
async function write(path: string, records: readonly TestRecord[], options: object = {}): Promise<DatasetWarning[]> {
  const dataset = toDataset({ path, ...options })
  const warnings: DatasetWarning[] = []
  dataset.on('warning', (warning) => warnings.push(warning))
  await pipeline(Readable.from(records), dataset)
  return warnings
}

const readText = (folder: string) =>
  Object.fromEntries(
    listFiles(folder).map((name) => [name.replace(/-\d{8}t.*?\./, '.'), readFileSync(join(folder, name), 'utf8')]),
  )

const month = (index: number) => `2026-0${1 + (index % 3)}-15T10:00:00.000+0000`
const instances = (count: number, fields: (index: number) => TestRecord = () => ({})) =>
  Array.from({ length: count }, (_, index) =>
    createInstance(`id-${index}`, { startDate: month(index), ...fields(index) }),
  )

t.test('a dataset waits until one that was destroyed has released its folder', async (t) => {
  const path = join(t.testdir({}), 'dataset')
  const first = toDataset({ path, format: 'csv' })
  await new Promise((resolve) => first.write({ a: 1 }, resolve))
  const { reached, proceed } = holdDiskCall(t, 'readdir')
  first.destroy()
  await reached
  const second = write(path, [{ a: 2 }], { format: 'csv' })
  await drainEventLoopTurns()
  proceed()
  await second
  t.strictSame(Object.values(readText(path)).at(-1), 'a\n2\n')
})

t.test('a dataset has the rows and types of a single file, from pages and from records', async (t) => {
  const source = await startExport(t, { records: 500, hostileValues: true })
  const folder = t.testdir({})
  const encoder = { inferTypes: true, omit: ['variable:amount'] } as const
  await pipeline(source(), toParquet({ ...encoder, columns: 'all' }), createWriteStream(join(folder, 'one.parquet')))
  const one = await readWithDuckdb(join(folder, 'one.parquet'), 'SELECT * FROM file ORDER BY processInstanceId')
  for (const [name, records] of [
    ['pages', source()],
    ['records', source().map((record: object) => record)],
  ] as const) {
    const path = join(folder, name)
    const dataset = toDataset({ path, partitionBy: 'startDate:month', encoder })
    await pipeline(records, dataset)
    const sql = 'SELECT * EXCLUDE (startdate_month) FROM file ORDER BY processInstanceId'
    const all = await readWithDuckdb(`${path}/*/*.parquet`, sql)
    t.strictSame([all.names, all.types, all.rows], [one.names, one.types, one.rows], name)
    t.equal(verifyManifest(path), 500)
    t.match(dataset.stats, { rows: 500, columns: one.names.length, files: dataset.stats.partitions })
    const wrong = await readWithDuckdb(
      `${path}/*/*.parquet`,
      "SELECT count(*) FROM file WHERE strftime(startDate, '%Y-%m') <> startdate_month",
    )
    t.strictSame(wrong.rows, [[0n]])
  }
})

t.test('all files have the columns and types of all records', async (t) => {
  const folder = t.testdir({})
  const records = instances(6, (index) => ({
    variables: index < 3 ? { a: '1' } : { a: index === 5 ? 'x' : '2', [`b${index}`]: '7' },
  }))
  await write(folder, records, {
    partitionBy: 'startDate:month',
    fileRows: 1,
    encoder: { inferTypes: true, pick: ['processInstanceId', 'variables'] },
  })
  const files = listFiles(folder).filter((name) => name.endsWith('.parquet'))
  t.equal(files.length, 6)
  const types = new Set<string>()
  for (const file of files) {
    const { names, types: found } = await readWithDuckdb(join(folder, file))
    types.add(JSON.stringify([names, found]))
  }
  t.strictSame(
    [...types].map((text) => JSON.parse(text) as unknown),
    [
      [
        ['processInstanceId', 'variable:a', 'variable:b3', 'variable:b4', 'variable:b5', 'startdate_month'],
        ['VARCHAR', 'VARCHAR', 'BIGINT', 'BIGINT', 'BIGINT', 'VARCHAR'],
      ],
    ],
  )
})

t.test('each CSV file has the columns of all records, an NDJSON file the picked fields, also with gzip', async (t) => {
  const folder = t.testdir({})
  const records = instances(3, (index) => ({ variables: { [`v${index}`]: index } }))
  const encoder = { pick: ['processInstanceId', 'variables'] }
  const partitionBy = 'startDate:month'
  await write(join(folder, 'csv'), records, { format: 'csv', partitionBy, encoder })
  t.strictSame(
    Object.entries(readText(join(folder, 'csv'))).slice(1),
    [0, 1, 2].map((index) => [
      `startdate_month=2026-0${index + 1}/part-0000${index}.csv`,
      `processInstanceId,variable:v0,variable:v1,variable:v2\nid-${index},${[0, 1, 2].map((at) => (at === index ? at : '')).join(',')}\n`,
    ]),
  )
  await write(join(folder, 'nd'), records, { format: 'ndjson', gzip: true, encoder: { pick: ['variable:v0'] } })
  const [name] = listFiles(join(folder, 'nd')).filter((name) => name.endsWith('.ndjson.gz'))
  t.equal(
    gunzipSync(readFileSync(join(folder, 'nd', name!))).toString(),
    '{"variables":{"v0":0}}\n{"variables":{}}\n{"variables":{}}\n',
  )
  t.equal(readManifestFile(join(folder, 'nd'))!.schema, undefined)
  t.equal(verifyManifest(join(folder, 'nd')), 3)
  await write(join(folder, 'nd'), records, { format: 'ndjson', partitionBy, encoder: { pick: ['variable:v0'] } })
  t.equal(verifyManifest(join(folder, 'nd')), 3, 'a partition without the picked name is not an error')
})

t.test('a partition column without a period is in the folders and not in the files', async (t) => {
  const folder = t.testdir({})
  const records = instances(4, (index) => ({ tenantId: ['a/b', null, '', 'a/b'][index] }))
  await write(folder, records, {
    format: 'csv',
    partitionBy: ['tenantId', 'startDate:year'],
    encoder: { pick: ['processInstanceId', 'tenantId'] },
  })
  t.strictSame(Object.entries(readText(folder)).slice(1), [
    ['tenantid=__HIVE_DEFAULT_PARTITION__/startdate_year=2026/part-00000.csv', 'processInstanceId\nid-1\nid-2\n'],
    ['tenantid=a%2Fb/startdate_year=2026/part-00001.csv', 'processInstanceId\nid-0\nid-3\n'],
  ])
  t.match(readManifestFile(folder), {
    partitionBy: ['tenantId', 'startDate:year'],
    partitionColumns: ['tenantid', 'startdate_year'],
    files: [{ partition: { tenantid: null, startdate_year: '2026' } }, { partition: { tenantid: 'a/b' } }],
  })
})

t.test('replace removes the files of the run before and empty folders, and nothing else', async (t) => {
  const folder = t.testdir({ 'foreign.parquet': 'x', 'startdate_month=2026-02': { 'mine.txt': 'y' } })
  const receipts: WrittenReceipt[] = []
  const options = {
    partitionBy: 'startDate:month',
    receipt: () => ({ reportId: 'r' }),
    onReceipt: (receipt: WrittenReceipt) => receipts.push(receipt),
  }
  await write(folder, instances(9), options)
  const before = listFiles(folder)
  await write(folder, instances(1), options)
  const after = listFiles(folder)
  t.equal(before.length, 6)
  t.equal(after.length, 4)
  t.strictSame(
    after.filter((name) => before.includes(name)),
    ['_manifest.json', 'foreign.parquet', 'startdate_month=2026-02/mine.txt'],
  )
  t.notOk(existsSync(join(folder, 'startdate_month=2026-03')))
  t.equal(verifyManifest(folder), 1)
  t.match(
    receipts.map(({ path, content }) => [path, content['rows'], content['reportId']]),
    [
      [join(folder, '_manifest.json'), 9, 'r'],
      [join(folder, '_manifest.json'), 1, 'r'],
    ],
  )
})

t.test('the files of a dataset have a map of the picked variables, also those that are appended', async (t) => {
  const folder = join(t.testdir({}), 'maps')
  const options = { mode: 'append', encoder: { variables: 'map', pick: ['processInstanceId', 'variable:n'] } }
  for (const n of ['1', '2'])
    await write(
      folder,
      instances(1, () => ({ variables: { n, m: 'x' } })),
      options,
    )
  const files = readManifestFile(folder)!.files.map(({ path }) => path)
  const rows = await Promise.all(files.map(async (name) => (await readWithDuckdb(join(folder, name))).rows))
  t.strictSame(
    rows.map(([row]) => row),
    [
      ['id-0', [{ key: 'n', value: '1' }]],
      ['id-0', [{ key: 'n', value: '2' }]],
    ],
  )
})

t.test('append adds files with the earlier schema; records and options that do not fit it are refused', async (t) => {
  const folder = t.testdir({})
  const options = { partitionBy: 'startDate:month', mode: 'append', encoder: { inferTypes: true } }
  await write(
    folder,
    instances(3, () => ({ variables: { a: '1', b: 'x' } })),
    options,
  )
  await write(
    folder,
    instances(3, () => ({ variables: { a: '2' } })),
    options,
  )
  t.match(readManifestFile(folder), { rows: 6, run: { mode: 'append', rows: 3, files: 3 } })
  t.equal(verifyManifest(folder), 6)
  const { rows } = await readWithDuckdb(
    `${folder}/*/*.parquet`,
    'SELECT sum("variable:a")::INT, count("variable:b")::INT FROM file',
  )
  t.strictSame(rows, [[9, 3]])
  const files = listFiles(folder)
  const expectFailure = (records: TestRecord[], code: string, message: RegExp, others: object = {}) =>
    t.rejects(write(folder, records, { ...options, ...others }), { code, message })
  await expectFailure(
    instances(1, () => ({ variables: { a: '1', c: 1, d: 2 } })),
    'ERR_SCHEMA_CHANGE',
    /the dataset has no column "variable:c" and 1 more; use mode 'replace'/,
  )
  await expectFailure(
    instances(1, () => ({ variables: { c: 1 } })),
    'ERR_SCHEMA_CHANGE',
    /no column "variable:c"; use mode 'replace'/,
  )
  await expectFailure(
    instances(1, () => ({ variables: { a: '1.5' } })),
    'ERR_CELL_TYPE',
    /./,
  )
  await expectFailure(instances(1), 'ERR_SCHEMA_CHANGE', /format: the dataset has "parquet", got "csv"/, {
    format: 'csv',
    encoder: {},
  })
  await expectFailure(instances(1), 'ERR_SCHEMA_CHANGE', /partitionBy: the dataset has \["startDate:month"\]/, {
    partitionBy: 'startDate:day',
  })
  t.strictSame(listFiles(folder), files)
  const csv = join(folder, 'csv')
  await write(
    csv,
    instances(1, () => ({ variables: { a: 1 } })),
    { format: 'csv', mode: 'append' },
  )
  await write(csv, instances(1), { format: 'csv', mode: 'append' })
  const headers = Object.values(readText(csv))
    .slice(1)
    .map((text) => text.split('\n')[0]!)
  t.equal(new Set(headers).size, 1, 'the header is the same without the variable')
  const nd = join(folder, 'nd')
  for (const index of [0, 1])
    await write(nd, instances(1), { format: 'ndjson', mode: index === 0 ? 'replace' : 'append' })
  t.equal(verifyManifest(nd), 2)
})

t.test('a dataset counts each cell that is left out', async (t) => {
  const folder = t.testdir({})
  const data = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: index, old: 'x', a: `a${index}`, b: index < 2 ? null : 'b' }))
  const typesFrom = ['id', 'old'].map((name) => ({ name, type: 'string', chosen: 'known' }) as const)
  const encoder = { columns: 'sample', typesFrom, lateColumns: 'drop' } as const
  let receiptStats: unknown
  const dataset = toDataset({
    path: folder,
    fileRows: 2,
    encoder,
    receipt: () => ({ stats: (receiptStats = { ...dataset.stats }) }),
  })
  await pipeline(Readable.from(data(5)), dataset)
  t.match(dataset.stats, { rows: 5, files: 3, lateColumns: 2, droppedCells: 8 })
  t.match(receiptStats, { lateColumns: 2, droppedCells: 8 }, 'the receipt has the same figures')
  const appended = toDataset({ path: folder, mode: 'append', encoder: { columns: 'sample', lateColumns: 'drop' } })
  await pipeline(Readable.from(data(4)), appended)
  t.match(appended.stats, { rows: 4, lateColumns: 2, droppedCells: 6 })
})

t.test('append refuses columns and texts that the files of the dataset do not have', async (t) => {
  const records = instances(3, (index) => ({ variables: { a: index, 'b c': 'x' } }))
  const refusals: readonly (readonly [earlier: object, now: object, message: RegExp])[] = [
    [
      {},
      { naming: 'snake' },
      /the dataset has the column "processDefinitionKey", got the name "process_definition_key"/,
    ],
    [{}, { omit: ['variable:a'] }, /the dataset has the column "variable:a", which this run leaves out/],
    [{}, { columns: ['startDate'] }, /the dataset has the column "processDefinitionKey", which this run leaves out/],
    [
      { naming: 'snake' },
      {},
      /the dataset has the column "process_definition_key", got the name "processDefinitionKey"/,
    ],
  ]
  const csvRefusals: typeof refusals = [
    [{}, { naming: 'snake' }, /got the name "process_definition_key"/],
    [{}, { omit: ['variable:a'] }, /"variable:a", which this run leaves out/],
    [{}, { delimiter: ';' }, /encoder\.delimiter: the dataset has ",", got ";"; use mode 'replace', or the same value/],
    [{ delimiter: ';' }, {}, /encoder\.delimiter: the dataset has ";", got ","/],
    [{}, { header: false }, /encoder\.header: the dataset has true, got false/],
    [{}, { nullValue: 'NULL' }, /encoder\.nullValue: the dataset has "", got "NULL"/],
    [{}, { quote: 'always' }, /encoder\.quote: the dataset has "minimal", got "always"/],
    [
      { preset: 'excel' },
      { bom: true, eol: '\r\n', formulaGuard: true },
      /encoder\.preset: the dataset has "excel", got nothing/,
    ],
    [{}, { stringify: { quoted: true } }, /encoder\.stringify: the dataset has nothing, got \{"quoted":true\}/],
  ]
  for (const [format, list] of Object.entries({ parquet: refusals, csv: csvRefusals }))
    for (const [earlier, now, message] of list) {
      const folder = t.testdir({})
      await write(folder, records, { format, encoder: earlier })
      const files = listFiles(folder)
      const append = (encoder: object) => write(folder, records, { format, mode: 'append', encoder })
      await t.rejects(append(now), { code: 'ERR_SCHEMA_CHANGE', message }, JSON.stringify(now))
      t.strictSame(listFiles(folder), files)
      await append(earlier)
      t.equal(verifyManifest(folder), 6)
    }
})

t.test('append refuses other names of partitions, and another format', async (t) => {
  const folder = t.testdir({})
  const options = { partitionBy: 'startDate:month', format: 'csv' }
  await write(folder, instances(3), options)
  const append = (others: object) => write(folder, instances(3), { ...options, mode: 'append', ...others })
  await t.rejects(append({ encoder: { naming: 'snake' } }), {
    code: 'ERR_SCHEMA_CHANGE',
    message: /names of partitionBy: the dataset has \["startdate_month"\], got \["start_date_month"\]/,
  })
  await t.rejects(append({ format: 'ndjson' }), { message: /format: the dataset has "csv", got "ndjson"/ })
})

t.test('the manifest has the options of CSV; one of an older version, which lacks them, is accepted', async (t) => {
  const folder = t.testdir({})
  await write(folder, instances(1), {
    format: 'csv',
    encoder: { delimiter: ';', nullValue: 'NULL', omit: ['duration'] },
  })
  const manifest = readManifestFile(folder)!
  t.strictSame(manifest.csv, {
    header: true,
    delimiter: ';',
    quote: 'minimal',
    eol: '\n',
    bom: false,
    nullValue: 'NULL',
    emptyAsNull: false,
    lineBreaks: 'keep',
    formulaGuard: false,
  })
  const { csv, ...older } = manifest
  t.ok(csv)
  writeFileSync(join(folder, '_manifest.json'), JSON.stringify(older))
  await write(folder, instances(1), { format: 'csv', mode: 'append', encoder: { delimiter: ';', omit: ['duration'] } })
  t.match(readManifestFile(folder), { rows: 2, csv: { delimiter: ';', nullValue: '' } })
})

t.test('a file ends after a number of rows, or of bytes', async (t) => {
  const source = await startExport(t, { records: 450 })
  const folder = t.testdir({})
  await pipeline(source(), toDataset({ path: join(folder, 'rows'), fileRows: 200 }))
  t.strictSame(
    readManifestFile(join(folder, 'rows'))!.files.map(({ rows }) => rows),
    [200, 200, 50],
  )
  const big = instances(900, () => ({ variables: { text: 'x'.repeat(5000) } }))
  await pipeline(
    Readable.from([Buffer.from(JSON.stringify(big))]).flatMap(
      (bytes: Buffer) => JSON.parse(bytes.toString()) as object[],
    ),
    toDataset({ path: join(folder, 'bytes'), format: 'csv', fileBytes: 1_000_000 }),
  )
  const { files, rows } = readManifestFile(join(folder, 'bytes'))!
  t.equal(rows, 900)
  t.ok(files.length > 1, `${files.length} files`)
  t.ok(files.slice(0, -1).every(({ bytes }) => bytes >= 1_000_000))
  t.equal(verifyManifest(join(folder, 'bytes')), 900)
})

t.test('a CSV or NDJSON file ends soon after its number of bytes, from records and from bytes', async (t) => {
  const sources = { 1: await startExport(t, { records: 40 }), 20_000: await startExport(t, { records: 450 }) }
  const passOn = () => new Transform({ objectMode: true, transform: (record, _, done) => done(null, record) })
  for (const options of [
    { format: 'ndjson' },
    { format: 'csv' },
    { format: 'csv', encoder: { stringify: {} } },
  ] as const)
    for (const fileBytes of [1, 20_000] as const)
      for (const transforms of [[], [passOn()]]) {
        const folder = t.testdir({})
        await pipeline([
          sources[fileBytes]() as Readable,
          ...transforms,
          toDataset({ path: folder, fileBytes, ...options }),
        ])
        const { files } = readManifestFile(folder)!
        const full = files.slice(0, -1).map(({ bytes }) => bytes)
        t.ok(
          full.every((bytes) => bytes >= fileBytes && bytes < fileBytes + 3000),
          full.join(),
        )
        t.ok(fileBytes === 1 ? files.every(({ rows }) => rows === 1) : full.length > 5)
        t.equal(verifyManifest(folder), fileBytes === 1 ? 40 : 450)
      }
})

t.test('a dataset without records has one file with the columns, and no file in NDJSON', async (t) => {
  const source = await startExport(t, { records: 0 })
  const folder = t.testdir({})
  await pipeline(source(), toDataset({ path: join(folder, 'a'), partitionBy: 'startDate:month' }))
  const { names, rows } = await readWithDuckdb(`${join(folder, 'a')}/*/*.parquet`)
  t.strictSame([names.length, rows.length], [10, 0])
  t.match(listFiles(join(folder, 'a')), [
    '_manifest.json',
    /^startdate_month=__HIVE_DEFAULT_PARTITION__\/part-00000-.*\.parquet$/,
  ])
  await pipeline(source(), flowNodeEvents(), toDataset({ path: join(folder, 'b'), format: 'csv' }))
  t.match(Object.values(readText(join(folder, 'b')))[1], /^processInstanceId,flowNodeInstanceId/)
  await pipeline(source(), toDataset({ path: join(folder, 'c'), format: 'ndjson' }))
  t.strictSame(listFiles(join(folder, 'c')), ['_manifest.json'])
})

t.test('event logs, hyper-map groups, bigints and dates are written as in a single file', async (t) => {
  const source = await startExport(t, { records: 50 })
  const folder = t.testdir({})
  await pipeline(source(), flowNodeEvents(), toDataset({ path: join(folder, 'events'), partitionBy: 'startDate:day' }))
  t.ok(verifyManifest(join(folder, 'events'))! > 50)
  const hyper = await startExport(t, { report: 'hyperMap', records: 20 })
  await pipeline(hyper(), toDataset({ path: join(folder, 'hyper'), partitionBy: 'distributedKey', format: 'csv' }))
  t.ok(verifyManifest(join(folder, 'hyper'))! > 20)
  await write(join(folder, 'dates'), [{ id: 1n, at: new Date('2026-05-01T00:00:00Z') }], {
    partitionBy: 'at:day',
    format: 'csv',
  })
  t.strictSame(Object.entries(readText(join(folder, 'dates')))[1], [
    'at_day=2026-05-01/part-00000.csv',
    'id,at\n1,2026-05-01T00:00:00.000Z\n',
  ])
})

t.test('a folder is a path or a URL, and only one writer can open it at a time', async (t) => {
  const folder = t.testdir({})
  const first = toDataset({ path: pathToFileURL(join(folder, 'a')) })
  first.write(createInstance('1'))
  await new Promise((resolve) => first.write(createInstance('2'), resolve))
  await t.rejects(write(join(folder, 'a'), instances(1)), {
    code: 'ERR_FILE',
    message: /cannot create .*_manifest.json: another export writes this folder \(process \d+/,
  })
  await new Promise<void>((resolve) => first.end(resolve))
  t.equal(verifyManifest(join(folder, 'a')), 2)
})

t.test(
  'a stream that is destroyed, or whose source fails, leaves the earlier dataset and no file of its own',
  async (t) => {
    const folder = t.testdir({})
    await write(folder, instances(3))
    const before = listFiles(folder)
    const failing = async function* () {
      yield createInstance('x')
      throw new Error('the source failed')
    }
    const failed = toDataset({ path: folder })
    const failedClosed = new Promise((resolve) => failed.once('close', resolve))
    await t.rejects(pipeline(Readable.from(failing()), failed), { message: 'the source failed' })
    await failedClosed
    t.strictSame(listFiles(folder), before)
    const stopped = toDataset({ path: folder })
    stopped.write(createInstance('x'))
    const closed = new Promise((resolve) => stopped.once('close', resolve))
    stopped.destroy()
    await closed
    t.strictSame(listFiles(folder), before)
    await t.rejects(write(folder, [7 as never]), { code: 'ERR_ENCODE' })
    await t.rejects(write(folder, [{ a: () => 1 }]), { code: 'ERR_ENCODE' })
    for (const format of ['csv', 'parquet'] as const)
      await t.rejects(write(folder, [{}], { format }), { code: 'ERR_ENCODE', message: /at least one column, got none/ })
    t.strictSame(listFiles(folder), before)
  },
)

t.test('a manifest of another program is not replaced', async (t) => {
  const folder = t.testdir({ '_manifest.json': '{"name": "app"}' })
  await t.rejects(write(folder, instances(1)), {
    code: 'ERR_FILE',
    message: /_manifest.json is not the manifest of a dataset/,
  })
  t.strictSame(listFiles(folder), ['_manifest.json'])
  writeFileSync(join(folder, 'file'), '')
  await t.rejects(write(join(folder, 'file'), instances(1)), { code: 'ERR_FILE' })
})

t.test('names that no record has are warnings, or errors with strict', async (t) => {
  const folder = t.testdir({})
  const warnings = await write(join(folder, 'a'), instances(2), {
    partitionBy: 'tenantX',
    encoder: { omit: ['nothing'] },
  })
  t.strictSame(
    warnings.map(({ message }) => message),
    [
      'toDataset: partitionBy: no record has "tenantX", did you mean "tenantId"',
      'toParquet: omit: no record has "nothing"',
    ],
  )
  await t.rejects(write(join(folder, 'b'), instances(2), { partitionBy: 'tenantX', encoder: { strict: true } }), {
    code: 'ERR_UNMATCHED_NAME',
  })
  const names = { partitionBy: 'startDate:month', encoder: { naming: 'plain' } }
  await t.rejects(
    write(
      join(folder, 'b'),
      instances(2, () => ({ variables: { startdate_MONTH: 1 } })),
      names,
    ),
    { code: 'ERR_COLUMN_COLLISION', message: /the column "startdate_MONTH" has the name of a partition column/ },
  )
  t.notOk(existsSync(join(folder, 'b')), 'an empty folder that was created is removed')
})

t.test('a NUL in several CSV files is one warning', async (t) => {
  const warnings = await write(
    t.testdir({}),
    instances(3, () => ({ businessKey: 'a\0b' })),
    { format: 'csv', partitionBy: 'startDate:month' },
  )
  t.strictSame(
    warnings.map(({ code }) => code),
    ['WARN_NUL'],
  )
})

t.test('too many partitions are an error', async (t) => {
  const records = Array.from({ length: 10_001 }, (_, index) => ({ id: index }))
  await t.rejects(write(t.testdir({}), records, { partitionBy: 'id' }), {
    code: 'ERR_ENCODE',
    message: /more than 10000 partitions/,
  })
})

t.test('wrong options are an OptionError at the call', async (t) => {
  const expect = (options: object, message: RegExp) =>
    t.throws(() => toDataset({ path: 'x', ...options }), { code: 'ERR_OPTION', message })
  t.throws(() => toDataset(undefined as never), { code: 'ERR_OPTION' })
  expect({ path: '' }, /^toDataset: path: expected a path or a file URL of a folder/)
  expect({ path: new URL('https://example.com') }, /^toDataset: path: /)
  expect({ store: 7 }, /^toDataset: store: expected a store/)
  expect({ partitionBy: '' }, /^toDataset: partitionBy: expected a column such as/)
  expect({ partitionBy: ['a', 'a'] }, /^toDataset: partitionBy: expected each column once, got "a" again/)
  expect(
    { partitionBy: ['a b', 'a-b'] },
    /^toDataset: partitionBy: expected columns with distinct names, got "a_b" twice/,
  )
  expect({ fileRows: 0 }, /^toDataset: fileRows: expected an integer of at least 1/)
  expect({ mode: 'merge' }, /^toDataset: mode: /)
  expect({ encoder: 7 }, /^toDataset: encoder: expected the options of the encoder/)
  expect({ encoder: { codec: 'x' } }, /^toParquet: codec: /)
  expect({ gzip: true }, /^toDataset: gzip: expected nothing for Parquet/)
  expect({ pick: ['tenantId'] }, /^toDataset: pick: unknown option/)
  expect({ partitionBy: 'tenantId', encoder: { pick: ['tenantId'] } }, /^toParquet: pick: /)
})

t.test('a list of numbers is a partition of its own, from records and from bytes', async (t) => {
  const records = ['[1.50]', '[1.50,2]', '[1.50,3]'].map(
    (values, id) =>
      `{"decisionInstanceId":"${id}","inputVariables":{},"outputVariables":{"o":{"id":"o","values":${values}}}}`,
  )
  const passOn = () => new Transform({ objectMode: true, transform: (record, _, done) => done(null, record) })
  for (const transforms of [[], [passOn()]]) {
    const folder = t.testdir({})
    const source = createExport([renderPage(records, records.length, 'c')])
    await pipeline([source as Readable, ...transforms, toDataset({ path: folder, partitionBy: 'output:o' })])
    const { files } = readManifestFile(folder)!
    t.strictSame(files.map(({ partition }) => partition['output_o']).sort(), ['1.50', '[1.50,2]', '[1.50,3]'])
  }
})

t.test(
  'partitions are found in the bytes of pages: missing values, computed outputs, many layouts, large partitions',
  async (t) => {
    const folder = t.testdir({})
    const late = await startExport(t, { records: 200, lateVariables: { names: ['region'], at: 120 } })
    await pipeline(late(), toDataset({ path: join(folder, 'late'), partitionBy: 'variable:region' }))
    t.equal(verifyManifest(join(folder, 'late')), 200)
    t.equal(
      readManifestFile(join(folder, 'late'))!.files.find(({ partition }) => partition['variable_region'] === null)!
        .rows >= 120,
      true,
    )
    const decisions = await startExport(t, { report: 'decision', records: 60 })
    const first = (await decisions().toArray()) as { outputVariables: object }[]
    const [output] = Object.keys(first[0]!.outputVariables)
    await pipeline(decisions(), toDataset({ path: join(folder, 'decisions'), partitionBy: `output:${output!}` }))
    t.equal(verifyManifest(join(folder, 'decisions')), 60)
    t.ok(readManifestFile(join(folder, 'decisions'))!.files.length > 1)
    const data = Array.from({ length: 150 }, (_, index) =>
      createInstance(`id-${index}`, { variables: { [`v${index}`]: 1 } }),
    )
    const server = await startFakeOptimize({ data: data as never })
    t.teardown(() => server.close())
    const source = exportStream({
      baseUrl: server.url,
      accessToken: server.token,
      reportId: server.reportId,
      limit: 50,
    })
    await pipeline(source, toDataset({ path: join(folder, 'layouts') }))
    t.equal(verifyManifest(join(folder, 'layouts')), 150)
    t.equal(
      readManifestFile(join(folder, 'layouts'))!.schema!.filter(({ name }) => name.startsWith('variable:')).length,
      150,
    )
    const large = await startExport(t, { records: 1500 })
    await pipeline(large(), toDataset({ path: join(folder, 'large') }))
    t.equal(verifyManifest(join(folder, 'large')), 1500)
  },
)

t.test('a list of columns gives all files these columns, with the types of all records', async (t) => {
  const folder = t.testdir({})
  const records = instances(6, (index) => ({ variables: index === 5 ? { a: '1.5' } : {} }))
  const encoder = { columns: ['variable:a', 'processInstanceId', 'variables'], inferTypes: true }
  await write(folder, records, { partitionBy: 'startDate:month', fileRows: 1, encoder })
  for (const file of listFiles(folder).filter((name) => name.endsWith('.parquet'))) {
    const { names, types } = await readWithDuckdb(join(folder, file))
    t.strictSame(names, ['variable:a', 'processInstanceId', 'variables', 'startdate_month'])
    t.equal(types[0], 'DOUBLE')
  }
})
