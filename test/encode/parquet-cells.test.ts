import t from 'tap'
import type { ParquetOptions } from '../../lib/encode/parquet/to-parquet.js'
import { ExportError } from '../../lib/shared/errors.js'
import { bothEngines, encodeParquet } from '../support/encode/encode-parquet.js'

const filler = (count: number, record: object) => Array.from({ length: count }, () => record)

async function failure(records: unknown[], options: ParquetOptions = {}): Promise<ExportError> {
  const error: unknown = await encodeParquet(records, options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ExportError) return error
  throw new Error('expected an ExportError', { cause: error })
}

async function refused(options: ParquetOptions, cell: unknown, problem: string, engines = bothEngines) {
  for (const engine of engines) {
    const { code, message } = await failure([{ c: null }, { c: cell }], { engine, ...options })
    t.strictSame([code, message], ['ERR_CELL_TYPE', `toParquet: row 2: column "c": ${problem}`])
  }
}

t.test('the message names the column, the record and the value', async (t) => {
  const records = [...filler(1500, { variables: { amount: '1' } }), { variables: { amount: 'abc' } }]
  const { code, message } = await failure(records, { types: { 'variable:amount': 'int64' } })
  t.equal(code, 'ERR_CELL_TYPE')
  t.equal(message, 'toParquet: row 1501: column "variable:amount": expected int64, got "abc"')
})

t.test(
  'the message has the prefixed name, which options take, and no more than the beginning of a value',
  async (t) => {
    const { message } = await failure([{ variables: { amount: 'x'.repeat(1000) } }], {
      types: { 'variable:amount': 'double' },
      naming: 'plain',
    })
    t.equal(message, `toParquet: row 1: column "variable:amount": expected double, got "${'x'.repeat(39)}…`)
  },
)

t.test('an int64 accepts no fraction, no other notation and nothing beyond 64 bits', async () => {
  const types = { c: 'int64' } as const
  for (const text of [
    '1.0',
    '1e3',
    '007',
    '+1',
    '-0',
    ' 1',
    '0x1',
    '9223372036854775808',
    '-9223372036854775809',
    '99999999999999999999',
  ])
    await refused({ types }, text, `expected int64, got "${text}"`)
  for (const number of [1.5, 2 ** 53, -(2 ** 53), NaN, Infinity, 2n ** 63n, -(2n ** 63n) - 1n, true])
    await refused({ types }, number, `expected int64, got ${String(number)}`)
  await refused({ types }, [1], 'expected int64, got [1]')
  await refused({ types }, new Date(0), 'expected int64, got 1970-01-01T00:00:00.000Z')
})

t.test('a double accepts only texts of decimal numbers in its range, and no bigint that it would round', async () => {
  const types = { c: 'double' } as const
  for (const text of ['NaN', 'Infinity', '-Infinity', '1,5', '1.5.5', '.', 'e5', '1e', '1e999', ' 1', '0x1', 'true'])
    await refused({ types }, text, `expected double, got "${text}"`)
  await refused({ types }, 2n ** 53n + 1n, 'expected double, got 9007199254740993')
  await refused({ types }, true, 'expected double, got true')
  await refused({ types }, { a: 1 }, 'expected double, got {"a":1}')
})

t.test('a boolean accepts only the texts true and false', async () => {
  const types = { c: 'boolean' } as const
  for (const text of ['True', 'yes', '1', '0']) await refused({ types }, text, `expected boolean, got "${text}"`)
  await refused({ types }, 1, 'expected boolean, got 1')
  await refused({ types }, [], 'expected boolean, got []')
})

t.test(
  'a timestamp accepts no date without an offset, no date that does not exist and no fraction of a millisecond',
  async () => {
    const types = { c: 'timestamp' } as const
    for (const text of [
      '2020-01-01',
      '2020-01-01T00:00:00',
      '2021-02-29T00:00:00Z',
      '2020-01-01T00:00:00.0001Z',
      '1577836800000',
      'now',
    ])
      await refused({ types }, text, `expected timestamp, got "${text}"`)
    for (const number of [1.5, 8.64e15 + 1, NaN, true])
      await refused({ types }, number, `expected timestamp, got ${String(number)}`)
    await refused({ types }, new Date(NaN), 'expected timestamp, got an invalid Date')
  },
)

t.test('a declared json column accepts only texts that are JSON, and other values that have a JSON text', async () => {
  const types = { c: 'json' } as const
  await refused({ types }, '{a:1}', 'expected json, got "{a:1}"')
  await refused({ types }, NaN, 'expected json, got NaN')
  await refused({ types }, -Infinity, 'expected json, got -Infinity')
  await refused({ types }, new Date(NaN), 'expected json, got an invalid Date')
  await refused({ types }, () => 1, 'expected json, got a function')
})

t.test('a text column accepts no value without text', async () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  await refused({}, circular, 'expected json, got an object')
  let deep: unknown = []
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  await refused({}, deep, 'expected json, got an array that is nested too deeply')
  for (const type of ['string', 'json'] as const) {
    await refused({ types: { c: type } }, circular, `expected ${type}, got an object`)
    await refused({ types: { c: type } }, Symbol('x'), `expected ${type}, got a symbol`)
  }
  await refused({ types: { c: 'string' } }, new Date(NaN), 'expected string, got an invalid Date')
})

t.test('a known field whose value has not the type that the API documents is refused', async (t) => {
  for (const [record, problem] of [
    [{ startDate: 'yesterday' }, 'column "startDate": expected timestamp, got "yesterday"'],
    [{ duration: 1.5 }, 'column "duration": expected int64, got 1.5'],
    [{ counts: { incidents: 'many' } }, 'column "count:incidents": expected int64, got "many"'],
    [{ flowNodeDurations: { a: { name: 'A', value: 'long' } } }, 'column "dur:a": expected int64, got "long"'],
  ] as const)
    t.equal((await failure([record])).message, `toParquet: row 1: ${problem}`)
})

t.test('a column with an inferred type accepts only texts for which that type would be inferred', async (t) => {
  const columns = [
    ['1', '007', 'int64'],
    ['1.5', '1e5', 'double'],
    ['1.5', '007', 'double'],
    ['1.5', '12345678901234567.5', 'double'],
    ['1.1', '1.10', 'double'],
    ['2.0', '2', 'double'],
    ['true', 'True', 'boolean'],
    ['2021-12-02T17:21:49.330Z', '2021-12-02', 'timestamp'],
  ]
  for (const [first, later, type] of columns) {
    const records = [{ variables: { v: first } }, { variables: { v: later } }]
    const { code, message } = await failure(records, { inferTypes: true, sampleSize: 1 })
    t.equal(code, 'ERR_CELL_TYPE')
    t.equal(message, `toParquet: row 2: column "variable:v": expected ${type!}, got "${later!}"`)
  }
})

t.test('a column whose type was inferred from JSON values accepts no value of another type', async (t) => {
  const later = async (first: unknown, cell: unknown) =>
    (await failure([{ c: first }, { c: cell }], { sampleSize: 1 })).message.replace(/^.* expected /, '')
  t.equal(await later(1, 'abc'), 'double, got "abc"')
  t.equal(await later(1, '007'), 'double, got "007"')
  t.equal(await later(1, 2n ** 53n + 1n), 'double, got 9007199254740993')
  t.equal(await later(2n ** 60n, 1.5), 'int64, got 1.5')
  t.equal(await later(true, 1), 'boolean, got 1')
})

t.test('a value that does not fit a list, struct or map is refused, not cut', async (t) => {
  const later = async (first: object, cell: unknown, options: ParquetOptions = {}) => {
    const [field] = Object.keys(first)
    const { code, message } = await failure([first, { [field!]: cell }], { sampleSize: 1, ...options })
    t.equal(code, 'ERR_CELL_TYPE')
    return message.replace(/^.* expected /, '')
  }
  const node = { id: '1', name: 'a', startDate: null, endDate: null }
  const nodes = 'list<struct<id, name, startDate, endDate>>'
  t.equal(
    await later({ flowNodeInstances: [node] }, [{ id: '2', assignee: 'kim' }]),
    `${nodes}, got [{"id":"2","assignee":"kim"}]`,
  )
  t.equal(await later({ flowNodeInstances: [node] }, [{ startDate: 'x' }]), `${nodes}, got [{"startDate":"x"}]`)
  t.equal(await later({ flowNodeInstances: [node] }, [{ constructor: 'x' }]), `${nodes}, got [{"constructor":"x"}]`)
  t.equal(await later({ flowNodeInstances: [node] }, [[]]), `${nodes}, got [[]]`)
  t.equal(await later({ flowNodeInstances: [] }, { id: '1' }), `${nodes}, got {"id":"1"}`)
  t.equal(await later({ flowNodeInstances: null }, '[]'), `${nodes}, got "[]"`)
  t.equal(await later({ l: [1] }, ['a']), 'list<int64>, got ["a"]')
  t.equal(await later({ l: [1] }, 1), 'list<int64>, got 1')
  t.equal(await later({ s: { a: 1, b: 'x' } }, { a: 1, c: 'x' }), 'struct<a, b>, got {"a":1,"c":"x"}')
  t.equal(await later({ s: { a: 1 } }, [1]), 'struct<a>, got [1]')
  const map = { variables: 'map' } as const
  t.equal(await later({ variables: { a: '1' } }, ['a'], map), 'map<string, string>, got ["a"]')
  t.equal(await later({ variables: { a: '1' } }, { f: () => 1 }, map), 'map<string, string>, got an object')
})

t.test('after a refused cell the file has no footer, so that no reader accepts it', async (t) => {
  const chunks: Uint8Array[] = []
  const { toParquet } = await import('../../lib/encode/parquet/to-parquet.js')
  const encoder = toParquet({ rowGroupRows: 1, types: { c: 'int64' }, sampleSize: 1 })
  encoder.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  const failed = new Promise((resolve) => encoder.once('error', resolve))
  encoder.write({ c: 1 })
  encoder.end({ c: 'x' })
  t.match(await failed, { code: 'ERR_CELL_TYPE' })
  t.not(Buffer.concat(chunks).subarray(-4).toString(), 'PAR1')
})
