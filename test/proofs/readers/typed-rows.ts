// Rows of one column per type and pattern of nulls, with the values at the ends of each type.
import type { ParquetType, Row } from '../../../lib/index.js'
import type { CellType, Column } from './expectation.js'

const instants = [-62_135_596_800_000, -1, 0, 999, 1_717_136_786_586, 253_402_300_799_999]
const texts = [
  '',
  ' ',
  'null',
  'NULL',
  '007',
  '1e5',
  'a,b',
  '"quoted"',
  'line\nbreak',
  'tab\t',
  '\\N',
  'ä€😀',
  'x'.repeat(3000),
  '=1+1',
  'e\u0301',
  'nul\0',
  // bounds of 64 bytes end inside a character of several
  `${'p'.repeat(62)}€1`,
  `${'p'.repeat(62)}€2`,
  `${'p'.repeat(61)}😀`,
  '\u{10ffff}'.repeat(20),
]

/** Values of each type: the value for the encoder, and the one that a reader must find. */
const values: Readonly<Record<string, readonly (readonly [given: Row[string], expected: unknown])[]>> = {
  string: texts.map((text) => [text, text]),
  int64: [-(2n ** 63n), -(2n ** 53n) - 1n, -1, 0, 1, 2 ** 31, 2n ** 53n + 1n, 2n ** 63n - 1n].map((n) => [
    n,
    String(n),
  ]),
  // the infinities and -0 are texts, because JSON has none of them
  double: [
    -Infinity,
    -1.7976931348623157e308,
    -1.5,
    -0,
    0,
    5e-324,
    0.1,
    1,
    123_456_789.123,
    1.7976931348623157e308,
    Infinity,
  ].map((n) => [n, Object.is(n, -0) ? '-0' : Number.isFinite(n) ? n : String(n)]),
  boolean: [true, false, false].map((one) => [one, one]),
  timestamp: instants.map((ms) => [new Date(ms), ms]),
  json: [{ a: [1, null, 'ä'] }, [], 0, true, { '': { 'b.c': '"' } }].map((one) => [one, JSON.stringify(one)]),
}

/** Columns of the types that parquetjs-lite does not have: their types, and the values that a reader must find. */
const exactColumns: Readonly<
  Record<string, { readonly type: ParquetType; readonly kind: CellType; readonly values: (typeof values)[string] }>
> = {
  day: {
    type: 'date',
    kind: 'date',
    values: ['0001-01-01', '1969-12-31', '1970-01-01', '2024-02-29', '2026-05-31', '9999-12-31'].map((day) => [
      day,
      day,
    ]),
  },
  amount: decimalColumn('decimal(12,2)', ['-9999999999.99', '-0.01', '0.00', '0.10', '12.50', '9999999999.99']),
  count: decimalColumn('decimal(9,0)', ['-999999999', '0', '7', '999999999']),
  large: decimalColumn('decimal(38,10)', [
    `-${'9'.repeat(28)}.${'9'.repeat(10)}`,
    '-1.0000000000',
    '0.0000000001',
    '9007199254740993.5000000000',
    `${'9'.repeat(28)}.${'9'.repeat(10)}`,
  ]),
}

function decimalColumn(type: ParquetType, texts: readonly string[]) {
  return { type, kind: 'decimal' as const, values: texts.map((text) => [text, text] as const) }
}

/** Patterns of nulls: each returns whether the value in a row is null. */
const patterns: Readonly<Record<string, (row: number, rows: number) => boolean>> = {
  none: () => false,
  all: () => true,
  first: (row) => row === 0,
  last: (row, rows) => row === rows - 1,
  every2nd: (row) => row % 2 === 1,
  runs: (row) => Math.floor(row / 130) % 2 === 1,
  mixed: (row) => (Math.imul(row + 1, 2_654_435_761) >>> 0) % 3 === 0,
}

/** Returns rows for the encoder, the types to declare, and the cells that a reader must find. Column `n` numbers the rows. */
export const typedRows = (rows: number) =>
  createRows(
    rows,
    Object.entries(values).map(([name, values]) => ({
      name,
      type: name as ParquetType,
      kind: name as CellType,
      values,
    })),
  )

/** Returns the same for columns of dates and decimals. */
export const exactRows = (rows: number) =>
  createRows(
    rows,
    Object.entries(exactColumns).map(([name, column]) => ({ name, ...column })),
  )

interface TypedColumn {
  readonly name: string
  readonly type: ParquetType
  readonly kind: CellType
  readonly values: (typeof values)[string]
}

function createRows(rows: number, typed: readonly TypedColumn[]) {
  const plans = typed.flatMap(({ name, ...column }) =>
    Object.entries(patterns).map(([pattern, isNull]) => ({ ...column, name: `${name}_${pattern}`, isNull })),
  )
  const given: Row[] = []
  const expected: unknown[][] = []
  for (let row = 0; row < rows; row++) {
    const cells: Row = { n: row }
    const found: unknown[] = [String(row)]
    for (const { name, values, isNull } of plans) {
      const [value, wanted] = values[row % values.length]!
      const absent = isNull(row, rows)
      cells[name] = absent ? null : value
      found.push(absent ? null : wanted)
    }
    given.push(cells)
    expected.push(found)
  }
  const types = { n: 'int64', ...Object.fromEntries(plans.map(({ name, type }) => [name, type])) } as Record<
    string,
    ParquetType
  >
  const columns: Column[] = [{ name: 'n', type: 'int64' }, ...plans.map(({ name, kind }) => ({ name, type: kind }))]
  return { given, types, columns, expected }
}
