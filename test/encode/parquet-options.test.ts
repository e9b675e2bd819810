import { readFileSync } from 'node:fs'
import t from 'tap'
import { createChunkKernel } from '../../lib/fastpath/parquet/chunk-kernel.js'
import { createInferredConverters } from '../../lib/encode/typed/convert-cell.js'
import { codecs } from '../../lib/encode/parquet/bytes/codecs.js'
import { HyparquetEngine } from '../../lib/encode/parquet/engines/hyparquet-engine.js'
import { RowGroupWriter } from '../../lib/encode/typed/row-group-writer.js'
import { toParquet, type ParquetOptions } from '../../lib/encode/parquet/to-parquet.js'
import { encodeParquet } from '../support/encode/encode-parquet.js'
import { createLayoutRuns } from '../support/encode/layout-runs.js'
import { readBytesWithDuckdb, readFooter, readWithHyparquet } from '../support/readers/read-parquet.js'
import { loadZstd } from '../../lib/encode/parquet/bytes/zstd.js'
import { VERSION } from '../../lib/shared/package-version.js'
import { skipWithoutFastPath } from '../support/encode/fast-path.js'

const refused = (options: unknown, option: string, message: string) =>
  t.throws(() => toParquet(options as ParquetOptions), {
    name: 'OptionError',
    code: 'ERR_OPTION',
    option,
    message: `toParquet: ${message}`,
  })

t.test('every invalid option is refused at the call', (t) => {
  refused(5, 'options', 'options: expected an object, got 5')
  refused({ codecs: 'gzip' }, 'codecs', 'codecs: unknown option, did you mean codec')
  refused({ codec: 'brotli' }, 'codec', `codec: expected 'snappy', 'gzip', 'zstd' or 'uncompressed', got "brotli"`)
  refused(
    { engine: 'parquet-wasm' },
    'engine',
    `engine: expected 'hyparquet-writer' or 'parquetjs-lite', got "parquet-wasm"`,
  )
  refused({ variables: 'rows' }, 'variables', `variables: expected 'columns' or 'map', got "rows"`)
  refused({ inferTypes: 1 }, 'inferTypes', 'inferTypes: expected true or false, got 1')
  for (const rows of [0, 1.5, '5', 10_000_001])
    refused(
      { rowGroupRows: rows },
      'rowGroupRows',
      `rowGroupRows: expected an integer from 1 to 10000000, got ${JSON.stringify(rows)}`,
    )
  for (const bytes of [0, -1, 2 ** 31])
    refused(
      { rowGroupBytes: bytes },
      'rowGroupBytes',
      `rowGroupBytes: expected an integer from 1 to 1073741824, got ${bytes}`,
    )
  refused({ metadata: { a: 1 } }, 'metadata', 'metadata: expected an object of strings, got an object')
  refused({ types: ['int64'] }, 'types', 'types: expected an object of column types, got an array')
  refused(
    { types: { 'variable:a': 'integer' } },
    'types.variable:a',
    `types.variable:a: expected 'string', 'int64', 'double', 'boolean', 'timestamp', 'date' or 'json' or 'decimal(p,s)' with 1 to 38 digits, s of them after the point, such as 'decimal(12,2)', got "integer"`,
  )
  refused({ columns: [] }, 'columns', 'columns: expected at least one column, got none')
  refused({ sampleSize: 0 }, 'sampleSize', 'sampleSize: expected an integer from 1 to 1000000, got 0')
  t.end()
})

t.test('an option that parquetjs-lite does not support is refused at the call', (t) => {
  const engine = 'parquetjs-lite'
  refused(
    { engine, codec: 'zstd' },
    'codec',
    'codec: expected snappy or gzip or uncompressed with parquetjs-lite, got "zstd"',
  )
  refused({ engine, variables: 'map' }, 'variables', `variables: expected 'columns' with parquetjs-lite, got "map"`)
  t.end()
})

t.test('options given as undefined have their defaults, and the options object is not changed', async (t) => {
  const options = { codec: undefined, engine: undefined, types: undefined, metadata: undefined, columns: undefined }
  const { bytes } = await encodeParquet([{ a: 1 }], options)
  t.equal(readFooter(bytes).row_groups[0]!.columns[0]!.meta_data!.codec, 'SNAPPY')
  t.strictSame(Object.values(options), [undefined, undefined, undefined, undefined, undefined])
})

t.test('changing an options object after the call changes nothing', async (t) => {
  const types: Record<string, 'int64' | 'string'> = { a: 'int64' }
  const metadata: Record<string, string> = { k: 'v' }
  const encoder = (options?: ParquetOptions) => {
    const made = toParquet(options)
    types['a'] = 'string'
    metadata['k'] = 'w'
    return made
  }
  const { bytes } = await encodeParquet([{ a: '5' }], { types, metadata }, encoder)
  t.strictSame((await readBytesWithDuckdb(bytes)).rows, [[5n]])
  t.match(readFooter(bytes).key_value_metadata, [{}, { key: 'k', value: 'v' }])
})

t.test('types are looked up by own keys only', async (t) => {
  const { bytes } = await encodeParquet([JSON.parse('{"constructor":"a","__proto__":"5"}')], {
    types: JSON.parse('{"__proto__":"int64"}') as ParquetOptions['types'],
  })
  t.strictSame((await readBytesWithDuckdb(bytes)).rows, [['a', 5n]])
})

t.test('the version in the file is that of the package', (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  t.equal(VERSION, manifest.version)
  t.end()
})

/** Returns a zstd frame without compression: a single segment of raw blocks. Source: RFC 8878, 3.1.1. */
function storeAsZstd(bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(9)
  header.writeUInt32LE(0xfd2fb528, 0)
  header.writeUInt8(0b1010_0000, 4)
  header.writeUInt32LE(bytes.length, 5)
  const blocks: Uint8Array[] = []
  const LARGEST = 128 * 1024
  for (let from = 0; from === 0 || from < bytes.length; from += LARGEST) {
    const raw = bytes.subarray(from, from + LARGEST)
    const size = Buffer.alloc(3)
    size.writeUIntLE((raw.length << 3) | (from + LARGEST >= bytes.length ? 1 : 0), 0, 3)
    blocks.push(size, raw)
  }
  return Buffer.concat([header, ...blocks])
}

t.test('zstd without WebAssembly and without the zstd of Node is an error', async (t) => {
  const { WebAssembly } = globalThis as { WebAssembly?: unknown }
  t.teardown(() => Object.assign(globalThis, { WebAssembly }))
  delete (globalThis as { WebAssembly?: unknown }).WebAssembly
  await t.rejects(loadZstd({}), { code: 'ERR_ENCODE', message: /codec "zstd" needs Node.js 22.15 or later, or WebAss/ })
})

t.test('readers read zstd pages that Node or WebAssembly compressed', async (t) => {
  const values = Array.from({ length: 20_000 }, (_, at) => `row ${at % 977}`)
  for (const [compress, most] of [
    [await loadZstd({ zstdCompressSync: storeAsZstd }), Infinity],
    [await loadZstd({}), 20_000],
  ] as const) {
    const column = {
      id: 's',
      name: 's',
      chosen: 'known',
      type: 'string',
      read: () => null,
      converters: createInferredConverters(),
    } as const
    const chunks: Uint8Array[] = []
    const codec = { id: codecs.zstd.id, compress }
    const engine = new HyparquetEngine(
      codec,
      [column],
      (bytes) => void chunks.push(bytes),
      () => ({}),
    )
    for (const value of values) engine.columnWriters[0]!.append(value)
    await engine.writeGroup(values.length)
    await engine.finish()
    const bytes = Buffer.concat(chunks)
    t.ok(bytes.length < most, String(bytes.length))
    t.equal(readFooter(bytes).row_groups[0]!.columns[0]!.meta_data!.codec, 'ZSTD')
    t.strictSame((await readBytesWithDuckdb(bytes)).rows.flat(), values)
    t.strictSame((await readWithHyparquet(bytes)).rows.flat(), values)
  }
})

t.test('toParquet writes zstd with every supported version of Node', async (t) => {
  const values = Array.from({ length: 3000 }, (_, at) => ({ s: `row ${at}` }))
  for (let time = 0; time < 2; time++) {
    const { bytes } = await encodeParquet(values, { codec: 'zstd' })
    t.equal(readFooter(bytes).row_groups[0]!.columns[0]!.meta_data!.codec, 'ZSTD')
    t.strictSame(
      (await readBytesWithDuckdb(bytes)).rows.flat(),
      values.map(({ s }) => s),
    )
  }
})

t.test('anything that an engine throws is an ERR_ENCODE that names the engine', async (t) => {
  const plan = { where: 'toParquet', engine: 'broken', rowGroupRows: 1, rowGroupBytes: 1 }
  const column = {
    id: 's',
    name: 's',
    chosen: 'known',
    type: 'string',
    read: () => 'x',
    converters: createInferredConverters(),
  } as const
  const error = new Error('too bad')
  const group = new RowGroupWriter(plan, { rowGroups: 0 }, [column], {
    columnWriters: [{ append: () => 1 }],
    writeGroup: () => Promise.reject(error),
    finish: () => throwValue('too bad'),
  })
  const failure = { name: 'ExportError', code: 'ERR_ENCODE', message: 'toParquet: broken: too bad' }
  await t.rejects(group.append([{}], 1), { ...failure, cause: error })
  await t.rejects(group.finish(), { ...failure, cause: 'too bad' })
})

t.test(
  'values that WebAssembly cannot hold are ERR_ENCODE with the column and the remedy',
  { skip: skipWithoutFastPath },
  async (t) => {
    const trap = (): never => void createChunkKernel()!.exports.reserveScratch(2 ** 30 + 1) as never
    t.throws(trap, { name: 'RuntimeError' })
    const column = {
      id: 'variable:notes',
      name: 'notes',
      chosen: 'known',
      type: 'string',
      read: () => 'x',
      converters: createInferredConverters(),
    } as const
    const plan = { where: 'toParquet', engine: 'hyparquet-writer', rowGroupRows: 10, rowGroupBytes: 10 }
    const engine = {
      columnWriters: [{ append: trap }],
      spanColumnWriters: [{ append: trap, appendSpan: trap }],
      loadBlock: () => 1,
      writeGroup: () => Promise.resolve(),
      finish: () => Promise.resolve(),
    }
    const group = new RowGroupWriter(plan, { rowGroups: 0 }, [column], engine)
    const failure = {
      code: 'ERR_ENCODE',
      message:
        'toParquet: row 7 or a later one: column "variable:notes": the values of a row group are larger than 1 GiB, which is more than the encoder can hold; leave the column out with omit, or lower rowGroupBytes',
    }
    await t.rejects(group.append([{}], 7), failure)
    await t.rejects(group.appendRuns(createLayoutRuns(['s'], [['"x"']]), 7), failure)
    const full = { ...engine, columnWriters: [{ append: () => 1 }], writeGroup: async () => trap() }
    const second = new RowGroupWriter({ ...plan, rowGroupRows: 1 }, { rowGroups: 1 }, [column], full)
    await t.rejects(second.append([{}], 7), {
      code: 'ERR_ENCODE',
      message:
        'toParquet: row group 2: its values or its compressed pages need more memory than WebAssembly has; lower rowGroupBytes or rowGroupRows',
    })
  },
)

/** Throws any value, because parquetjs-lite throws strings. */
function throwValue(thrown: unknown): never {
  throw thrown as Error
}
