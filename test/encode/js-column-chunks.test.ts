// Column chunks built in JavaScript, compared with those of the kernel: other pages, but the same content for a reader.
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { ColumnType } from '../../lib/schema/types/column-type.js'
import type { Cell, Row } from '../../lib/shared/types.js'
import { withFastPathOff } from '../support/encode/fast-path.js'
import { encodeJsonTexts, encodeRows, type FilePlan } from '../support/encode/parquet-columns.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readWithArrow } from '../support/readers/read-arrow.js'
import { readBytesWithDuckdb, readFooter, readWithHyparquet } from '../support/readers/read-parquet.js'

const types: Record<string, ColumnType> = {
  text: 'string',
  json: 'json',
  int64: 'int64',
  double: 'double',
  boolean: 'boolean',
  time: 'timestamp',
  list: { list: 'string' },
}

const cells: Record<string, fc.Arbitrary<Cell>> = {
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 90 }),
    fc.constantFrom('', '\uE000', '\u{10000}', '\ud800', '\u{10FFFF}'.repeat(17), `${'x'.repeat(63)}\uD7FFy`),
  ),
  json: fc.json(),
  int64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer()),
  double: fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN)),
  boolean: fc.boolean(),
  time: fc.date({ noInvalidDate: true }),
  list: fc.array(fc.option(fc.string({ maxLength: 3 })), { maxLength: 4 }),
}

/** Returns the facts in the footer that do not depend on the pages: for each chunk its number of values and its statistics. */
const factsOf = (bytes: Buffer) =>
  readFooter(bytes).row_groups.map(({ num_rows, columns }) => ({
    num_rows,
    chunks: columns.map(({ meta_data }) => ({ values: meta_data!.num_values, statistics: meta_data!.statistics })),
  }))

async function sameForReaders(one: Buffer, other: Buffer): Promise<void> {
  deepStrictEqual(factsOf(one), factsOf(other))
  deepStrictEqual((await readBytesWithDuckdb(one)).rows, (await readBytesWithDuckdb(other)).rows)
  deepStrictEqual((await readWithHyparquet(one)).rows, (await readWithHyparquet(other)).rows)
  deepStrictEqual(readWithArrow(one).rows, readWithArrow(other).rows)
}

t.test(`values and bounds are those of the kernel (seed ${seed})`, { timeout: timeLimit(240_000) }, async () => {
  const row = fc.record(
    Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, fc.option(cell)])),
  ) as fc.Arbitrary<Row>
  const plan = fc.record({
    codec: fc.constantFrom('snappy', 'gzip', 'zstd', 'uncompressed'),
    rowGroupRows: fc.integer({ min: 1, max: 60 }),
    rowGroupBytes: fc.integer({ min: 1, max: 20_000 }),
  })
  const property = fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 100 }), plan, async (rows, options) => {
    const filePlan: FilePlan = { types, ...options }
    await sameForReaders(await withFastPathOff(() => encodeRows(filePlan, rows)), await encodeRows(filePlan, rows))
  })
  await fc.assert(property, runs(15, 20))
})

t.test('chunks of several pages have the values and bounds of the kernel', async (t) => {
  const rows = Array.from({ length: 300_000 }, (_, at): Row => ({
    text: at % 3 === 0 ? `${at} ${'x'.repeat(at % 40)}` : null,
    boolean: at % 7 === 0,
  }))
  const plan: FilePlan = {
    types: { text: 'string', boolean: 'boolean' },
    rowGroupRows: 300_000,
    rowGroupBytes: 2 ** 30,
  }
  const bytes = await withFastPathOff(() => encodeRows(plan, rows))
  t.strictSame(factsOf(bytes), factsOf(await encodeRows(plan, rows)))
  const { rows: read } = await readBytesWithDuckdb(bytes)
  t.strictSame(
    read,
    rows.map(({ text, boolean }) => [text, boolean]),
  )
})

t.test('bytes of a page are read as values before they are appended', async (t) => {
  const plan: FilePlan = { types: { text: 'string', int64: 'int64' }, isInferred: true }
  const records = [
    ['"a"', '1'],
    [undefined, '"12"'],
    ['"\\u0062"', 'null'],
  ]
  const file = (input: 'cells' | 'spans') => withFastPathOff(() => encodeJsonTexts(input, plan, records))
  const bytes = await file('spans')
  t.strictSame(bytes, await file('cells'))
  t.strictSame((await readBytesWithDuckdb(bytes)).rows, [
    ['a', 1n],
    [null, 12n],
    ['b', null],
  ])
})
