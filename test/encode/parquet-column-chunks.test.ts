import { deepStrictEqual } from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import type { Cell, Row } from '../../lib/shared/types.js'
import { encodeRows, openFile, type FilePlan } from '../support/encode/parquet-columns.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readWithArrow } from '../support/readers/read-arrow.js'
import { readBytesWithDuckdb, readFooter, readWithHyparquet } from '../support/readers/read-parquet.js'
import { skipWithoutFastPath } from '../support/encode/fast-path.js'

/** Checks that all three readers return these rows. */
async function assertRowsInAllReaders(bytes: Buffer, rows: unknown[][]) {
  deepStrictEqual((await readBytesWithDuckdb(bytes)).rows, rows)
  deepStrictEqual((await readWithHyparquet(bytes)).rows, rows)
  deepStrictEqual(readWithArrow(bytes).rows, rows)
}

const file = (plan: FilePlan, columns: Record<string, readonly Cell[]>) => {
  const [first] = Object.values(columns)
  const names = Object.keys(columns)
  return encodeRows(
    plan,
    first!.map((_, row): Row => Object.fromEntries(names.map((name) => [name, columns[name]![row]]))),
  )
}

const times = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at))
const metadataOf = (bytes: Buffer, column = 0, group = 0) =>
  readFooter(bytes).row_groups[group]!.columns[column]!.meta_data!

t.test(
  `any values come back from three readers, through dictionaries, pages and groups (seed ${seed})`,
  { timeout: timeLimit(240_000) },
  async () => {
    const kinds = {
      string: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('', '\uE000', '\u{10000}', '\u{10FFFF}'.repeat(6)),
      ),
      int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      double: fc.oneof(fc.double(), fc.constantFrom(0, -0)),
      boolean: fc.boolean(),
      timestamp: fc.date({ noInvalidDate: true }),
    }
    const column = fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])).chain((type) =>
      fc.record({
        type: fc.constant(type),
        values: fc.array<Cell>(kinds[type], { minLength: 1, maxLength: 60 }),
        nulls: fc.integer({ min: 0, max: 9 }),
        runs: fc.integer({ min: 1, max: 40 }),
      }),
    )
    const plan = fc.record({
      codec: fc.constantFrom('snappy', 'gzip', 'uncompressed'),
      rowGroupRows: fc.integer({ min: 50, max: 400 }),
    })
    const property = fc.asyncProperty(
      fc.array(column, { minLength: 1, maxLength: 6 }),
      plan,
      fc.integer({ min: 1, max: 600 }),
      async (columns, options, count) => {
        const cells = columns.map(({ values, nulls, runs }) =>
          times(count, (at) => (at % 10 < nulls ? null : values[Math.floor((at * 7) / runs) % values.length]!)),
        )
        const named = Object.fromEntries(cells.map((column, at) => [`c${at}`, column]))
        const bytes = await file(
          { types: Object.fromEntries(columns.map(({ type }, at) => [`c${at}`, type])), ...options },
          named,
        )
        await assertRowsInAllReaders(
          bytes,
          times(count, (row) => cells.map((column) => column[row] ?? null)),
        )
      },
    )
    await fc.assert(property, runs(10, 50))
  },
)

const literals = {
  string: (value: string) => `'${value.replaceAll("'", "''")}'`,
  int64: (value: bigint) => `'${value}'::BIGINT`,
  double: (value: number) => `'${Object.is(value, -0) ? '-0' : String(value)}'::DOUBLE`,
  boolean: (value: boolean) => String(value),
  timestamp: (value: Date) => `make_timestamptz(${value.getTime()} * 1000)`,
}

/** Equal in SQL, where NaN is NaN and -0 is 0. */
const isEqual = (one: Cell, other: Cell) =>
  one === other ||
  (Number.isNaN(one) && Number.isNaN(other)) ||
  (one instanceof Date && other instanceof Date && one.getTime() === other.getTime())

t.test(
  `a filter on any value finds every row that has it (seed ${seed})`,
  { timeout: timeLimit(240_000) },
  async () => {
    const near = new Date('2021-12-02T15:21:49.330Z').getTime()
    const kinds = {
      string: fc.oneof(
        fc.string({
          unit: fc.constantFrom('a', 'b', '\u007f', 'é', '\uD7FF', '\uE000', '\uFFFF', '\u{10000}', '\u{10FFFF}'),
          maxLength: 24,
        }),
        fc.constantFrom(
          '\u{10FFFF}'.repeat(16),
          '\u{10FFFF}'.repeat(17),
          'x'.repeat(64),
          'x'.repeat(65),
          `${'x'.repeat(63)}\uD7FFy`,
        ),
      ),
      int64: fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
      ),
      double: fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN)),
      boolean: fc.boolean(),
      timestamp: fc.integer({ min: near - 2 ** 40, max: near + 2 ** 40 }).map((time) => new Date(time)),
    }
    const column = fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])).chain((type) =>
      fc.record({
        type: fc.constant(type),
        values: fc.array<Cell>(fc.option(kinds[type] as fc.Arbitrary<Cell>), { minLength: 1, maxLength: 20 }),
      }),
    )
    const property = fc.asyncProperty(
      column,
      fc.integer({ min: 1, max: 5 }),
      async ({ type, values }, rowGroupRows) => {
        const bytes = await file({ types: { c: type }, rowGroupRows }, { c: values })
        const distinctValues = [...new Set(values)]
        const counts = distinctValues.map((value) => {
          const condition = value === null ? 'IS NULL' : `= ${literals[type](value as never)}`
          return `(SELECT count(*) FROM file WHERE c ${condition})`
        })
        const { rows } = await readBytesWithDuckdb(bytes, `SELECT ${counts.join()}`)
        const expected = distinctValues.map((value) => BigInt(values.filter((other) => isEqual(other, value)).length))
        deepStrictEqual(rows, [expected])
      },
    )
    await fc.assert(property, runs(20, 20))
  },
)

t.test(
  'a dictionary is kept if it saves enough bytes, for text and for numbers, and dropped if not',
  { skip: skipWithoutFastPath },
  async (t) => {
    const types = {
      unique: 'string',
      few: 'string',
      many: 'string',
      ids: 'int64',
      kinds: 'int64',
      sizes: 'double',
      at: 'timestamp',
    } as const
    const cells = {
      unique: (at: number) => `row number ${at}`,
      few: (at: number) => `kind ${at % 7}`,
      many: (at: number) => `one of many ${(at * 7919) % 3000}`,
      ids: (at: number) => at * 2 ** 21,
      kinds: (at: number) => (at % 5) - 2,
      sizes: (at: number) => ((at * 31) % 100) / 4,
      at: (at: number) => new Date(1638458509330 + at * 1733),
    }
    const count = 30_000
    const columns = Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, times<Cell>(count, cell)]))
    const bytes = await file({ types, rowGroupRows: 20_000 }, columns)
    const isIndexed = Object.keys(types).map((_, at) => metadataOf(bytes, at).encodings.includes('RLE_DICTIONARY'))
    t.strictSame(isIndexed, [false, true, true, false, true, true, false])
    const expected = times(count, (at): unknown[] => Object.values(cells).map((cell) => cell(at))).map((row) =>
      row.with(3, BigInt(row[3] as number)).with(4, BigInt(row[4] as number)),
    )
    await assertRowsInAllReaders(bytes, expected)
  },
)

t.test(
  'after a dictionary that saved too little, a leaf has none for seven row groups',
  { skip: skipWithoutFastPath },
  async (t) => {
    const group = 100
    const cells = {
      first: (at: number) => (at < group ? `row number ${at}` : 'same'),
      ever: (at: number) => `row number ${at}`,
      never: () => 'same',
    }
    const count = 18 * group
    const columns = Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, times<Cell>(count, cell)]))
    const types = { first: 'string', ever: 'string', never: 'string' } as const
    const bytes = await file({ types, rowGroupRows: group }, columns)
    const groupsIndexed = Object.keys(types).map((_, column) =>
      times(18, (at) => at).filter((at) => metadataOf(bytes, column, at).encodings.includes('RLE_DICTIONARY')),
    )
    const [all, later] = [times(18, (at) => at), times(10, (at) => at + 8)]
    t.strictSame(groupsIndexed, [later, [], all])
    await assertRowsInAllReaders(
      bytes,
      times(count, (at) => Object.values(cells).map((cell) => cell(at))),
    )
  },
)

t.test('pages close at about a megabyte, also in the middle of a group', async (t) => {
  const texts = times(3000, (at) => `${at} ${'long '.repeat(400)}`)
  const lists = times(3000, (at) => times(at % 5, (one) => `${at}.${one} ${'x'.repeat(200)}`))
  const bytes = await file(
    { types: { s: 'string', l: { list: 'string' } }, codec: 'uncompressed' },
    { s: texts, l: lists },
  )
  t.strictSame(readFooter(bytes).row_groups.length, 1)
  await assertRowsInAllReaders(
    bytes,
    times(3000, (at) => [texts[at], lists[at]]),
  )
  const { total_uncompressed_size } = metadataOf(bytes)
  t.ok(total_uncompressed_size > 6_000_000n)
})

t.test('values larger than a page, and larger than the memory that Snappy keeps, are written', async () => {
  const texts = [
    'x'.repeat(3_000_000),
    'y',
    null,
    times(1_500_000, (at) => String(at % 977)).join(),
    'x'.repeat(9_000_000),
  ]
  for (const codec of ['snappy', 'gzip', 'uncompressed'] as const)
    await assertRowsInAllReaders(
      await file({ types: { s: 'string' }, codec, rowGroupBytes: 2 ** 28 }, { s: texts }),
      texts.map((text) => [text]),
    )
})

/** The number by which the hash of the kernel multiplies a value, and its inverse. */
const golden = 0x9e3779b97f4a7c15n
const inverse = times(6, () => 0).reduce((sum) => BigInt.asUintN(64, sum * (2n - golden * sum)), golden)

/** Returns integers with the same hash. Their products differ only in pairs of bits that cancel each other out. */
const colliding = (count: number) =>
  times(count, (at) => {
    const bits = times(15, (bit) => bit).filter((bit) => (at >> bit) & 1)
    const product = bits.reduce((sum, bit) => sum | (1n << BigInt(35 + bit)) | (1n << BigInt(6 + bit)), 0n)
    return BigInt.asIntN(64, product * inverse)
  })

t.test(
  'a dictionary that saved enough in a whole page stays in the chunk, and plain pages follow',
  { skip: skipWithoutFastPath },
  async (t) => {
    const { engine, bytes } = openFile({ types: { n: 'int64' } })
    const values = [...times(270_000, (at) => at % 3), ...colliding(500)]
    for (const value of values) engine.columnWriters[0]!.append(value)
    await engine.writeGroup(values.length)
    await engine.finish()
    t.match(metadataOf(bytes()).encoding_stats, [
      { page_type: 'DICTIONARY_PAGE', count: 1 },
      { page_type: 'DATA_PAGE', encoding: 'RLE_DICTIONARY', count: 1 },
      { page_type: 'DATA_PAGE', encoding: 'PLAIN', count: 1 },
    ])
    const reads = [await readBytesWithDuckdb(bytes()), await readWithHyparquet(bytes()), readWithArrow(bytes())]
    for (const { rows } of reads)
      t.ok(rows.length === values.length && rows.every(([n], at) => n === BigInt(values[at]!)))
  },
)

t.test('many values with the same hash end the dictionary, not the export', async (t) => {
  const alike = times(500, (at) => `same${String(at).padStart(8, '0')}${'same'.repeat(40)}`)
  const texts = times(2000, (at) => alike[at % 500]!)
  const alikeWords = colliding(500)
  const words = times(2000, (at) => alikeWords[at % 500]!)
  const bytes = await file({ types: { s: 'string', n: 'int64' } }, { s: texts, n: words })
  t.strictSame(
    [0, 1].map((at) => metadataOf(bytes, at).encodings.includes('RLE_DICTIONARY')),
    [false, false],
  )
  await assertRowsInAllReaders(
    bytes,
    times(2000, (at) => [texts[at], words[at]]),
  )
})

t.test('-0 and 0 are two values in a dictionary, and NaN is one', { skip: skipWithoutFastPath }, async (t) => {
  const values = times(3000, (at) => [0, -0, NaN, 1.5][at % 4]!)
  const bytes = await file({ types: { d: 'double' } }, { d: values })
  t.ok(metadataOf(bytes).encodings.includes('RLE_DICTIONARY'))
  for (const { rows } of [await readBytesWithDuckdb(bytes), await readWithHyparquet(bytes), readWithArrow(bytes)])
    t.ok(rows.every(([value], at) => Object.is(value, values[at])))
})

t.test('bounds are those of the specification', async (t) => {
  const boundsOf = async (type: 'string' | 'double' | 'int64' | 'boolean' | 'json', values: readonly Cell[]) => {
    const { statistics } = metadataOf(await file({ types: { c: type } }, { c: values }))
    if (!statistics) return undefined
    const { min_value, max_value, null_count, is_min_value_exact, is_max_value_exact } = statistics
    return [min_value, max_value, null_count, is_min_value_exact, is_max_value_exact]
  }
  t.strictSame(await boundsOf('double', [0, 2]), [-0, 2, 0n, undefined, undefined])
  t.ok(Object.is((await boundsOf('double', [0, 2]))![0], -0))
  t.ok(Object.is((await boundsOf('double', [-2, -0, null]))![1], 0))
  t.strictSame(await boundsOf('double', [1, NaN]), [undefined, undefined, 0n, undefined, undefined])
  t.strictSame(await boundsOf('double', [Infinity]), [Infinity, Infinity, 0n, undefined, undefined])
  t.strictSame(await boundsOf('int64', [-1, 2n ** 62n, 4294967296, null]), [-1n, 2n ** 62n, 1n, undefined, undefined])
  t.strictSame(await boundsOf('boolean', [true, true]), [true, true, 0n, undefined, undefined])
  t.strictSame(await boundsOf('boolean', [false, null]), [false, false, 1n, undefined, undefined])
  t.strictSame(await boundsOf('boolean', [null]), [undefined, undefined, 1n, undefined, undefined])
  t.strictSame(await boundsOf('string', [null, null]), [undefined, undefined, 2n, undefined, undefined])
  t.strictSame(await boundsOf('string', ['b', '', 'é']), ['', 'é', 0n, undefined, undefined])
  t.strictSame(await boundsOf('string', ['x'.repeat(64)]), ['x'.repeat(64), 'x'.repeat(64), 0n, undefined, undefined])
  t.strictSame(await boundsOf('string', ['x'.repeat(65)]), ['x'.repeat(64), `${'x'.repeat(63)}y`, 0n, false, false])
  t.strictSame(await boundsOf('string', [`${'x'.repeat(63)}é`]), [
    'x'.repeat(63),
    `${'x'.repeat(62)}y`,
    0n,
    false,
    false,
  ])
  t.strictSame(await boundsOf('string', ['\u{10FFFF}'.repeat(17)]), [undefined, undefined, 0n, undefined, undefined])
  t.equal(await boundsOf('json', [{ a: 1 }]), undefined)
  const ids = times(100, (at) => `order-management-process:1:${'0'.repeat(30)}${String(at).padStart(7, '0')}`)
  t.strictSame((await boundsOf('string', ids))!.slice(0, 2), [ids[0], ids[99]])
})

t.test('the event loop runs while a row group is collected and while it is written', async (t) => {
  const names = times(20, (at) => `c${at}`)
  const rows = times(40_000, (row): Row => Object.fromEntries(names.map((name, at) => [name, `${row} of ${at}`])))
  const types = Object.fromEntries(names.map((name) => [name, 'string'] as const))
  const turns = [performance.now()]
  let isDone = false
  const count = () => {
    turns.push(performance.now())
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  await encodeRows({ types }, rows)
  isDone = true
  turns.push(performance.now())
  const longest = Math.max(...turns.map((turn, at) => turn - (turns[at - 1] ?? turn)))
  const all = turns.at(-1)! - turns[0]!
  t.ok(longest < all / 3, `the longest of ${turns.length} turns was ${longest} of ${all} ms`)
})

t.test('row groups that are written leave nothing on the heap', { timeout: timeLimit(240_000) }, async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const names = times(300, (at) => `column ${at}`)
  const { group, bytes } = openFile({
    types: Object.fromEntries(names.map((name) => [name, 'string'] as const)),
    rowGroupRows: 1,
  })
  const row = Object.fromEntries(names.map((name) => [name, name]))
  await group.append([row], 1)
  collect()
  const before = process.memoryUsage().heapUsed
  await group.append(
    times(250, () => row),
    2,
  )
  collect()
  const perChunk = (process.memoryUsage().heapUsed - before) / (250 * names.length)
  t.ok(perChunk < 30, `${perChunk} bytes per chunk`)
  await group.finish()
  t.equal(readFooter(bytes()).row_groups.length, 251)
  t.strictSame((await readBytesWithDuckdb(bytes(), 'SELECT count(*), count(DISTINCT "column 7") FROM file')).rows, [
    [251n, 1n],
  ])
})
