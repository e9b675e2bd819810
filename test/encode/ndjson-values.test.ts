// Values in NDJSON: characters at which some readers end a line, values that JSON cannot express, and chunks whose memory belongs
// to the receiver.
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { toCsv, toNdjson, toParquet } from '../../lib/index.js'
import { encodeBothWays, createExport } from '../support/encode/encode-both-ways.js'
import { Collector } from '../support/encode/collector.js'
import { catchRejection } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'
import { renderPage } from '../support/random/hostile-pages.js'

t.test('characters at which some readers end a line are written as escapes, from pages and from records', async (t) => {
  for (const filler of ['x', 'x'.repeat(40_000)]) {
    const notes = ['a\u2028b', 'a\u2029b', 'a\u0085b', 'plain “text” é', filler]
    const records = notes.map((note, at) => ({ processInstanceId: String(at), [note.slice(0, 2)]: note }))
    const page = renderPage(
      records.map((record) => JSON.stringify(record)),
      records.length,
      'c',
    )
    for (const bytes of await encodeBothWays([page], () => toNdjson())) {
      const text = bytes.toString()
      t.notMatch(text, /[\u2028\u2029\u0085]/)
      t.ok(text.includes('a\\u2028b') && text.includes('a\\u2029b') && text.includes('a\\u0085b'))
      t.ok(text.includes('“text” é'))
      t.strictSame(
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
        records,
      )
    }
  }
})

const hostile: [unknown, string][] = [
  [{ v: NaN }, 'v: expected a value that JSON can hold, got NaN'],
  [{ v: -Infinity }, 'v: expected a value that JSON can hold, got -Infinity'],
  [{ v: [1, undefined] }, 'v[1]: expected a value that JSON can hold, got undefined'],
  [{ v: { deep: [{ f: () => 1 }] } }, 'v.deep[0].f: expected a value that JSON can hold, got a function'],
  [{ v: Symbol('x') }, 'v: expected a value that JSON can hold, got a symbol'],
  [{ v: new Date(NaN) }, 'v: expected a value that JSON can hold, got an invalid Date'],
  [{ v: new Map() }, 'v: expected a value that JSON can hold, got a Map'],
  [{ v: [new Set()] }, 'v[0]: expected a value that JSON can hold, got a Set'],
  [{ v: { toJSON: () => NaN } }, 'v: expected a value that JSON can hold, got NaN'],
  [{ n: 1n, v: NaN }, 'v: expected a value that JSON can hold, got NaN'],
]

t.test('a value that JSON cannot express is ERR_ENCODE with its record and path', async (t) => {
  for (const [record, message] of hostile)
    t.match(await catchRejection(encodeRecords([{ ok: 1 }, record], toNdjson())), {
      code: 'ERR_ENCODE',
      message: `toNdjson: record 2: ${message}`,
    })
})

t.test('such a value inside a cell is ERR_ENCODE in CSV and ERR_CELL_TYPE in Parquet', async (t) => {
  for (const [record, message] of hostile) {
    const cell = { cell: { in: record } }
    const error = await catchRejection(encodeRecords([cell], toCsv()))
    t.match(error, { code: 'ERR_ENCODE', message: `toCsv: row 1: column "cell": in.${message}` })
    t.match(await catchRejection(encodeRecords([cell], toParquet({ types: { cell: 'json' } }))), {
      code: 'ERR_CELL_TYPE',
    })
  }
})

class Fraction {
  readonly half = 0.5
}

t.test('dates, bigints and objects with toJSON are written as their JSON values', async (t) => {
  const record = {
    date: new Date(0),
    own: { toJSON: () => ({ at: new Date(1), n: 2n }) },
    big: -5n,
    missing: undefined,
    boxed: [Object(1n), new Number(1.5), new String('s'), new Boolean(false)],
    instance: new Fraction(),
    bare: Object.assign(Object.create(null) as object, { a: null }),
    zero: -0,
  }
  const text =
    '{"date":"1970-01-01T00:00:00.000Z","own":{"at":"1970-01-01T00:00:00.001Z","n":2},"big":-5,"boxed":[1,1.5,"s",false],' +
    '"instance":{"half":0.5},"bare":{"a":null},"zero":0}\n'
  t.equal((await encodeRecords([record], toNdjson())).toString(), text)
  t.equal(
    (await encodeRecords([{ date: record.date, instance: record.instance }], toNdjson())).toString(),
    '{"date":"1970-01-01T00:00:00.000Z","instance":{"half":0.5}}\n',
  )
})

/** A sink that changes the bytes of its chunks. */
const masking = () =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunk.fill(42)
      done()
    },
  })

t.test('a sink that changes its chunks changes nothing for another encoder of the same export', async (t) => {
  const records = Array.from({ length: 3000 }, (_, at) => ({ processInstanceId: `i${at}`, name: 'text '.repeat(10) }))
  const page = renderPage(
    records.map((record) => JSON.stringify(record)),
    records.length,
    'c',
  )
  const expected = await encodeRecords(records, toCsv())
  for (const encoderOf of [() => toNdjson(), () => toCsv(), () => toParquet()]) {
    const source = createExport([page])
    const sink = new Collector()
    await Promise.all([pipeline(source, toCsv(), sink), pipeline(source, encoderOf(), masking())])
    t.ok(sink.bytes.equals(expected))
  }
  const alone = createExport([page])
  const chunks: [Buffer, string][] = []
  await pipeline(alone, toNdjson(), async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) chunks.push([chunk, chunk.toString()])
  })
  for (const [chunk, text] of chunks) t.ok(chunk.toString() === text, 'a chunk that is kept does not change')
})
