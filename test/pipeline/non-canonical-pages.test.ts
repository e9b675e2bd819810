// Pages of unusual but valid JSON: the output is the same as from single records.
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { exportStream, toCsv, toNdjson, toParquet, type Encoder, type ExportError } from '../../lib/index.js'
import { Collector } from '../support/encode/collector.js'
import { createFetch, renderPage } from '../support/random/hostile-pages.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

interface Outcome {
  readonly bytes: Buffer
  readonly code?: string
}

async function written(pages: readonly string[], encoder: Encoder, ...between: PassThrough[]): Promise<Outcome> {
  const source = exportStream({
    baseUrl: 'http://localhost',
    reportId: 'r',
    accessToken: 't',
    fetch: createFetch(pages),
    maxRestarts: 0,
  })
  const sink = new Collector()
  try {
    await pipeline([source as Readable, ...between, encoder, sink])
    return { bytes: sink.bytes }
  } catch (error) {
    return { bytes: sink.bytes, code: (error as ExportError).code }
  }
}

const apart = () => new PassThrough({ objectMode: true })

async function alike(t: Test, pages: readonly string[], encoder: () => Encoder): Promise<string> {
  const [attached, oneByOne] = [await written(pages, encoder()), await written(pages, encoder(), apart())]
  t.ok(attached.bytes.equals(oneByOne.bytes))
  t.equal(attached.code, oneByOne.code)
  return attached.bytes.toString()
}

const paged = (pages: readonly (readonly string[])[]) =>
  pages.map((records, at) => renderPage(records, pages.flat().length, `c${at}`))

t.test('a list of numbers such as 1e20 keeps the notation of its JSON', async (t) => {
  const list = `[${Array.from({ length: 30_000 }, () => '1e20').join()}]`
  const record = (id: number, value: string) => `{"processInstanceId":"${id}","variables":{"a":${value},"b":"end"}}`
  const pages = paged([[record(1, '"x"')], [record(2, list), record(3, '"y"')]])
  const text = await alike(t, pages, () => toCsv({ sampleSize: 1 }))
  t.equal(text.split('\n').length, 5)
  t.ok(text.includes('1e20,1e20'))
})

t.test('an export without a single column is an empty file', async (t) => {
  const pages = paged([['{"processInstanceId":"1"}'], ['{"processInstanceId":"2"}']])
  t.equal(await alike(t, pages, () => toCsv({ omit: ['processInstanceId'], sampleSize: 1 })), '')
})

t.test('keys are distinguished in any notation', async (t) => {
  const key = (text: string) => `{"processInstanceId":${text}}`
  const pages = paged([
    [key('"a"'), key('"\\u0062"'), key('"\\ud800"'), key('"\\ud801"')],
    [key('"é"'), key('"c"')],
  ])
  const text = await alike(t, pages, () => toNdjson())
  t.equal(text.trim().split('\n').length, 6)
  const doubled = [renderPage([key('"a"')], 2, 'c'), renderPage([key('"\\u0061"'), key('"b"')], 2, 'c')]
  t.equal((await alike(t, doubled, () => toNdjson())).trim().split('\n').length, 2)
  const keyless = [renderPage([key('"a"'), key('7'), '{"other":1}'], 3, 'c')]
  t.equal((await alike(t, keyless, () => toNdjson())).trim().split('\n').length, 3)
})

t.test('a page with two data fields has the records of the last one', async (t) => {
  const body = renderPage(['{"processInstanceId":"1"}'], 1, 'c').replace(/\}$/, ',"data":[{"processInstanceId":"2"}]}')
  t.equal(await alike(t, [body], () => toNdjson()), '{"processInstanceId":"2"}\n')
})

t.test('lists of anything have their type from every row', async (t) => {
  const record = (id: number, value: string) => `{"processInstanceId":"${id}","list":${value}}`
  const values = ['[]', '[1]', '["a"]', '[{"k":1}]', '[{"k":2}]', '[{"k":1.50}]']
  const pages = paged([[record(0, '[]')], values.map((value, at) => record(at + 1, value))])
  const read = async (...between: PassThrough[]) => {
    const { bytes } = await written(pages, toParquet({ columns: 'all', sampleSize: 1 }), ...between)
    return readBytesWithDuckdb(bytes)
  }
  const attached = await read()
  t.strictSame(attached, await read(apart()))
  t.strictSame(
    attached.rows.map(([, list]) => list),
    ['[]', '[]', '[1]', '["a"]', '[{"k":1}]', '[{"k":2}]', '[{"k":1.50}]'],
  )
})

t.test('a variable with a JSON value is JSON text in a cell', async (t) => {
  const record = (id: number, value: string) => `{"processInstanceId":"${id}","variables":{"a":${value}}}`
  const values = ['[]', '[1,2]', '{}', '["{\\"k\\":1}"]', '[ 1 ]', '{"k":"v"}']
  const pages = paged([[record(0, '"x"')], values.map((value, at) => record(at + 1, value))])
  const text = await alike(t, pages, () => toCsv({ sampleSize: 1, delimiter: ';' }))
  t.ok(text.includes('1;[]\n2;[1,2]\n3;{}\n4;"[""{\\""k\\"":1}""]"\n5;[1]\n6;"{""k"":""v""}"\n'))
})

t.test('late variables are in the overflow of every record that has them', async (t) => {
  const record = (id: number, variables = '') => `{"processInstanceId":"${id}"${variables}}`
  const map = ',"variables":{"a":"x","b":"y"}'
  const pages = paged([
    [record(1), record(2)],
    [record(3, map), record(4, map)],
    [record(5), record(6, map)],
  ])
  const { bytes } = await written(pages, toParquet({ sampleSize: 1, lateColumns: 'overflow', variables: 'map' }))
  const cell = '{"variables":{"a":"x","b":"y"}}'
  const { rows } = await readBytesWithDuckdb(bytes)
  t.strictSame(
    rows.map(([, overflow]) => overflow),
    [null, null, cell, cell, null, cell],
  )
})

t.test('a nested field that is not an object is a column, even if it was an object before', async (t) => {
  const record = (id: number, variables: string) =>
    `{"processInstanceId":"${id}","variables":${variables},"counts":{"a":1}}`
  const scalar = [[record(1, 'null')], [record(2, 'null'), record(3, '"kept"')]]
  const pages = paged([...scalar, [record(4, '{"1":"x"}')], [record(5, '[8,9]')]])
  const text = await alike(t, pages, () => toCsv({ columns: 'all', sampleSize: 1 }))
  t.strictSame(text.trim().split('\n'), [
    'processInstanceId,count:a,variables,variable:1',
    '1,1,,',
    '2,1,,',
    '3,1,kept,',
    '4,1,,x',
    '5,1,"[8,9]",',
  ])
  const overflow = await alike(t, paged(scalar), () => toCsv({ lateColumns: 'overflow', sampleSize: 1 }))
  t.equal(overflow.split('\n')[3], '3,1,"{""variables"":""kept""}"')
  t.equal((await written(pages, toCsv({ sampleSize: 1 }))).code, 'ERR_LATE_COLUMN')
})

t.test('records beyond maxRecords need no memory', async (t) => {
  const records = ['{"processInstanceId":"1"}', '{"processInstanceId":"2"}', '{"processInstanceId":"3"}']
  const before = process.memoryUsage().arrayBuffers
  const at = { baseUrl: 'http://localhost', reportId: 'r', accessToken: 't' }
  const fetch = createFetch([renderPage(records, 10_000_000, 'c')])
  let most = 0
  for await (const record of exportStream({ ...at, fetch, maxRecords: 2 })) {
    t.ok(record)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  t.ok(most < 5e6, `${most}`)
})

t.test('the last entry of a map is read if the kernel cannot write it', async (t) => {
  const record = (id: number, last: string) =>
    `{"processInstanceId":"${id}","variables":{"a":"x","b":${last}},"flowNodeInstances":[]}`
  const pages = paged([[record(1, '"\\u00e9"'), record(2, '"y"'), record(3, '"\\u00e9\\/"')], [record(4, '"z"')]])
  const metadata = { 'optimize-export.reportId': '', 'optimize-export.total': '', 'optimize-export.startedAt': '' }
  const options = { variables: 'map', metadata } as const
  const { bytes } = await written(pages, toParquet(options))
  t.ok(bytes.equals((await written(pages, toParquet(options), apart())).bytes))
  const { rows } = await readBytesWithDuckdb(bytes, `SELECT variables['b'] FROM file`)
  t.strictSame(rows.flat(), ['é', 'y', 'é/', 'z'])
})
