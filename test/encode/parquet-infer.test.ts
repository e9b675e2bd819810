import { deepStrictEqual } from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import t from 'tap'
import { toParquet, type ParquetOptions } from '../../lib/encode/parquet/to-parquet.js'
import { exportStream } from '../../lib/api/export-stream.js'
import { bothEngines, roundTrip } from '../support/encode/encode-parquet.js'
import { runs, seed, timeLimit } from '../support/random/property.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

const versions = ['1.1', '1.10', '1.100']
const recordsOf = (texts: readonly (string | null)[]) =>
  texts.map((v, at) => ({ processInstanceId: `p${at}`, variables: { v } }))

t.test('versions stay apart: only a number that gives the same text back is inferred', async (t) => {
  for (const engine of bothEngines)
    for (const columns of ['all', 'sample'] as const) {
      const { duckdb } = await roundTrip(recordsOf(versions), { engine, columns, inferTypes: true })
      t.strictSame(duckdb.types[1], 'VARCHAR')
      t.strictSame(
        duckdb.rows.map(([, version]) => version),
        versions,
      )
    }
})

t.test('amounts as Java and as JavaScript write them are numbers', async (t) => {
  for (const [texts, type, values] of [
    [['12.5', '100.0', ''], 'DOUBLE', [12.5, 100, null]],
    [['12.5', '100', null], 'DOUBLE', [12.5, 100, null]],
    [['12', '100'], 'BIGINT', [12n, 100n]],
    [['12.5', '100', '7.0'], 'VARCHAR', ['12.5', '100', '7.0']],
  ] as const) {
    const { duckdb } = await roundTrip(recordsOf(texts), { columns: 'all', inferTypes: true })
    t.equal(duckdb.types[1], type)
    t.strictSame(
      duckdb.rows.map((row) => row[1]),
      values,
    )
  }
})

/** Returns two files of the same records: one from the bytes of a response, one from objects. */
async function bothWays(records: readonly object[], options: ParquetOptions): Promise<Buffer[]> {
  const body = JSON.stringify({
    searchRequestId: 's',
    numberOfRecordsInResponse: records.length,
    totalNumberOfRecords: records.length,
    reportId: 'r',
    data: records,
  })
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const files: Buffer[] = []
    for (const source of [
      exportStream({ baseUrl, reportId: 'r', accessToken: 't', maxRecords: records.length }),
      Readable.from(records),
    ]) {
      const chunks: Buffer[] = []
      await pipeline(source, toParquet(options), async (bytes: AsyncIterable<Buffer>) => {
        for await (const chunk of bytes) chunks.push(chunk)
      })
      files.push(Buffer.concat(chunks))
    }
    return files
  } finally {
    server.close()
  }
}

const digits = fc.constantFrom(
  '0',
  '1',
  '2',
  '10',
  '12.5',
  '2.0',
  '1.10',
  '100.0',
  '-0.0',
  '1.5',
  '007',
  '1e5',
  '9007199254740993',
  '0.1',
)
const numeric = fc.oneof(
  digits,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map((n) => `${n}.0`),
)

t.test(
  `any text of a number comes back as it was, in a column of numbers or text, from bytes and from objects (seed ${seed})`,
  { timeout: timeLimit(120_000) },
  async () => {
    const property = fc.asyncProperty(fc.array(numeric, { minLength: 1, maxLength: 12 }), async (texts) => {
      const files = await bothWays(recordsOf(texts), { columns: 'all', inferTypes: true })
      const [bytes, objects] = await Promise.all(
        files.map((file) => readBytesWithDuckdb(file, 'SELECT "variable:v" FROM file')),
      )
      deepStrictEqual(bytes, objects)
      const hasPoint = texts.some((text) => text.endsWith('.0'))
      const written = bytes!.rows.map(([value]) =>
        typeof value === 'number' ? textOf(value, hasPoint) : String(value),
      )
      deepStrictEqual(written, texts)
    })
    await fc.assert(property, runs(20, 20))
  },
)

/** A double as JavaScript writes it, or with `.0` where it is whole, as Java does. */
function textOf(value: number, hasPoint: boolean): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return hasPoint && Number.isInteger(value) ? `${text}.0` : text
}
