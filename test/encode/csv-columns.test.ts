import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { CsvOptions } from '../../lib/encode/csv/dialect.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { catchRejection } from '../support/catch-error.js'
import { encodeCsv, encodeCsvWithStats, readCsv } from '../support/encode/encode-csv.js'

/** Returns records that have a variable `b` from the record with the number `first` on. */
const lateFrom = (first: number, count = 1400) =>
  Array.from({ length: count }, (_, at) => ({
    processInstanceId: String(at + 1),
    variables: at + 1 < first ? { a: 'x' } : { a: 'x', b: `y${at + 1}` },
  }))

/** Returns the text that was written before the stream failed, and the failure. */
async function encodeUntilFailure(
  records: Iterable<unknown>,
  options?: CsvOptions,
): Promise<{ text: string; error: Error }> {
  let text = ''
  const error = await catchRejection(
    pipeline(Readable.from(records), toCsv(options), async (bytes: AsyncIterable<Buffer>) => {
      for await (const chunk of bytes) text += chunk.toString()
    }),
  )
  return { text, error }
}

t.test('a column that appears within the sample is in every row', async (t) => {
  for (const first of [2, 500, 999, 1000]) {
    const lines = readCsv(await encodeCsv(lateFrom(first)))
    t.strictSame(lines[0], ['processInstanceId', 'variable:a', 'variable:b'], String(first))
    t.strictSame(lines[1], ['1', 'x', ''])
    t.strictSame(lines[first], [String(first), 'x', `y${first}`])
    t.equal(lines.length, 1401)
  }
})

t.test('a column that appears after the sample is ERR_LATE_COLUMN with its name and three remedies', async (t) => {
  for (const first of [1001, 1002, 1024, 1025, 1400]) {
    const { text, error } = await encodeUntilFailure(lateFrom(first))
    t.match(error, {
      name: 'ExportError',
      code: 'ERR_LATE_COLUMN',
      message:
        `toCsv: column "variable:b" first appears in row ${first}, after the first 1000 records decided the columns; ` +
        "use columns: 'all', a list of columns, or lateColumns: 'overflow' or 'drop'",
    })
    const lines = readCsv(text)
    t.ok(lines.length <= first, 'no cell of the late row is written')
    t.strictSame(
      lines,
      [['processInstanceId', 'variable:a'], ...lines.slice(1).map((_, at) => [String(at + 1), 'x'])].slice(
        0,
        lines.length,
      ),
    )
  }
})

t.test('sampleSize is the number of records that decide the columns', async (t) => {
  for (const sampleSize of [1, 2, 3, 600]) {
    t.equal(readCsv(await encodeCsv(lateFrom(sampleSize), { sampleSize })).length, 1401)
    const { error } = await encodeUntilFailure(lateFrom(sampleSize + 1), { sampleSize })
    t.match(error, {
      code: 'ERR_LATE_COLUMN',
      message: new RegExp(`first appears in row ${sampleSize + 1}, after the first ${sampleSize} records`),
    })
  }
})

t.test('a new column is late, whatever its value and its position in the record', async (t) => {
  const sample = { b: 1, d: 2 }
  for (const late of [
    { a: 0, b: 1, d: 2 },
    { b: 1, c: null, d: 2 },
    { d: 2, b: 1, e: '' },
  ]) {
    const { error } = await encodeUntilFailure([sample, late], { sampleSize: 1 })
    t.equal((error as { code?: string }).code, 'ERR_LATE_COLUMN')
  }
})

t.test('an omitted column is never late', async (t) => {
  const records = [{ a: 1 }, { a: 2, b: 3 }]
  t.equal(await encodeCsv(records, { sampleSize: 1, omit: ['b'] }), 'a\n1\n2\n')
  t.equal(await encodeCsv(records, { sampleSize: 1, pick: ['a'] }), 'a\n1\n2\n')
})

t.test("'overflow' puts the cells of late columns as JSON into a last column", async (t) => {
  const records = [
    { processInstanceId: '1', variables: { a: 'x' } },
    { processInstanceId: '2', variables: { a: 'y', 'late "one"': 'p' } },
    { processInstanceId: '3', variables: { a: 'z' }, extra: { n: 9007199254740993n } },
    { processInstanceId: '4', variables: { 'late "one"': '', ['__proto__']: 'q' }, extra: null },
    { processInstanceId: '5', variables: { a: 'w', 'late "one"': null } },
  ]
  const { text, stats } = await encodeCsvWithStats(records, { sampleSize: 1, lateColumns: 'overflow' })
  t.strictSame(readCsv(text), [
    ['processInstanceId', 'variable:a', 'overflow'],
    ['1', 'x', ''],
    ['2', 'y', '{"variable:late \\"one\\"":"p"}'],
    ['3', 'z', '{"extra":{"n":9007199254740993}}'],
    ['4', '', '{"variable:late \\"one\\"":"","variable:__proto__":"q"}'],
    ['5', 'w', ''],
  ])
  t.match(stats, { rows: 5, columns: 3, lateColumns: 3, droppedCells: 0 })
})

t.test('the keys in the overflow column follow `naming`', async (t) => {
  const records = [{ variables: { a: '1' } }, { variables: { b: '2' } }]
  const text = await encodeCsv(records, { sampleSize: 1, lateColumns: 'overflow', naming: 'plain' })
  t.strictSame(readCsv(text), [
    ['a', 'overflow'],
    ['1', ''],
    ['', '{"b":"2"}'],
  ])
})

t.test('the overflow column exists even if no column is late', async (t) => {
  t.equal(await encodeCsv([{ a: 1 }], { lateColumns: 'overflow' }), 'a,overflow\n1,\n')
})

t.test('a column called overflow collides with the overflow column', async (t) => {
  t.match(await catchRejection(encodeCsv([{ overflow: 1 }], { lateColumns: 'overflow' })), {
    code: 'ERR_COLUMN_COLLISION',
    message: /would have the same name, "overflow"/,
  })
})

t.test("'drop' leaves out the cells of late columns, and counts those that are not null", async (t) => {
  const records = [{ a: 1 }, { a: 2, b: 3, c: null }, { a: 4 }, { b: 5, c: '' }]
  const { text, stats } = await encodeCsvWithStats(records, { sampleSize: 1, lateColumns: 'drop' })
  t.equal(text, 'a\n1\n2\n4\n""\n')
  t.match(stats, { rows: 4, columns: 1, lateColumns: 2, droppedCells: 3 })
})

t.test('a list of columns decides their order; missing cells are empty, and no column is late', async (t) => {
  const records = [
    { processInstanceId: '1', variables: { a: 'x' } },
    { processInstanceId: '2', variables: { a: 'y', c: 'z' }, unknown: 1 },
  ]
  const columns = ['variable:c', 'processInstanceId', 'never']
  const { text, stats } = await encodeCsvWithStats(records, { columns, sampleSize: 1 })
  t.equal(text, 'variable:c,processInstanceId,never\n,1,\nz,2,\n')
  t.match(stats, { rows: 2, columns: 3, lateColumns: 0, droppedCells: 0 })
})

t.test('with a list of columns, lateColumns has no effect', async (t) => {
  const records = [{ a: 1 }, { a: 2, b: 3 }]
  for (const lateColumns of ['error', 'overflow', 'drop'] as const) {
    const { text, stats } = await encodeCsvWithStats(records, { columns: ['a'], sampleSize: 1, lateColumns })
    t.equal(text, 'a\n1\n2\n')
    t.equal(stats.droppedCells, 0)
  }
})

t.test('a list of columns can be combined with naming, pick and omit', async (t) => {
  const records = [{ processInstanceId: '1', variables: { a: 'x', b: 'y' } }]
  t.equal(
    await encodeCsv(records, {
      columns: ['variable:b', 'variable:a', 'processInstanceId'],
      naming: 'plain',
      omit: ['variable:a'],
    }),
    'b,processInstanceId\ny,1\n',
  )
})

t.test('a list of columns whose names collide is ERR_COLUMN_COLLISION', async (t) => {
  const columns = ['duration', 'variable:duration']
  t.match(await catchRejection(encodeCsv([], { columns, naming: 'plain' })), {
    code: 'ERR_COLUMN_COLLISION',
    message: /columns "duration" and "variable:duration" would have the same name, "duration"/,
  })
})

t.test('with a list of columns, the first row is written before the second record arrives', async (t) => {
  const encoder = toCsv({ columns: ['a'] })
  encoder.write({ a: 1 })
  const [chunk] = (await encoder[Symbol.asyncIterator]().next()).value ? ['read'] : []
  t.equal(chunk, 'read')
})

t.test('the columns are those of the sample, whatever the size of the batches', async (t) => {
  const records = lateFrom(1000, 1000)
  const whole = await encodeCsv(records)
  for (const size of [1, 7, 512, 2000]) {
    const encoder = toCsv()
    let text = ''
    encoder.on('data', (chunk: Buffer) => (text += chunk.toString()))
    for (let at = 0; at < records.length; at += size) {
      encoder.cork()
      for (const record of records.slice(at, at + size)) encoder.write(record)
      encoder.uncork()
      await new Promise(setImmediate)
    }
    encoder.end()
    await new Promise((resolve) => encoder.once('end', resolve))
    t.equal(text, whole, String(size))
  }
})
