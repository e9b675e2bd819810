import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import t from 'tap'
import type { EngineName } from '../../lib/encode/parquet/engines/engines.js'
import { bothEngines, encodeParquet } from '../support/encode/encode-parquet.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readBytesWithDuckdb, readFooter } from '../support/readers/read-parquet.js'

type Cell = string | number | bigint | boolean | Date | null

const id = (at: number) => `order-management-process:1:${'0'.repeat(30)}${String(at).padStart(6, '0')}`
const near = new Date('2021-12-02T15:21:49.330Z').getTime()
const kinds = {
  string: fc.oneof(
    fc.nat(50).map(id),
    fc.string({
      unit: fc.constantFrom('a', 'é', '\uD7FF', '\uE000', '\uFFFF', '\u{10000}', '\u{10FFFF}'),
      maxLength: 40,
    }),
    fc
      .string({ unit: fc.constantFrom('a', 'é', '\u{10FFFF}'), minLength: 15, maxLength: 24 })
      .map((end) => `${'x'.repeat(15)}${end}`),
  ),
  int64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -3n, max: 3n })),
  double: fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, 1, -1, Infinity, -Infinity)),
  boolean: fc.boolean(),
  timestamp: fc.integer({ min: near - 2 ** 40, max: near + 2 ** 40 }).map((time) => new Date(time)),
} as const
type Kind = keyof typeof kinds

const literals: Readonly<Record<Kind, (value: never) => string>> = {
  string: (value: string) => `'${value.replaceAll("'", "''")}'`,
  int64: (value: bigint) => `'${value}'::BIGINT`,
  double: (value: number) => `'${Object.is(value, -0) ? '-0' : String(value)}'::DOUBLE`,
  boolean: (value: boolean) => String(value),
  timestamp: (value: Date) => `make_timestamptz(${value.getTime()} * 1000)`,
}

const column = fc.constantFrom(...(Object.keys(kinds) as Kind[])).chain((type) =>
  fc.record({
    type: fc.constant(type),
    values: fc.array<Cell>(fc.option(kinds[type] as fc.Arbitrary<Cell>), { minLength: 1, maxLength: 30 }),
  }),
)

t.test(
  `a filter finds in the file what it finds in a table without bounds (seed ${seed})`,
  { timeout: timeLimit(240_000) },
  async () => {
    const engine = fc.constantFrom<EngineName>(...bothEngines)
    const property = fc.asyncProperty(
      column,
      fc.integer({ min: 1, max: 6 }),
      engine,
      async ({ type, values }, rowGroupRows, engine) => {
        const records = values.map((c) => ({ c }))
        const { bytes } = await encodeParquet(records, { engine, rowGroupRows, columns: ['c'], types: { c: type } })
        const conditions = [...new Set(values)].flatMap((value) =>
          value === null
            ? ['IS NULL', 'IS NOT NULL']
            : ['=', '<', '<=', '>', '>='].map((sign) => `${sign} ${literals[type](value as never)}`),
        )
        const counts = (table: string) =>
          conditions.map((condition) => `(SELECT count(*) FROM ${table} WHERE c ${condition})`).join()
        const { rows } = await readBytesWithDuckdb(
          bytes,
          `WITH whole AS MATERIALIZED (SELECT * FROM file) SELECT [${counts('file')}], [${counts('whole')}]`,
        )
        deepStrictEqual(rows[0]![0], rows[0]![1])
      },
    )
    await fc.assert(property, runs(15, 20))
  },
)

const statisticsOf = (bytes: Buffer, column = 0, group = 0) =>
  readFooter(bytes).row_groups[group]!.columns[column]!.meta_data!.statistics

t.test('a bound of zero includes -0 and 0, and a row group with a NaN has no bounds', async (t) => {
  for (const engine of bothEngines) {
    const values = [0, 0, 5, NaN, -5, -0, null, 1.5]
    const { bytes } = await encodeParquet(
      values.map((d) => ({ d })),
      { engine, rowGroupRows: 2, types: { d: 'double' }, sampleSize: 1 },
    )
    const bounds = [0, 1, 2, 3].map((group) => {
      const { min_value, max_value, null_count } = statisticsOf(bytes, 0, group)!
      return [min_value, max_value, null_count]
    })
    t.strictSame(bounds, [
      [-0, 0, 0n],
      [undefined, undefined, 0n],
      [-5, 0, 0n],
      [1.5, 1.5, 1n],
    ])
    t.ok(Object.is(bounds[0]![0], -0) && Object.is(bounds[0]![1], 0) && Object.is(bounds[2]![1], 0), engine)
    for (const zero of [0, -0]) {
      const file = new Uint8Array(bytes).buffer
      const found = await parquetReadObjects({ file, compressors, filter: { d: { $eq: zero } } })
      t.equal(found.length, 3, engine)
    }
  }
})

t.test('a bound has at most 64 bytes, and a bound that was cut is marked as not exact', async (t) => {
  const texts = ['a'.repeat(64), 'b'.repeat(65), `${'c'.repeat(62)}éé`]
  const { bytes } = await encodeParquet(
    texts.map((s) => ({ s })),
    { rowGroupRows: 1 },
  )
  t.strictSame(
    [0, 1, 2].map((group) => {
      const { min_value, max_value, is_min_value_exact, is_max_value_exact } = statisticsOf(bytes, 0, group)!
      return [min_value, max_value, is_min_value_exact, is_max_value_exact]
    }),
    [
      [texts[0], texts[0], undefined, undefined],
      ['b'.repeat(64), `${'b'.repeat(63)}c`, false, false],
      [`${'c'.repeat(62)}é`, `${'c'.repeat(62)}ê`, false, false],
    ],
  )
})

t.test('timestamps are UTC milliseconds for readers', async (t) => {
  const time = '2021-12-02T17:21:49.330+0200'
  for (const engine of bothEngines) {
    const { bytes } = await encodeParquet([{ startDate: time, s: 'x' }], { engine })
    const { schema } = readFooter(bytes)
    t.match(schema[1], {
      name: 'startDate',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    })
    const { types, rows } = await readBytesWithDuckdb(bytes)
    t.equal(types[0], 'TIMESTAMP WITH TIME ZONE')
    t.strictSame(rows[0]![0], new Date(time))
  }
})
