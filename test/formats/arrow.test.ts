// Arrow streams have the same cells as Parquet files of the same records. apache-arrow reads both.
import { deepStrictEqual } from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RecordBatchReader, tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import t from 'tap'
import { toParquet } from '../../lib/encode/parquet/to-parquet.js'
import { toArrow, type ArrowOptions } from '../../lib/formats/arrow/index.js'
import { exportStream } from '../../lib/index.js'
import { OptionError } from '../../lib/shared/errors.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { catchRejection } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readArrowStream, readWithArrow } from '../support/readers/read-arrow.js'

const encode = (records: readonly object[], options?: ArrowOptions) => encodeRecords(records, toArrow(options))

/** Checks that both formats have the same cells. */
async function compareWithParquet(records: readonly object[], options: ArrowOptions = {}) {
  const { batchRows, batchBytes, ...shared } = options
  const stream = readArrowStream(await encode(records, { batchRows, batchBytes, ...shared }))
  deepStrictEqual(stream, readWithArrow(await encodeRecords(records, toParquet(shared))))
  return stream
}

const declared = {
  text: 'string',
  int64: 'int64',
  double: 'double',
  flag: 'boolean',
  time: 'timestamp',
  day: 'date',
  amount: 'decimal(12,2)',
  large: 'decimal(38,10)',
  json: 'json',
} as const

t.test(
  `cells of every type, also nested ones, are those of Parquet (seed ${seed})`,
  { timeout: timeLimit(120_000) },
  async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => !/\p{Surrogate}/u.test(value))
    const cells = {
      text: fc.option(text),
      int64: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      double: fc.option(fc.double()),
      flag: fc.option(fc.boolean()),
      time: fc.option(fc.date({ noInvalidDate: true })),
      day: fc.option(
        fc
          .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
          .map((date) => date.toISOString().slice(0, 10)),
      ),
      amount: fc.option(fc.integer().map((cents) => (cents / 4).toFixed(2))),
      large: fc.option(fc.bigInt({ min: -(10n ** 28n) + 1n, max: 10n ** 28n - 1n })),
      json: fc.option(fc.json()),
      list: fc.option(fc.array(fc.option(text), { maxLength: 4 })),
      struct: fc.option(fc.record({ constructor: fc.option(text), b: fc.option(fc.boolean()) })),
      lists: fc.option(
        fc.array(fc.option(fc.record({ s: fc.option(text), n: fc.option(fc.integer()) })), { maxLength: 3 }),
      ),
      variables: fc.dictionary(fc.constantFrom('a', 'b.c', '__proto__', 'é'), fc.option(text), { maxKeys: 3 }),
    }
    const first = { list: ['x'], struct: { constructor: 'x', b: true }, lists: [{ s: 'x', n: 1 }], variables: {} }
    const file = fc.record({
      batchRows: fc.integer({ min: 1, max: 12 }),
      batchBytes: fc.integer({ min: 1, max: 2000 }),
    })
    const property = fc.asyncProperty(fc.array(fc.record(cells), { maxLength: 30 }), file, async (records, options) => {
      await compareWithParquet([first, ...records], {
        ...options,
        types: declared,
        sampleSize: 1,
        variables: 'map',
        lateColumns: 'drop',
        columns: [...Object.keys(declared), 'list', 'struct', 'lists', 'variables'],
      })
    })
    await fc.assert(property, runs(25, 20))
  },
)

t.test('a report is encoded from the bytes of its pages, in batches', async (t) => {
  const server = await startFakeOptimize({ records: 250, hostileValues: true, objectVariables: 'json' })
  t.teardown(() => server.close())
  const source = () =>
    exportStream({ baseUrl: server.url, reportId: server.reportId, accessToken: server.token, limit: 60 })
  const run = async (encoder: ReturnType<typeof toArrow>) => {
    const chunks: Buffer[] = []
    await pipeline(source(), encoder, async (bytes: AsyncIterable<Buffer>) => {
      for await (const chunk of bytes) chunks.push(chunk)
    })
    return Buffer.concat(chunks)
  }
  for (const options of [{ columns: 'all' }, { columns: 'all', variables: 'map' }] as const) {
    const encoder = toArrow({ ...options, batchRows: 100, metadata: { team: 'ops' } })
    const bytes = await run(encoder)
    t.strictSame(readArrowStream(bytes), readWithArrow(await run(toParquet(options))))
    const batches = [...RecordBatchReader.from(bytes)].map(({ numRows }) => numRows)
    t.strictSame(batches, [100, 100, 50])
    t.match(encoder.stats, { rows: 250, rowGroups: 3, bytes: bytes.length })
    const { metadata } = tableFromIPC(bytes).schema
    t.equal(metadata.get('optimize-export.reportId'), server.reportId)
    t.equal(metadata.get('team'), 'ops')
  }
})

t.test('without records there is a schema', async (t) => {
  const { schema, numRows } = tableFromIPC(await encode([], { types: { duration: 'decimal(9,2)' } }))
  t.equal(numRows, 0)
  t.strictSame(
    schema.fields
      .filter(({ name }) => /duration|startDate|processInstanceId/.test(name))
      .map(({ name, type }) => [name, String(type)])
      .sort(),
    [
      ['duration', 'Decimal[9e+2]'],
      ['processInstanceId', 'Utf8'],
      ['startDate', 'Timestamp<MILLISECOND, UTC>'],
    ],
  )
})

t.test('JSON has its extension type, and a type of an earlier file is kept', async (t) => {
  const encoder = toArrow({ types: { a: 'json', b: 'date' } })
  const { schema } = tableFromIPC(await encodeRecords([{ a: '{}', b: '2026-05-31' }], encoder))
  t.equal(schema.fields.find(({ name }) => name === 'a')!.metadata.get('ARROW:extension:name'), 'arrow.json')
  const again = await encode([{ a: '[1]', b: '2026-06-01' }], { typesFrom: encoder.stats.schema! })
  t.strictSame(readArrowStream(again), { names: ['a', 'b'], rows: [['[1]', new Date('2026-06-01')]] })
})

t.test('typesFrom keeps the map of variables if pick names single variables', async (t) => {
  const options = { variables: 'map', pick: ['id', 'variable:n'] } as const
  const records = [{ id: 'a', variables: { n: '1', m: '2' } }]
  const first = toArrow(options)
  const bytes = await encodeRecords(records, first)
  const typesFrom = first.stats.schema!
  t.strictSame(readArrowStream(await encode(records, { ...options, typesFrom })), readArrowStream(bytes))
  t.strictSame(readArrowStream(await encode([], { ...options, typesFrom })).names, ['id', 'variables'])
})

t.test('wrong options and cells', async (t) => {
  t.throws(() => toArrow({ batchRows: 0 }), { code: 'ERR_OPTION', message: /^toArrow: batchRows: expected an integer/ })
  t.throws(() => toArrow({ codec: 'zstd' } as never), {
    code: 'ERR_OPTION',
    message: /^toArrow: codec: unknown option/,
  })
  t.match(await catchRejection(encode([{ a: '1' }, { a: 'x' }], { types: { a: 'int64' } })), {
    code: 'ERR_CELL_TYPE',
    message: 'toArrow: row 2: column "a": expected int64, got "x"',
  })
})

t.test('without apache-arrow the stream fails at once, and the error has the command that installs it', async (t) => {
  const missing = new OptionError(
    'toArrow',
    'format',
    'the package apache-arrow is not installed; run: npm install apache-arrow',
  )
  const { toArrow: toNothing } = await t.mockImport<{ toArrow: typeof toArrow }>(
    '../../lib/formats/arrow/to-arrow.js',
    {
      '../../lib/formats/arrow/arrow-library.js': {
        loadArrow: () => Promise.reject(missing),
        ArrowMessages: undefined,
      },
    },
  )
  const endless = new Readable({ objectMode: true, read: () => undefined })
  t.equal(await catchRejection(pipeline(endless, toNothing(), new PassThrough())), missing)
  const unused = toNothing()
  await new Promise(setImmediate)
  t.notOk(unused.destroyed, 'an encoder that is not in use does not end the process')
  t.equal(await catchRejection(encodeRecords([{ a: 1 }], unused)), missing)
})
