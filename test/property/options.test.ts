// Every option writes the same bytes from whole pages and from single records.
import { deepStrictEqual } from 'node:assert/strict'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import t from 'tap'
import {
  flowNodeEvents,
  toCsv,
  toNdjson,
  toParquet,
  type CsvOptions,
  type Encoder,
  type ExportError,
  type ParquetOptions,
} from '../../lib/index.js'
import { Collector } from '../support/collector.js'
import { createExport } from '../support/encode-both-ways.js'
import { HostileRecords, renderPage, type PageStyle } from '../support/hostile-pages.js'
import { runs } from '../support/property.js'

type Steps = readonly NodeJS.ReadWriteStream[]

/** The bytes, the figures and the warnings of an encoder behind other steps; or the failure. */
async function outcome(pages: readonly string[], steps: Steps, encoder: Encoder): Promise<unknown> {
  const sink = new Collector()
  const warnings: string[] = []
  for (const stream of [...steps, encoder] as Encoder[]) stream.on('warning', ({ message }) => warnings.push(message))
  try {
    await pipeline([createExport(pages) as Readable, ...steps, encoder, sink])
  } catch (error) {
    return `${(error as ExportError).code} ${(error as Error).message}`
  }
  return { bytes: sink.bytes, stats: { ...encoder.stats }, warnings }
}

const between = () => new PassThrough({ objectMode: true })

async function assertSame(pages: readonly string[], createSteps: () => Steps, createEncoder: () => Encoder) {
  const byPages = await outcome(pages, createSteps(), createEncoder())
  const byRecords = await outcome(pages, [between(), ...createSteps()], createEncoder())
  // of two failures, which one comes first depends on how many records come at a time
  if (typeof byPages === 'string' && typeof byRecords === 'string') return
  deepStrictEqual(byPages, byRecords)
}

const style: fc.Arbitrary<PageStyle> = fc.record({ isNonCanonical: fc.boolean(), hasUnusualValues: fc.boolean() })

function pagesOf(from: number, look: PageStyle): string[] {
  const records = new HostileRecords(from, look)
  return Array.from({ length: 3 }, (_, at) => renderPage(records.take(12), 36, `cursor${at}`))
}

const names = [
  'processInstanceId',
  'startDate',
  'variables',
  'variable:amount',
  'variable:a.b',
  'flowNodeDurations',
  'dur:start',
  'flowNodeInstances',
  'nothing',
]
const someNames = fc.subarray(names, { minLength: 1 })

t.test('an event log in every format', async (t) => {
  const fields = fc.option(fc.subarray(['businessKey', 'variable:amount', 'dur:start', 'variables']), {
    nil: undefined,
  })
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, fields, async (from, look, fields) => {
      const pages = pagesOf(from, look)
      for (const createEncoder of [() => toCsv(), () => toNdjson(), () => toParquet()])
        await assertSame(pages, () => [flowNodeEvents({ fields })], createEncoder)
    }),
    runs(30, 10),
  )
  t.pass()
})

t.test('pick and omit in NDJSON', async (t) => {
  const selection = fc.record({ pick: someNames, omit: someNames }, { requiredKeys: [] })
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, selection, async (from, look, options) => {
      if (options.pick && options.omit && options.pick.every((name) => options.omit!.includes(name))) return
      try {
        toNdjson(options)
      } catch {
        return
      }
      await assertSame(
        pagesOf(from, look),
        () => [],
        () => toNdjson(options),
      )
    }),
    runs(100, 5),
  )
  t.pass()
})

const csvOptions: fc.Arbitrary<CsvOptions> = fc.record(
  {
    delimiter: fc.constantFrom(',', ';'),
    nullValue: fc.constantFrom('', 'NULL', '12'),
    columns: fc.constantFrom<CsvOptions['columns'][]>(
      'sample',
      'all',
      ['variables', 'processInstanceId'],
      ['flowNodeDurations', 'nothing'],
      ['outputVariables', 'output:o0', 'key'],
    ),
    lateColumns: fc.constantFrom('overflow' as const, 'drop' as const),
    sampleSize: fc.constantFrom(1, 5, 30),
    naming: fc.constantFrom('prefixed' as const, (column: string) => `<${column}>`),
    preset: fc.constantFrom('optimize' as const, undefined),
    quote: fc.constantFrom('minimal' as const, 'always' as const),
    formulaGuard: fc.boolean(),
    lineBreaks: fc.constantFrom('keep' as const, 'space' as const),
    emptyAsNull: fc.boolean(),
  },
  { requiredKeys: [] },
)

t.test('CSV', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, csvOptions, async (from, look, options) =>
      assertSame(
        pagesOf(from, look),
        () => [],
        () => toCsv(options),
      ),
    ),
    runs(100, 5),
  )
  t.pass()
})

const parquetOptions: fc.Arbitrary<ParquetOptions> = fc.record(
  {
    columns: fc.constantFrom<ParquetOptions['columns'][]>(
      'sample',
      'all',
      ['variables', 'processInstanceId'],
      ['outputVariables', 'output:o0', 'key'],
    ),
    lateColumns: fc.constantFrom('overflow' as const, 'drop' as const),
    sampleSize: fc.constantFrom(1, 5, 30),
    inferTypes: fc.boolean(),
    types: fc.constantFrom({ 'variable:amount': 'json' as const }, { 'variable:amount': 'double' as const }, {}),
    variables: fc.constantFrom('columns' as const, 'map' as const),
    rowGroupBytes: fc.constantFrom(500, 16 * 1024 ** 2),
    metadata: fc.constant({
      'optimize-export.reportId': '',
      'optimize-export.total': '',
      'optimize-export.startedAt': '',
    }),
  },
  { requiredKeys: ['metadata'] },
)

t.test('Parquet', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, parquetOptions, async (from, look, options) =>
      assertSame(
        pagesOf(from, look),
        () => [],
        () => toParquet(options),
      ),
    ),
    runs(60, 10),
  )
  t.pass()
})

const scalar = fc.constantFrom('null', '"a"', '"\\u0061\\n"', '1.50', '12', 'true', '"2.0"', '{"a":1}', '[1,2]', '""')
const list = fc.array(scalar, { maxLength: 3 }).map((values) => `[${values.join()}]`)
/** The forms of an output, without its id. */
const outputForms: readonly ((values: string) => string)[] = [
  (values) => `"values":${values}`,
  (values) => `"value":${values}`,
  (values) => `"values":${values},"value":"other"`,
]

/** A decision instance with outputs whose number and content vary. */
const createDecision = (forms: typeof outputForms) =>
  fc
    .tuple(fc.nat(1000), fc.array(fc.tuple(list, fc.constantFrom(...forms)), { minLength: 1, maxLength: 3 }), scalar)
    .map(
      ([id, outputs, input]) =>
        `{"decisionInstanceId":"${id}","evaluationDateTime":"2021-12-02T17:21:49.330+0200","inputVariables":{"in":{"id":"in","value":${input}}},"outputVariables":{${outputs
          .map(([values, format], index) => `"o${index}":{"id":"o${index}",${format(values)}}`)
          .join()}},"flowNodeInstances":[{"id":"f${id}"}]}`,
    )

/** A process instance with few fields, so that most fields first appear in a later record, some in another case. */
const growingProcess = fc
  .tuple(
    fc.nat(1000),
    fc.subarray(['businessKey', 'Businesskey', 'counts', 'Counts', 'variables', 'Variables']),
    scalar,
  )
  .map(
    ([id, fields, cell]) =>
      `{"processInstanceId":"${id}"${fields
        .map((field) => `,"${field}":${/s$/.test(field) ? `{"amount":${cell},"Amount":1}` : cell}`)
        .join('')}}`,
  )

const pair = fc
  .tuple(scalar, scalar, fc.boolean())
  .map(([key, value, hasLabel]) => `{"key":${key},${hasLabel ? '"label":"x",' : ''}"value":${value}}`)
const group = fc
  .tuple(
    scalar,
    fc.oneof(
      scalar,
      list,
      fc.array(pair, { maxLength: 3 }).map((pairs) => `[${pairs.join()}]`),
    ),
  )
  .map(([key, value]) => `{"key":${key},"value":${value},"label":null}`)

const recordsOf = (record: fc.Arbitrary<string>) => fc.array(record, { minLength: 1, maxLength: 8 })

const reports = {
  'decision reports': fc.oneof(
    ...[outputForms, ...outputForms.map((form) => [form])].map(createDecision).map(recordsOf),
  ),
  'process reports that grow': recordsOf(growingProcess),
  'map and hyper-map reports': recordsOf(group),
}

const lateMapOptions = parquetOptions.map((options): ParquetOptions => ({
  ...options,
  columns: 'sample',
  sampleSize: 1,
  lateColumns: 'drop',
  variables: 'map',
}))

for (const [title, records] of Object.entries(reports)) {
  t.test(title, async (t) => {
    const ofParquet = fc.oneof(parquetOptions, lateMapOptions)
    await fc.assert(
      fc.asyncProperty(records, csvOptions, ofParquet, async (records, csv, parquet) => {
        const pages = [renderPage(records, records.length, '')]
        await assertSame(
          pages,
          () => [],
          () => toCsv(csv),
        )
        await assertSame(
          pages,
          () => [],
          () => toParquet(parquet),
        )
        for (const options of [{ pick: ['key', 'value', 'outputVariables', 'input:in', 'variables'] }, {}])
          await assertSame(
            pages,
            () => [],
            () => toNdjson(options),
          )
        await assertSame(
          pages,
          () => [flowNodeEvents({ fields: ['output:o0', 'input:in', 'distributedKey'] })],
          () => toNdjson(),
        )
      }),
      runs(40, 10),
    )
    t.pass()
  })
}
