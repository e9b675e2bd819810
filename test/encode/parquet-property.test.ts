import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { EngineName } from '../../lib/encode/parquet/engines/engines.js'
import { bothEngines, roundTrip } from '../support/encode/encode-parquet.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readFooter } from '../support/readers/read-parquet.js'

/** A cell, and the value that both readers must give for it. */
interface Sample {
  readonly cell: unknown
  readonly value: unknown
}

const nothing = fc.constantFrom<Sample>({ cell: null, value: null }, { cell: undefined, value: null })
const empty = fc.constant<Sample>({ cell: '', value: null })
const as = <T>(from: fc.Arbitrary<T>, cell: (value: T) => unknown, value: (value: T) => unknown = (same) => same) =>
  fc.oneof({ weight: 5, arbitrary: from.map((given): Sample => ({ cell: cell(given), value: value(given) })) }, nothing)
const verbatim = <T>(from: fc.Arbitrary<T>) => as(from, (value) => value)

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', 'a', 'b', '\uE000', '\u{10000}', '\uFFFF'),
)
const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -3n, max: 3n }))
const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1.5))
const date = fc.oneof(fc.date({ noInvalidDate: true }), fc.constantFrom(new Date(0), new Date(-1)))
const isYear4 = (value: Date) => /^\d{4}-/.test(value.toISOString())

const scalars = {
  string: verbatim(text),
  int64: fc.oneof(
    verbatim(int64),
    as(int64, String),
    as(fc.maxSafeInteger(), (value) => value, BigInt),
    empty,
  ),
  double: fc.oneof(
    verbatim(double),
    as(double.filter(Number.isFinite), (value) => (Object.is(value, -0) ? '-0' : String(value))),
    empty,
  ),
  boolean: fc.oneof(verbatim(fc.boolean()), as(fc.boolean(), String), empty),
  timestamp: fc.oneof(
    verbatim(date),
    as(date, (value) => value.getTime()),
    as(date.filter(isYear4), (value) => value.toISOString()),
    empty,
  ),
  json: fc.oneof(
    as(fc.json(), (value) => value),
    empty,
  ),
} as const
const types = Object.fromEntries(Object.keys(scalars).map((type) => [type, type])) as {
  [type in keyof typeof scalars]: type
}

const files = fc.record({
  rowGroupRows: fc.integer({ min: 1, max: 12 }),
  rowGroupBytes: fc.integer({ min: 1, max: 400 }),
  sampleSize: fc.integer({ min: 1, max: 12 }),
  codec: fc.constantFrom('snappy', 'gzip', 'uncompressed'),
})

t.test(
  `any cells of declared types come back from files of both engines in both readers (seed ${seed})`,
  { timeout: timeLimit(120_000) },
  async () => {
    const columns = Object.keys(scalars)
    const rows = fc.array(fc.record<Record<string, Sample>>(scalars), { minLength: 1, maxLength: 30 })
    const property = fc.asyncProperty(
      rows,
      files,
      fc.constantFrom<EngineName>(...bothEngines),
      async (samples, file, engine) => {
        const records = samples.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]!.cell])))
        const expected = samples.map((row) => columns.map((name) => row[name]!.value))
        const { duckdb, hyparquet } = await roundTrip(records, { ...file, engine, types, columns })
        deepStrictEqual(duckdb.rows, expected)
        const json = columns.indexOf('json')
        const parsed = expected.map((row) =>
          row.with(json, row[json] === null ? null : JSON.parse(row[json] as string)),
        )
        deepStrictEqual(hyparquet.rows, parsed)
      },
    )
    await fc.assert(property, runs(20, 20))
  },
)

t.test(
  `any nested cells come back from files of hyparquet-writer in both readers (seed ${seed})`,
  { timeout: timeLimit(120_000) },
  async () => {
    const list = fc.array(fc.option(text), { maxLength: 4 })
    const struct = fc.record({ s: fc.option(text), d: fc.option(double), b: fc.option(fc.boolean()) })
    const row = fc.record({
      list: fc.option(list),
      struct: fc.option(struct),
      lists: fc.option(fc.array(fc.option(struct), { maxLength: 3 })),
    })
    const first = { list: ['x'], struct: { s: 'x', d: 0.5, b: true }, lists: [{ s: 'x', d: 0.5, b: true }] }
    const property = fc.asyncProperty(fc.array(row, { maxLength: 20 }), files, async (records, file) => {
      const { duckdb, hyparquet } = await roundTrip([first, ...records], { ...file, sampleSize: 1 })
      const expected = [first, ...records].map(({ list, struct, lists }) => [
        list,
        struct && { ...struct },
        lists && lists.map((one) => one && { ...one }),
      ])
      deepStrictEqual(duckdb.rows, expected)
      deepStrictEqual(hyparquet.rows, expected)
    })
    await fc.assert(property, runs(20, 20))
  },
)

/** Returns a value in a form that can be compared: with sorted object keys, and an int64 as in JSON. */
function canonical(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.entries(value)
    .map(([key, part]) => [key, canonical(part)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

t.test(
  `any records give the same table with both engines and both readers, with unchanged variables (seed ${seed})`,
  { timeout: timeLimit(120_000) },
  async () => {
    const key = fc.constantFrom('a', 'b.c', 'd"', 'é', '7', 'constructor', '😀')
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(
          text,
          fc.integer(),
          fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0),
          fc.boolean(),
          fc.constant(null),
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 3 }),
      ),
    })).value
    const record = fc.record(
      { variables: fc.dictionary(key, text), x: value, y: value, duration: fc.option(fc.nat()) },
      { requiredKeys: ['x'] },
    )
    const property = fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 10 }),
      files,
      async (records, file) => {
        const tables: unknown[] = []
        for (const engine of bothEngines) {
          const { duckdb, hyparquet, bytes } = await roundTrip(records, { ...file, engine, sampleSize: 10 })
          const isJson = duckdb.names.map((name) =>
            readFooter(bytes).schema.some((node) => node.name === name && node.converted_type === 'JSON'),
          )
          const parsed = duckdb.rows.map((row) =>
            row.map((cell, at) => (isJson[at] && cell !== null ? (JSON.parse(cell as string) as unknown) : cell)),
          )
          deepStrictEqual(canonical(parsed), canonical(hyparquet.rows))
          deepStrictEqual(duckdb.names, hyparquet.names)
          tables.push(canonical(parsed))
          for (const [at, name] of duckdb.names.entries()) {
            if (!name.startsWith('variable:')) continue
            const id = name.slice('variable:'.length)
            deepStrictEqual(
              duckdb.rows.map((row) => row[at]),
              records.map(({ variables }) => (variables && Object.hasOwn(variables, id) ? variables[id] : null)),
            )
          }
        }
        deepStrictEqual(tables[0], tables[1])
      },
    )
    await fc.assert(property, runs(20, 20))
  },
)
