import { once } from 'node:events'
import t from 'tap'
import { VERSION } from '../../lib/shared/package-version.js'
import { toParquet } from '../../lib/encode/parquet/to-parquet.js'
import { createCountedBytesBound } from '../../lib/encode/typed/counted-bytes-bound.js'
import type { TypedColumn } from '../../lib/encode/typed/decide-column-type.js'
import { bothEngines, encodeParquet, roundTrip } from '../support/encode/encode-parquet.js'
import { readFooter } from '../support/readers/read-parquet.js'
import { skipWithoutFastPath } from '../support/encode/fast-path.js'

const rowsOf = (bytes: Uint8Array) => readFooter(bytes).row_groups.map(({ num_rows }) => Number(num_rows))
const numbered = (count: number) => Array.from({ length: count }, (_, at) => ({ n: at, s: `row ${at}` }))

t.test('a row group has at most rowGroupRows rows, and rowGroups counts them', async (t) => {
  for (const engine of bothEngines) {
    const { bytes, stats, duckdb } = await roundTrip(numbered(1000), { engine, rowGroupRows: 300 })
    t.strictSame(rowsOf(bytes), [300, 300, 300, 100])
    t.match(stats, { rows: 1000, columns: 2, rowGroups: 4, bytes: bytes.length })
    t.strictSame(
      duckdb.rows,
      numbered(1000).map(({ n, s }) => [n, s]),
    )
    const exact = await roundTrip(numbered(600), { engine, rowGroupRows: 300 })
    t.strictSame(rowsOf(exact.bytes), [300, 300])
  }
})

t.test('a row group ends with the row that reaches rowGroupBytes, however large that row is', async (t) => {
  const text = 'x'.repeat(1000)
  for (const engine of bothEngines) {
    const { bytes, stats } = await roundTrip(
      Array.from({ length: 25 }, () => ({ text })),
      { engine, rowGroupBytes: 10_000 },
    )
    t.strictSame(rowsOf(bytes), [10, 10, 5])
    t.equal(stats.rowGroups, 3)
    const huge = await roundTrip([{ text: text.repeat(100) }, { text: text.repeat(100) }, { text: 'x' }], {
      engine,
      rowGroupBytes: 10_000,
    })
    t.strictSame(rowsOf(huge.bytes), [1, 1, 1])
  }
})

t.test(
  'numbers count eight bytes, text and nested values one more than they hold, booleans and null one',
  async (t) => {
    const record = { n: 1.5, b: true, t: new Date(0), i: 2n ** 60n, l: ['abc', null], s: { a: 1, b: 'x' }, none: null }
    const countedBytes = 8 + 1 + 8 + 8 + (1 + 4 + 1) + (1 + 8 + 2) + 1
    for (const [bound, groups] of [
      [countedBytes, [1, 1, 1]],
      [countedBytes + 1, [2, 1]],
      [countedBytes * 3 + 1, [3]],
    ] as const) {
      const { bytes } = await encodeParquet([record, record, record], { rowGroupBytes: bound })
      t.strictSame(rowsOf(bytes), groups)
    }
  },
)

t.test('the upper bound of the counted bytes holds for a list of large decimals', async (t) => {
  const record = { list: Array.from({ length: 1000 }, () => 1) }
  const [countedBytes, jsonBytes] = [1 + 16 * 1000, JSON.stringify(record).length]
  const type = { list: 'decimal(38,0)' } as const
  const typesFrom = [{ name: 'list', type, chosen: 'declared' }] as const
  for (const [bound, groups] of [
    [countedBytes, [1, 1]],
    [countedBytes + 1, [2]],
  ] as const)
    t.strictSame(rowsOf((await encodeParquet([record, record], { typesFrom, rowGroupBytes: bound })).bytes), groups)
  t.ok(createCountedBytesBound([{ type } as unknown as TypedColumn])(1, jsonBytes) >= countedBytes)
})

t.test('the bytes of a row group are emitted as soon as it is full', async (t) => {
  for (const engine of bothEngines) {
    const encoder = toParquet({ engine, rowGroupRows: 100, sampleSize: 10 })
    for (const record of numbered(101)) encoder.write(record)
    await once(encoder, 'readable')
    t.match(encoder.stats, { rows: 101, rowGroups: 1 })
    t.ok(encoder.stats.bytes > 500)
    encoder.destroy()
  }
})

t.test('readers read every codec of both engines', async (t) => {
  for (const engine of bothEngines) {
    const sizes: number[] = []
    for (const codec of ['uncompressed', 'snappy', 'gzip'] as const) {
      const { bytes, duckdb, hyparquet } = await roundTrip(numbered(10_000), { engine, codec })
      const expected = numbered(10_000).map(({ n, s }) => [n, s])
      t.strictSame(duckdb.rows, expected, `${engine} ${codec}`)
      t.strictSame(hyparquet.rows, expected, `${engine} ${codec}`)
      const codecs = readFooter(bytes).row_groups[0]!.columns.map(({ meta_data }) => meta_data!.codec)
      t.strictSame(codecs, [codec.toUpperCase(), codec.toUpperCase()])
      sizes.push(bytes.length)
    }
    t.ok(sizes[0]! > sizes[1]! && sizes[1]! > sizes[2]!, String(sizes))
  }
})

t.test(
  'repeated values are in a dictionary, and text has bounds in the order of its bytes',
  { skip: skipWithoutFastPath },
  async (t) => {
    const { bytes } = await encodeParquet(Array.from({ length: 1000 }, (_, at) => ({ s: at % 2 ? 'yes' : 'no' })))
    const { meta_data } = readFooter(bytes).row_groups[0]!.columns[0]!
    t.ok(meta_data!.encodings.includes('RLE_DICTIONARY'))
    t.match(meta_data!.statistics, { min_value: 'no', max_value: 'yes', null_count: 0n })
  },
)

t.test('the footer has the version of this library and the given metadata', async (t) => {
  const metadata = { 'report id': 'é"x', ['__proto__']: 'p', 'optimize-export.report': '', 7: 'seven' }
  for (const engine of bothEngines) {
    const { bytes } = await encodeParquet(numbered(1), { engine, metadata })
    const written = readFooter(bytes)
      .key_value_metadata!.map(({ key, value }) => [key, value])
      .sort()
    t.strictSame(written, [
      ['7', 'seven'],
      ['__proto__', 'p'],
      ['optimize-export.report', ''],
      ['optimize-export.version', '0.1.0'],
      ['report id', 'é"x'],
    ])
  }
})

t.test('created_by names the program and its version in the form that readers parse', async (t) => {
  // Source: VersionParser of apache/parquet-java, which ignores the bounds of text if the pattern does not match
  const form = /^(.*?)\s+version\s*(?:([^(]*?)\s*(?:\(\s*build\s*([^)]*?)\s*\))?)?$/
  for (const engine of bothEngines) {
    const [text, ...parts] = form.exec(readFooter((await encodeParquet([{ a: 1 }], { engine })).bytes).created_by!)!
    t.equal(text, `optimize-export version ${VERSION} (build ${engine})`)
    t.strictSame(parts, ['optimize-export', VERSION, engine])
  }
})
