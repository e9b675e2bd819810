// An encoder that is piped directly from an export gets whole pages, and writes the same bytes as from single records.
import { deepStrictEqual } from 'node:assert/strict'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { BodyFailure } from '../../lib/http/failure.js'
import {
  exportStream,
  toCsv,
  toNdjson,
  toParquet,
  type CsvOptions,
  type Encoder,
  type ExportError,
  type ParquetOptions,
} from '../../lib/index.js'
import { readPage, type WirePage } from '../../lib/pagination/wire-page.js'
import { toRecords } from '../../lib/pages/record-batch.js'
import { ArrayScanner } from '../../lib/fastpath/scan/array-scanner.js'
import { recordMapping } from '../../lib/spans/key-mapping.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { Collector } from '../support/encode/collector.js'
import { runs, seedsOf } from '../support/random/property.js'
import { readFooter, readWithHyparquet } from '../support/readers/read-parquet.js'
import {
  SeededRandom,
  createFetch,
  HostileRecords,
  renderPage,
  type PageStyle,
} from '../support/random/hostile-pages.js'
import { skipWithoutFastPath } from '../support/encode/fast-path.js'

const style = fc.record({ isNonCanonical: fc.boolean(), hasUnusualValues: fc.boolean() })
const from = fc.integer()

/** Returns the bytes and the stats of an export, or its failure. With `hasStreamBetween` the encoder gets single records. */
async function outcome(pages: readonly string[], encoder: Encoder, hasStreamBetween: boolean) {
  const source = exportStream({
    baseUrl: 'http://localhost',
    reportId: 'r',
    accessToken: 't',
    limit: 10,
    fetch: createFetch(pages),
    retry: { attempts: 1, minDelay: 0, maxDelay: 0 },
    maxRestarts: 0,
  })
  const sink = new Collector()
  const between = hasStreamBetween ? [new PassThrough({ objectMode: true })] : []
  const error = await pipeline([source as Readable, ...between, encoder, sink]).then(
    () => undefined,
    (failure: unknown) => `${(failure as ExportError).code} ${(failure as Error).message}`,
  )
  const { rows, columns, lateColumns, droppedCells } = encoder.stats
  const bytes = sink.bytes
  // the output before a failure depends on the size of the batches
  if (error !== undefined) return { error }
  return {
    bytes,
    stats: { rows, columns, lateColumns, droppedCells },
    records: source.stats.records,
  }
}

const encodeTwice = async (pages: readonly string[], createEncoder: () => Encoder) => ({
  byPages: await outcome(pages, createEncoder(), false),
  byRecords: await outcome(pages, createEncoder(), true),
})

function pagesOf(from: number, look: PageStyle, count: number, size: number): string[] {
  const records = new HostileRecords(from, look)
  return Array.from({ length: count }, (_, at) => renderPage(records.take(size), count * size, `cursor${at}`))
}

const csvOptions: fc.Arbitrary<CsvOptions> = fc.record(
  {
    delimiter: fc.constantFrom(',', ';', '|', '\t', '||', ':', 'e', '7', '-', ' ', '\x01', 'é'),
    quote: fc.constantFrom('minimal' as const, 'always' as const),
    eol: fc.constantFrom('\n' as const, '\r\n' as const),
    nullValue: fc.constantFrom('', 'NULL', '12', '\\N'),
    formulaGuard: fc.boolean(),
    columns: fc.constantFrom<CsvOptions['columns'][]>(
      'sample',
      'all',
      ['processInstanceId', 'variable:amount', 'variable:none', 'dur:start'],
      ['variables', 'processInstanceId'],
      ['processInstanceId'],
      ['variable:customer name'],
    ),
    lateColumns: fc.constantFrom('error' as const, 'overflow' as const, 'drop' as const),
    sampleSize: fc.constantFrom(1, 5, 30),
    naming: fc.constantFrom('prefixed' as const, (column: string) => `<${column}>`),
    omit: fc.constantFrom(['flowNodeInstances'], ['variable:a.b']),
    preset: fc.constantFrom('optimize' as const, undefined),
  },
  { requiredKeys: [] },
)

t.test('CSV has the same bytes for any records and options', async (t) => {
  await fc.assert(
    fc.asyncProperty(from, style, csvOptions, async (from, look, options) => {
      const pages = pagesOf(from, look, 4, 12)
      const { byPages, byRecords } = await encodeTwice(pages, () => toCsv(options))
      deepStrictEqual(byPages, byRecords)
    }),
    runs(50, 10),
  )
  t.pass()
})

t.test('NDJSON has the same bytes for any records', async (t) => {
  await fc.assert(
    fc.asyncProperty(from, style, async (from, look) => {
      const { byPages, byRecords } = await encodeTwice(pagesOf(from, look, 3, 12), () => toNdjson())
      deepStrictEqual(byPages, byRecords)
    }),
    runs(30, 10),
  )
  t.pass()
})

const parquetOptions: fc.Arbitrary<ParquetOptions> = fc.record(
  {
    columns: fc.constantFrom<ParquetOptions['columns'][]>('sample', 'all', [
      'processInstanceId',
      'variable:amount',
      'variable:none',
      'dur:start',
      'startDate',
      'flowNodeInstances',
    ]),
    lateColumns: fc.constantFrom('error' as const, 'overflow' as const, 'drop' as const),
    sampleSize: fc.constantFrom(1, 5, 30),
    inferTypes: fc.boolean(),
    types: fc.constantFrom({ 'variable:amount': 'json' as const }, { duration: 'double' as const }, {}),
    variables: fc.constantFrom('columns' as const, 'map' as const),
    rowGroupRows: fc.constantFrom(7, 50_000),
    rowGroupBytes: fc.constantFrom(500, 16 * 1024 ** 2),
    codec: fc.constantFrom('snappy' as const, 'gzip' as const, 'uncompressed' as const),
  },
  { requiredKeys: [] },
)

t.test('Parquet files have the same types, values and row groups for any records and options', async (t) => {
  const readFile = async (result: Awaited<ReturnType<typeof outcome>>) => {
    if (result.error !== undefined) return result
    const { schema, row_groups } = readFooter(result.bytes)
    const groups = row_groups.map(({ num_rows, columns }) => [
      num_rows,
      columns.map((column) => column.meta_data?.statistics),
    ])
    return { ...result, bytes: undefined, schema, groups, ...(await readWithHyparquet(result.bytes)) }
  }
  await fc.assert(
    fc.asyncProperty(from, style, parquetOptions, async (from, look, options) => {
      const pages = pagesOf(from, look, 3, 12)
      const { byPages, byRecords } = await encodeTwice(pages, () => toParquet(options))
      // the size of the batches decides which of two failures on a page comes first
      if (byPages.error !== undefined && byRecords.error !== undefined) return
      // compared by Node.js, because tap loses a key `__proto__`
      deepStrictEqual(await readFile(byPages), await readFile(byRecords))
    }),
    runs(25, 20),
  )
  t.pass()
})

/** Returns what readPage makes of a body, or its failure, in a form that can be compared. */
function readBody(body: Buffer, scanner?: ArrayScanner): unknown {
  try {
    const { records, ...rest }: WirePage = readPage(
      { status: 200, headers: { get: () => null }, proxySuffix: '', body },
      scanner,
    )
    return { ...rest, records: toRecords(records) }
  } catch (error) {
    if (error instanceof BodyFailure) return `${error.message} ${error.isBroken}`
    throw error
  }
}

/** Changes, removes or inserts a few bytes of a body, or cuts off its end. */
function damage(body: Buffer, random: SeededRandom): Buffer {
  const at = random.below(body.length)
  const noise = '{}[]",:\\0123456789-+.eEtfnu \n\t\u0000x\u00ff'.split('')
  const bytes = Buffer.from(random.oneOf(noise), random.isOneIn(2) ? 'latin1' : 'utf8')
  const kind = random.below(5)
  if (kind === 0) return body.subarray(0, at)
  if (kind === 1) return Buffer.concat([body.subarray(0, at), bytes, body.subarray(at)])
  if (kind === 2) return Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + random.below(3))])
  return Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + bytes.length)])
}

t.test(
  'the scanner accepts and refuses the same damaged pages as JSON.parse',
  { skip: skipWithoutFastPath },
  async (t) => {
    let spans = 0
    const rounds = seedsOf(20, 20)
    for (const round of rounds) {
      const random = new SeededRandom(round)
      const scanner = new ArrayScanner(recordMapping, random.oneOf([undefined, 1, 50, 400]))
      const records = new HostileRecords(round, {
        isNonCanonical: random.isOneIn(2),
        hasUnusualValues: random.isOneIn(2),
      })
      for (let page = 0; page < 100; page++) {
        const body = Buffer.from(renderPage(records.take(3), 300, 'c'))
        const damaged = page < 2 ? body : damage(body, random)
        const { records: found } =
          page < 2
            ? readPage({ status: 200, headers: { get: () => null }, proxySuffix: '', body }, scanner)
            : { records: [] }
        if (found instanceof RecordSpans) spans++
        const [scanned, parsed] = [readBody(damaged, scanner), readBody(damaged)]
        // compared by Node.js, because tap loses a key `__proto__`
        if (!isDeepStrictEqual(scanned, parsed)) t.fail('not the same', { round, page, damaged: damaged.toString() })
      }
    }
    t.ok(spans > rounds.length * 0.6, `${spans} of ${rounds.length * 2} undamaged pages stayed bytes`)
  },
)
