// A program that uses everything that the package exports. Many compilers compile it; it never runs.
import { createWriteStream } from 'node:fs'
import { Readable, Transform, type Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import {
  atomicFile,
  atomicFiles,
  clientCredentials,
  collectionIdOf,
  compareReceipts,
  compareReport,
  findLastLoad,
  listNamedReports,
  ExportError,
  exportPages,
  exportStream,
  flattenRecord,
  flattenVariables,
  flowNodeEventRows,
  flowNodeEvents,
  listReports,
  loadReport,
  OptionError,
  parquetCodecs,
  parquetTypes,
  profileColumns,
  reportIdOf,
  toCsv,
  toDataset,
  toNdjson,
  toParquet,
  VERSION,
} from 'optimize-export'
import { toOcel, toXes, type EventLogOptions, type XesOptions } from 'optimize-export/mining'
import { toArrow, type ArrowOptions } from 'optimize-export/arrow'
import { toSinger, type SingerOptions } from 'optimize-export/singer'
import { toXlsx, type XlsxOptions } from 'optimize-export/xlsx'
import type {
  AccessToken,
  AtomicFileOptions,
  Cell,
  ClientCredentialsOptions,
  AlikeNamesWarning,
  ColumnOptions,
  ColumnProfile,
  ColumnSchema,
  CompareOptions,
  CsvOptions,
  DecisionInput,
  DecisionOutput,
  DecisionRecord,
  Destination,
  Dataset,
  DatasetCommonOptions,
  DatasetFormat,
  DatasetManifest,
  DatasetOptions,
  DatasetStats,
  DatasetWarning,
  DuplexEvents,
  Encoder,
  EncoderEvents,
  EncoderStats,
  EncoderWarning,
  EndedBy,
  EventTableOptions,
  ExportErrorCode,
  ExportErrorContext,
  ExportEvents,
  ExportOptions,
  ExportPages,
  ExportRecord,
  ExportStats,
  ExportStream,
  FetchAnswer,
  FetchInit,
  FetchLike,
  FileAtPath,
  FileStore,
  FlattenOptions,
  FlowNodeDuration,
  FlowNodeEventsOptions,
  FlowNodeInstance,
  HyperMapEntry,
  JsonValue,
  ListOptions,
  Load,
  FindLoadOptions,
  FoundLoad,
  LoadChange,
  NamedReport,
  LoadColumn,
  LoadComparison,
  LoadEvent,
  LoadMode,
  LoadOptions,
  LoadStats,
  LoadStep,
  ManifestFile,
  MapEntry,
  Naming,
  MiningOptions,
  MiningWarning,
  NdjsonOptions,
  NulWarning,
  NumberRecord,
  OperatorOptions,
  Page,
  PageEvent,
  ParquetCodec,
  ParquetOptions,
  ParquetType,
  PartitionValues,
  ProcessCounts,
  ProcessRecord,
  ReportKind,
  RestartEvent,
  RetryEvent,
  RetryOptions,
  Row,
  RowTransform,
  RowTransformEvents,
  SignalOptions,
  TypedOptions,
  StreamEvents,
  StrayFilesWarning,
  StrictOption,
  TokenContext,
  TokenFunction,
  TypedIterator,
  TypedReadable,
  UnknownFields,
  UnmatchedName,
  UnmatchedNameWarning,
  VariableValue,
  WarningEvent,
  WrittenReceipt,
  WorkbookWarning,
} from 'optimize-export'
import {
  createSampleReports,
  startFakeOptimize,
  type Era,
  type FakeOptimize,
  type FakeOptimizeOptions,
  type FakeReportKind,
  type FakeReportOptions,
  type Fault,
  type FaultKind,
  type LateVariables,
  type LoggedRequest,
  type OAuthOptions,
  type RandomFaults,
  type SampleReports,
  type SampleReportsOptions,
} from 'optimize-export/testing'
import { duckdb, type DuckdbOptions } from 'optimize-export/duckdb'
import { s3, s3File, type S3ClientLike, type S3FileOptions, type S3Options } from 'optimize-export/s3'
import { postgres, type PostgresConnection, type PostgresOptions, type PostgresPool } from 'optimize-export/postgres'

/** True only for two types that are the same; `any` is the same as nothing else. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function check<T extends true>(): T

interface Order {
  processInstanceId: string
  variables: { amount: string }
}

const fakeOptions: FakeOptimizeOptions = {
  records: 10,
  era: '8.8',
  report: 'process',
  faults: [{ kind: 'drop', page: 2 }],
}
const token: TokenFunction = async ({ refresh, refusedToken, signal }) =>
  refresh && refusedToken === 'old' && !signal.aborted ? 'new' : 'old'
const credentials: TokenFunction = clientCredentials({ tokenUrl: 'https://x/token', clientId: 'a', clientSecret: 'b' })
const fetchLike: FetchLike = async () => ({
  status: 200,
  headers: { get: () => null },
  arrayBuffer: async () => new ArrayBuffer(0),
})

async function sources(server: FakeOptimize): Promise<void> {
  const options: ExportOptions = {
    baseUrl: new URL(server.url),
    reportId: server.reportId,
    accessToken: token,
    limit: undefined,
    retry: { attempts: 2 },
    signal: new AbortController().signal,
    fetch: fetchLike,
    timezone: null,
  }

  const plain = exportStream(options)
  check<Same<typeof plain, ExportStream>>()
  check<Same<ReturnType<typeof exportStream>, ExportStream>>()
  check<Same<ReturnType<typeof exportPages>, ExportPages>>()
  for await (const record of plain) check<Same<typeof record, ExportRecord>>()

  const typed = exportStream<ProcessRecord>({ ...options, accessToken: credentials })
  check<Same<typeof typed, ExportStream<ProcessRecord>>>()
  const asReadable: Readable = typed
  const asIterable: AsyncIterable<ProcessRecord> = typed
  void [asReadable, asIterable]

  for await (const record of typed) {
    check<Same<typeof record, ProcessRecord>>()
    check<Same<typeof record.processInstanceId, string>>()
    const amount = record.variables['amount']
    const unknownField: JsonValue | undefined = record['somethingNew']
    const row: Row = flattenRecord(record, { naming: 'plain' })
    const events: Row[] = flowNodeEventRows(record, { fields: ['businessKey'] })
    const incidents: number | undefined = record.counts?.incidents
    void [amount, unknownField, row, events, incidents]
  }

  // the operators keep the type
  const array = await typed.toArray()
  check<Same<typeof array, ProcessRecord[]>>()
  const ids = await typed.map((record) => record.processInstanceId).toArray()
  check<Same<typeof ids, string[]>>()
  const lengths = typed.map(async ({ variables }) => Object.keys(variables).length, { concurrency: 4 })
  check<Same<typeof lengths, TypedReadable<number>>>()
  const running = typed.filter(({ endDate }) => endDate === null)
  check<Same<typeof running, TypedReadable<ProcessRecord>>>()
  const ended = typed.filter((record): record is ProcessRecord & { endDate: string } => record.endDate !== null)
  for await (const record of ended.take(3).drop(1)) check<Same<typeof record.endDate, string>>()
  const total = await typed.reduce((sum, { duration }) => sum + (duration ?? 0), 0)
  check<Same<typeof total, number>>()
  const first = await typed.find(({ tenantId }) => tenantId === 'a')
  check<Same<typeof first, ProcessRecord | undefined>>()
  const some: boolean = await typed.some(({ duration }) => duration === 1)
  const every: boolean = await typed.every(async ({ duration }) => duration === 1)
  await typed.forEach(async ({ processInstanceId }) => void processInstanceId)
  // @types/node declares these for streams of bytes, which an iterator of records is not
  const web = Readable.toWeb(typed as Readable)
  await finished(typed as Readable)
  void [some, every, web.locked]

  // events
  typed
    .on('data', (record) => check<Same<typeof record, ProcessRecord>>())
    .on('restart', (event) => check<Same<typeof event.restarts, number>>())
    .on('retry', ({ code, delay }) => check<Same<[typeof code, typeof delay], [ExportErrorCode, number]>>())
    .once('page', ({ number, records }) => check<Same<[typeof number, typeof records], [number, number]>>())
    .on('message', (text) => text.toUpperCase())
    .on('warning', ({ message }) => message.toUpperCase())
    .once('error', (error) => error.message)
    .on('end', () => undefined)
    .off('close', () => undefined)
  const listener = (event: StreamEvents['restart']): string => event.reason
  typed.addListener('restart', listener).removeListener('restart', listener)
  // @ts-expect-error there is no such event
  typed.on('restrat', () => undefined)
  // @ts-expect-error there is no such event
  typed.once('pages', () => undefined)
  // @ts-expect-error a restart has no such field
  typed.on('restart', ({ page2 }) => page2)
  // @ts-expect-error there is no such option
  exportStream({ ...options, limits: 3 })
  // @ts-expect-error an access token is required
  exportStream({ baseUrl: server.url, reportId: 'x' })

  const stats: ExportStats = typed.stats
  const kind: ReportKind | undefined = typed.kind
  const records: number = stats.records
  // @ts-expect-error figures are read only
  typed.stats.records = 1
  void [kind, records]

  // types of the user, and of the other kinds of report
  const own = await exportStream<Order>(options).toArray()
  // an interface has no index signature, so these functions take any object
  for (const order of own) void [flattenRecord(order), flowNodeEventRows(order)]
  profileColumns(own)
  check<Same<typeof own, Order[]>>()
  for await (const { evaluationDateTime, outputVariables } of exportStream<DecisionRecord>(options))
    check<Same<[typeof evaluationDateTime, string[] | never], [string | null, string[]]>>() &&
      outputVariables['a']?.values
  for await (const { key, value } of exportStream<MapEntry>(options))
    check<Same<[typeof key, typeof value], [string, number | null]>>()
  for await (const { value } of exportStream<HyperMapEntry>(options)) check<Same<typeof value, MapEntry[]>>()
  for await (const { value } of exportStream<NumberRecord>(options)) check<Same<typeof value, number>>()

  for await (const { number, records, total, bytes } of exportPages<ProcessRecord>(options))
    check<
      Same<
        [typeof number, typeof records, typeof total, typeof bytes],
        [number, readonly ProcessRecord[], number, number]
      >
    >()
  const pages: AsyncIterable<Page> = exportPages(options)
  await takesPages(exportPages(options))
  await takesRecords(exportStream(options))
  void pages

  const id: string = reportIdOf('https://optimize.example.com/#/report/r1')
  void id
  for await (const id of listReports({ baseUrl: server.url, accessToken: 'x', collectionId: 'c' }))
    check<Same<typeof id, string>>()
}

/** The types that this file names nowhere else. None of them may be `any`, which is the type if a compiler cannot find one. */
type Others = [
  ...[AccessToken, AtomicFileOptions, ClientCredentialsOptions, AlikeNamesWarning, ColumnOptions, ColumnSchema],
  ...[DecisionInput, DecisionOutput, EncoderWarning, EndedBy, ExportErrorContext, ExportEvents, FetchAnswer, FetchInit],
  ...[FileAtPath, FlowNodeDuration, FlowNodeEventsOptions, FlowNodeInstance, ListOptions, Naming, NdjsonOptions],
  ...[OperatorOptions, PageEvent, ParquetType, ProcessCounts, RestartEvent, RetryEvent, RetryOptions, SignalOptions],
  ...[StrictOption, TokenContext, TypedIterator<string>, UnknownFields, UnmatchedName, UnmatchedNameWarning],
  ...[VariableValue, WarningEvent, DuplexEvents<Buffer>, NulWarning, RowTransformEvents],
  ...[Era, FakeReportKind, Fault, FaultKind, LateVariables, LoggedRequest, OAuthOptions, RandomFaults],
]
type IsAny<T> = 0 extends 1 & T ? true : false
check<Same<{ [At in keyof Others]: IsAny<Others[At]> }[number], false>>()

async function takesPages(pages: AsyncIterable<Page>): Promise<void> {
  for await (const { records } of pages) profileColumns(records)
}

async function takesRecords(records: AsyncIterable<ExportRecord>): Promise<void> {
  for await (const record of records) flattenRecord(record)
}

async function sinks(options: ExportOptions): Promise<void> {
  const csv: CsvOptions = { delimiter: ';', stringify: { quoted: true }, naming: (column) => column }
  const typed: TypedOptions = { inferTypes: true, variables: 'map', metadata: { k: 'v' } }
  toParquet(typed)
  const parquet: ParquetOptions = { types: { 'variable:amount': 'int64' }, codec: 'zstd', columns: ['startDate'] }
  const encoder: Encoder = toCsv(csv)
  await pipeline(exportStream(options), encoder, atomicFile('a.csv'))
  await pipeline(exportStream<ProcessRecord>(options), toParquet(parquet), createWriteStream('a.parquet'))
  await pipeline(exportStream(options), flattenVariables({ pick: ['startDate'] }), toNdjson(), atomicFile('a.ndjson'))
  await pipeline(exportStream(options), flowNodeEvents({ fields: [] }), toCsv(), atomicFile('b.csv'))
  await pipeline(
    exportStream<ProcessRecord>(options),
    async function* (records: AsyncIterable<ProcessRecord>) {
      for await (const { processInstanceId } of records) yield { processInstanceId }
    },
    toCsv(),
    process.stdout,
  )
  exportStream(options).pipe(toCsv()).pipe(process.stdout)
  const transform: Transform = flattenVariables()
  const rows: RowTransform = flowNodeEvents()
  encoder
    .on('warning', (warning) => {
      check<Same<typeof warning, EncoderWarning>>()
      if (warning.code === 'WARN_UNMATCHED_NAME') check<Same<typeof warning.nearest, string | undefined>>()
      else if (warning.code === 'WARN_ALIKE_NAMES') check<Same<typeof warning.columns, readonly string[]>>()
      else check<Same<typeof warning.code, 'WARN_NUL' | WorkbookWarning['code'] | MiningWarning['code']>>()
    })
    .once('data', (bytes) => check<Same<typeof bytes, Buffer>>())
    .on('error', (error) => error.message)
    .on('finish', () => undefined)
    .off('drain', () => undefined)
  rows
    .on('warning', (warning) => check<Same<typeof warning, UnmatchedNameWarning | MiningWarning>>())
    .on('data', (row) => check<Same<typeof row, Row>>())
    .end()
  const onWarning = ({ message }: EncoderEvents['warning']): string => message
  const isCodec = (text: string): text is ParquetCodec => parquetCodecs.some((codec) => codec === text)
  if (isCodec('zstd')) toParquet({ codec: 'zstd' })
  const sheets: XlsxOptions = { sheet: 'Orders', timezone: 'Europe/Berlin', locale: 'de', eventSheet: true }
  const log: EventLogOptions = { fields: ['businessKey'], activityFallback: '?' }
  const xes: XesOptions = { ...log, lifecycle: 'single' }
  const mining: MiningOptions = { naming: 'celonis', lifecycle: 'pairs' }
  const batches: ArrowOptions = { batchRows: 1000, batchBytes: 1_000_000, types: { a: 'decimal(12,2)', b: 'date' } }
  const messages: SingerOptions = { stream: 'orders', version: 1, isComplete: () => true }
  for (const encoder of [toArrow(batches), toSinger(messages), toXlsx(sheets), toXes(xes), toOcel(log)])
    encoder.on('warning', (warning: WorkbookWarning | MiningWarning | EncoderWarning) => void warning.message)
  await pipeline(
    exportStream(options),
    flowNodeEvents(mining),
    toCsv({ preset: 'excel', locale: 'de' }),
    atomicFile('e.csv'),
  )
  for (const codec of parquetCodecs) for (const type of parquetTypes) toParquet({ codec, types: { a: type } })
  for (const stream of [toCsv(), toNdjson(), toParquet()])
    stream.prependListener('warning', onWarning).removeListener('warning', onWarning)
  // @ts-expect-error there is no such event
  encoder.on('warnings', () => undefined)
  // @ts-expect-error a warning has no such field
  encoder.on('warning', ({ text }) => text)
  // @ts-expect-error there is no such event
  rows.once('restart', () => undefined)
  const stats: Readonly<EncoderStats> = encoder.stats
  const [first, second] = atomicFiles([{ path: 'a.csv' }, { path: 'b.csv' }])
  void [transform, stats.rows, first, second]
  // @ts-expect-error there is no such option
  toCsv({ delimitr: ';' })
  // @ts-expect-error there is no such type
  toParquet({ types: { a: 'float' } })
}

function failures(error: unknown): string {
  if (error instanceof OptionError) return `${error.option} ${error.code satisfies 'ERR_OPTION'}`
  if (!(error instanceof ExportError)) return VERSION
  const code: ExportErrorCode = error.code
  return `${code} ${error.page ?? 0} ${error.records ?? 0} ${error.reportId ?? ''} ${String(error.cause)}`
}

function stores(client: S3ClientLike): Writable[] {
  const options: S3Options = { client, partSize: 8_388_608, queueSize: 4, ifNoneMatch: true, metadata: { a: 'b' } }
  const fileOptions: S3FileOptions = { ...options, receipt: () => ({ rows: 1 }), receiptPlace: 'folder' }
  const store: FileStore = s3(options)
  const onReceipt = ({ path, content }: WrittenReceipt) => void [path, content['sha256']]
  return [s3File('s3://lake/a.csv', fileOptions), atomicFile('s3://lake/b.csv', { store, onReceipt })]
}

function datasets(store: FileStore): Dataset {
  const common: DatasetCommonOptions = {
    path: 's3://lake/orders/',
    store,
    partitionBy: ['tenantId', 'startDate:month'],
  }
  const options: DatasetOptions = { ...common, format: 'csv', gzip: true, encoder: { delimiter: ';' } }
  const dataset = toDataset(options)
  dataset.on('warning', (warning: DatasetWarning) => {
    if (warning.code === 'WARN_STRAY_FILES') check<Same<typeof warning, StrayFilesWarning>>()
  })
  const stats: Readonly<DatasetStats> = dataset.stats
  const rowsOf = ({ files }: DatasetManifest): number[] => files.map(({ rows }: ManifestFile) => rows)
  const valueOf = (values: PartitionValues): string | null | undefined => values['tenantid']
  void [stats.files, rowsOf, valueOf]
  // @ts-expect-error Parquet is compressed inside
  toDataset({ path: 'lake/', gzip: true })
  return dataset
}

async function loads(source: ExportOptions, pool: PostgresPool): Promise<void> {
  const duckdbOptions: DuckdbOptions = { schema: 'main', memoryLimit: '1GB', threads: 2 }
  const postgresOptions: PostgresOptions = { lockTimeout: '5s', invalidText: 'replace' }
  const connections: PostgresConnection[] = ['postgresql://etl@db/w', { host: 'db' }, pool]
  const databases: Destination[] = [
    duckdb('a.duckdb', duckdbOptions),
    ...connections.map((connection) => postgres(connection, postgresOptions)),
  ]
  const events: EventTableOptions = { table: 'steps', fields: ['businessKey'] }
  const onEvent = (event: LoadEvent): void => {
    if (event.type === 'step') check<Same<typeof event.step, LoadStep>>()
    if (event.type === 'change') check<Same<typeof event.change, LoadChange>>()
  }
  const options: LoadOptions = { source, into: databases[0]!, table: 'orders', mode: 'merge', events, onEvent }
  const load: Load = await loadReport({ ...options, since: 'last', sortedBy: 'startDate', lookback: '7d' })
  check<Same<typeof load.mode, LoadMode>>()
  const columns: readonly LoadColumn[] = load.schema
  const stats: LoadStats = load.stats
  const compareOptions: CompareOptions = options
  const comparison: LoadComparison = await compareReport(compareOptions)
  const findOptions: FindLoadOptions = { into: compareOptions.into, table: 't' }
  const found: FoundLoad | undefined = await findLastLoad(findOptions)
  const receiptChanges: readonly LoadChange[] = compareReceipts({}, {})
  const named: NamedReport[] = await listNamedReports({ baseUrl: 'http://x', accessToken: 'x', collectionId: 'c' })
  console.log(
    found?.id,
    receiptChanges.length,
    named.map(({ id, name, isCombined }) => [id, name, isCombined]),
  )
  void [columns, stats.endedBy === 'since', comparison.problem?.code, databases.map(({ label }) => label)]
  // @ts-expect-error there is no such mode
  await loadReport({ ...options, mode: 'upsert' })
  // @ts-expect-error a table is required
  await loadReport({ source, into: databases[0]! })
  // @ts-expect-error there is no such option
  duckdb('a.duckdb', { memory: '1GB' })
}

function rows(records: ExportRecord[]): void {
  const cell: Cell = new Date()
  const flattening: FlattenOptions = { omit: ['tenantId'] }
  const ids: string[] = [reportIdOf('https://host/#/report/r/'), collectionIdOf('https://host/#/collection/c/')]
  const profiles: ColumnProfile[] = profileColumns(records)
  for (const { name, type, filledShare } of profiles)
    check<Same<[typeof name, typeof filledShare], [string, number]>>() && type
  void [cell, flattening, ids]
}

export async function main(): Promise<void> {
  const datasetFormat: DatasetFormat = 'parquet'
  void datasetFormat
  const sampleOptions: SampleReportsOptions = { records: 10, seed: 2 }
  const samples: SampleReports = createSampleReports(sampleOptions)
  const report: FakeReportOptions = { records: 3, name: 'Orders' }
  const server = await startFakeOptimize({ ...fakeOptions, reports: { ...samples.reports, report } })
  await sources(server)
  const source = { baseUrl: server.url, reportId: server.reportId, accessToken: server.token }
  await sinks(source)
  datasets(s3())
  stores({ send: async () => undefined, config: {} })
  await loads(source, { connect: async () => undefined, end: async () => undefined, options: {} })
  rows([])
  failures(undefined)
  await server.close()
}
