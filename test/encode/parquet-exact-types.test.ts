// The exact types of columns: dates and decimals. Their values are read back by DuckDB, hyparquet and Arrow.
import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { formatDecimal, parseDecimal } from '../../lib/schema/types/decimal.js'
import { parseDay } from '../../lib/schema/types/timestamp.js'
import {
  formatType,
  isColumnType,
  parseDecimalType,
  scalarRule,
  type DecimalType,
  type ScalarType,
} from '../../lib/schema/types/column-type.js'
import { toParquet, type ParquetOptions } from '../../lib/encode/parquet/to-parquet.js'
import { encodeParquet, roundTrip } from '../support/encode/encode-parquet.js'
import { withFastPathOff } from '../support/encode/fast-path.js'
import { encodeJsonTexts, encodeRows } from '../support/encode/parquet-columns.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readWithArrow } from '../support/readers/read-arrow.js'
import { readBytesWithDuckdb, readFooter, readWithHyparquet } from '../support/readers/read-parquet.js'

/** Reads with DuckDB, which writes `.5` for a decimal that has all of its digits after the point. */
async function readTexts(bytes: Buffer, sql: string): Promise<unknown[][]> {
  const { rows } = await readBytesWithDuckdb(bytes, sql)
  return rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell.replace(/^(-?)\./, '$10.') : cell)))
}

/** Decimals of one type: as texts with all digits after the point, and as the same numbers in other notations. */
interface Sample {
  readonly type: DecimalType
  readonly texts: readonly (string | null)[]
  readonly written: readonly (string | null)[]
}

const sizes = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) => fc.record({ precision: fc.constant(precision), scale: fc.integer({ min: 0, max: precision }) }))

/** Returns the same number in another notation: with zeros, a sign or an exponent. */
function rewrite(text: string, notation: number): string {
  const [whole = '', fraction = ''] = text.split('.')
  if (notation === 1) return text.includes('.') ? `${text}000` : `${text}.0`
  if (notation === 2) return text.startsWith('-') ? `-00${text.slice(1)}` : `+0${text}`
  if (notation === 3) return `${whole}${fraction}e-${fraction.length}`
  return text
}

const samples: fc.Arbitrary<Sample> = sizes.chain(({ precision, scale }) => {
  const limit = 10n ** BigInt(precision) - 1n
  const unscaled = fc.oneof(
    fc.bigInt({ min: -limit, max: limit }),
    fc.constantFrom(0n, 1n, -1n, limit, -limit),
    fc.bigInt({ min: limit < 99n ? -limit : -99n, max: limit < 99n ? limit : 99n }),
  )
  return fc
    .array(fc.option(fc.record({ unscaled, notation: fc.integer({ min: 0, max: 3 }) })), {
      minLength: 1,
      maxLength: 20,
    })
    .map((cells): Sample => {
      const texts = cells.map((cell) => cell && formatDecimal(cell.unscaled, { precision, scale }))
      return {
        type: `decimal(${precision},${scale})`,
        texts,
        written: texts.map((text, at) => text && rewrite(text, cells[at]!.notation)),
      }
    })
})

t.test(
  `any decimals come back with their digits, from texts and JSON numbers, from cells and spans (seed ${seed})`,
  { timeout: timeLimit(120_000) },
  async () => {
    const property = fc.asyncProperty(
      samples,
      fc.integer({ min: 1, max: 9 }),
      async ({ type, texts, written }, rowGroupRows) => {
        const plan = { types: { d: type, n: type }, rowGroupRows, codec: 'uncompressed' as const }
        // JSON has no leading zeros and no plus sign
        const toNumber = (text: string) => text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1')
        const records = written.map((text) =>
          text === null ? [undefined, 'null'] : [JSON.stringify(text), toNumber(text)],
        )
        const bytes = await encodeJsonTexts('spans', plan, records)
        deepStrictEqual(bytes, await encodeJsonTexts('cells', plan, records))
        const sql = 'SELECT CAST(d AS VARCHAR), CAST(n AS VARCHAR) FROM file'
        const expected = texts.map((text) => [text, text])
        deepStrictEqual(await readTexts(bytes, sql), expected)
        deepStrictEqual(readWithArrow(bytes).rows, expected)
        const { rows } = await readWithHyparquet(bytes)
        for (const [at, text] of texts.entries())
          if (text === null) deepStrictEqual(rows[at], [null, null])
          else for (const value of rows[at]!) strictEqual(Number(value).toPrecision(12), Number(text).toPrecision(12))
        const other = await withFastPathOff(() => encodeJsonTexts('cells', plan, records))
        deepStrictEqual(await readTexts(other, sql), expected)
        const present = texts.filter((text) => text !== null)
        for (const text of new Set(present)) {
          const found = await readBytesWithDuckdb(bytes, `SELECT count(*)::INT FROM file WHERE d = '${text}'::${type}`)
          deepStrictEqual(found.rows, [[present.filter((other) => other === text).length]], `bounds hide ${text}`)
        }
      },
    )
    await fc.assert(property, runs(25, 20))
  },
)

t.test(
  `any days come back from texts, from times at midnight and from Dates (seed ${seed})`,
  { timeout: timeLimit(60_000) },
  async () => {
    const day = fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10))
    const written = fc.constantFrom(
      (text: string) => text,
      (text: string) => `${text}T00:00:00.000+0200`,
      (text: string) => `${text}T00:00:00Z`,
      (text: string) => new Date(text),
    )
    const cells = fc.array(fc.option(fc.tuple(day, written)), { minLength: 1, maxLength: 30 })
    const property = fc.asyncProperty(cells, fc.integer({ min: 1, max: 9 }), async (cells, rowGroupRows) => {
      const plan = { types: { day: 'date' as const }, rowGroupRows, codec: 'uncompressed' as const }
      const rows = cells.map((cell) => ({ day: cell && cell[1](cell[0]) }))
      const bytes = await encodeRows(plan, rows)
      const expected = cells.map((cell) => [cell && cell[0]])
      deepStrictEqual((await readBytesWithDuckdb(bytes, 'SELECT CAST(day AS VARCHAR) FROM file')).rows, expected)
      deepStrictEqual(
        readWithArrow(bytes).rows,
        expected.map(([text]) => [text && new Date(text)]),
      )
      deepStrictEqual(
        (await readWithHyparquet(bytes)).rows,
        expected.map(([text]) => [text && new Date(text)]),
      )
      deepStrictEqual(bytes, await withFastPathOff(() => encodeRows(plan, rows)))
    })
    await fc.assert(property, runs(25, 20))
  },
)

t.test('readers see the types DECIMAL and DATE', async (t) => {
  const types = { small: 'decimal(12,2)', large: 'decimal(38,10)', day: 'date' } as const
  const columns = ['small', 'large', 'day']
  const { duckdb, bytes, stats } = await roundTrip([{ small: '1.5', large: 2n, day: '2026-05-31' }], { types, columns })
  t.strictSame(duckdb.types, ['DECIMAL(12,2)', 'DECIMAL(38,10)', 'DATE'])
  t.strictSame(
    readFooter(bytes)
      .schema.slice(1)
      .map(({ name, type, converted_type, precision, scale, type_length }) => [
        name,
        type,
        converted_type,
        precision,
        scale,
        type_length,
      ])
      .sort(),
    [
      ['day', 'INT32', 'DATE', undefined, undefined, undefined],
      ['large', 'FIXED_LEN_BYTE_ARRAY', 'DECIMAL', 38, 10, 16],
      ['small', 'INT64', 'DECIMAL', 12, 2, undefined],
    ],
  )
  t.strictSame(stats.schema!.map(({ name, type, chosen }) => [name, type, chosen]).sort(), [
    ['day', 'date', 'declared'],
    ['large', 'decimal(38,10)', 'declared'],
    ['small', 'decimal(12,2)', 'declared'],
  ])
})

t.test('a cell that does not fit is an error with column, record and type', async (t) => {
  const refused = async (type: ScalarType, cell: unknown, got: string) =>
    t.rejects(encodeParquet([{ c: null }, { c: cell }], { types: { c: type } }), {
      code: 'ERR_CELL_TYPE',
      message: `toParquet: row 2: column "c": expected ${type}, got ${got}`,
    })
  for (const cell of ['1.505', '12345678901.00', '1e11', 'NaN', '.', '-', '1,5', ' 1', '1e-3', 'x', '0x1'])
    await refused('decimal(12,2)', cell, JSON.stringify(cell))
  await refused('decimal(12,2)', 0.1 + 0.2, '0.30000000000000004')
  await refused('decimal(12,2)', true, 'true')
  await refused('decimal(12,2)', [1], '[1]')
  await refused('decimal(38,0)', 10n ** 38n, String(10n ** 38n))
  for (const cell of [
    '2026-05-31T00:00:01.000+0200',
    '2026-02-30',
    '31.05.2026',
    '2026-05-31T00:00:00',
    '2026/05/31',
    '2026-5-1',
    ''.padEnd(30),
  ])
    await refused('date', cell, JSON.stringify(cell))
  await refused('date', new Date(1), '1970-01-01T00:00:00.001Z')
  await refused('date', 20_000, '20000')
})

t.test('an empty text is null, as in other columns that are not text', async (t) => {
  const { duckdb } = await roundTrip(
    [
      { d: '', day: '' },
      { d: null, day: undefined },
    ],
    {
      types: { d: 'decimal(5,1)', day: 'date' },
      columns: ['d', 'day'],
    },
  )
  t.strictSame(duckdb.rows, [
    [null, null],
    [null, null],
  ])
})

t.test('the digits of a number are those of the JSON', async (t) => {
  const plan = { types: { a: 'decimal(38,20)' as const, b: 'string' as const } }
  const records = [
    ['0.12345678901234567890', '1'],
    ['123456789012345678.5', '2'],
    ['1E-20', '3'],
    ['1.10', '4'],
    ['-0', '5'],
  ]
  for (const input of ['spans', 'cells'] as const) {
    const bytes = await encodeJsonTexts(input, plan, records)
    t.strictSame((await readBytesWithDuckdb(bytes, 'SELECT CAST(a AS VARCHAR) FROM file')).rows.flat(), [
      '0.12345678901234567890',
      '123456789012345678.50000000000000000000',
      '0.00000000000000000001',
      '1.10000000000000000000',
      '0.00000000000000000000',
    ])
  }
})

t.test('a receipt carries the types to the next file', async (t) => {
  const types = { 'variable:amount': 'decimal(12,2)', 'variable:due': 'date' } as const
  const record = { variables: { amount: '7', due: '2026-01-02' } }
  const { stats } = await encodeParquet([record], { types })
  const typesFrom = JSON.parse(JSON.stringify({ schema: stats.schema })) as ParquetOptions['typesFrom']
  const { duckdb } = await roundTrip([record], { typesFrom })
  t.strictSame(duckdb.types, ['DECIMAL(12,2)', 'DATE'])
  t.throws(() => toParquet({ typesFrom, engine: 'parquetjs-lite' }), {
    code: 'ERR_OPTION',
    message:
      'toParquet: typesFrom: expected columns without dates and decimals with parquetjs-lite, got "variable:amount"',
  })
})

t.test('an invalid decimal type is refused at the call, and so are exact types with parquetjs-lite', async (t) => {
  for (const type of ['decimal', 'decimal(0,0)', 'decimal(39,0)', 'decimal(5,6)', 'decimal(5)', 'decimal(a,b)', 'Date'])
    t.throws(() => toParquet({ types: { a: type as 'date' } }), {
      code: 'ERR_OPTION',
      option: 'types.a',
      message: /or 'decimal\(p,s\)' with 1 to 38 digits, s of them after the point, such as 'decimal\(12,2\)', got "/,
    })
  for (const type of ['decimal(5,2)', 'date'] as const)
    t.throws(() => toParquet({ engine: 'parquetjs-lite', types: { a: type } }), {
      code: 'ERR_OPTION',
      option: 'types.a',
      message: `toParquet: types.a: expected a type that parquetjs-lite can write, got "${type}"`,
    })
  t.equal(scalarRule.parse('DECIMAL(12, 2)', { where: '', option: '' }), 'decimal(12,2)')
  t.equal(parseDecimalType(5), undefined)
  t.ok(isColumnType({ struct: [{ name: 'a', type: 'decimal(5,2)' }] }))
  t.notOk(isColumnType('decimal(5, 2)'), 'a receipt has the type as this package writes it')
  t.equal(formatType({ list: 'decimal(5,2)' }), 'list<decimal(5,2)>')
})

t.test('decimals and days can be inside lists and structs', async (t) => {
  const types = { amounts: { list: 'decimal(20,2)' }, line: { struct: [{ name: 'day', type: 'date' }] } } as const
  const bytes = await encodeRows({ types }, [{ amounts: ['1.5', 2, null], line: { day: '2026-05-31' } }])
  const sql = 'SELECT CAST(amounts AS VARCHAR), CAST(line.day AS VARCHAR) FROM file'
  t.strictSame((await readBytesWithDuckdb(bytes, sql)).rows, [['[1.50, 2.00, NULL]', '2026-05-31']])
})

t.test('decimals and days are parsed exactly or refused', async (t) => {
  const size = { precision: 4, scale: 2 }
  for (const [text, value] of [
    ['12.34', 1234n],
    ['-12.3', -1230n],
    ['.5', 50n],
    ['5.', 500n],
    ['0', 0n],
    ['-0.00', 0n],
    ['99.99', 9999n],
    ['100', undefined],
    ['0.001', undefined],
    ['', undefined],
    ['.', undefined],
    ['1e1', 1000n],
    ['1e999', undefined],
    ['1e-999', undefined],
  ] as const)
    t.equal(parseDecimal(text, size), value, text)
  t.equal(formatDecimal(-5n, { precision: 4, scale: 2 }), '-0.05')
  t.equal(formatDecimal(-5n, { precision: 4, scale: 0 }), '-5')
  t.equal(parseDay('1970-01-02'), 1)
  t.equal(parseDay('1969-12-31T00:00:00+0100'), -1)
  t.equal(parseDay('2026-05-31T00:00:00.5Z'), undefined)
  t.equal(parseDay('2026-05-31T00:00:00.000'), undefined)
})
