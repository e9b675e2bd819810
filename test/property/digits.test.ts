// Numbers keep the digits of the server in every text, wherever they are in a record, from whole pages and from records.
import fc from 'fast-check'
import t from 'tap'
import {
  flattenVariables,
  flowNodeEvents,
  toCsv,
  toNdjson,
  toParquet,
  type CsvOptions,
  type ParquetOptions,
} from '../../lib/index.js'
import { encodeBothWays, createExport } from '../support/encode/encode-both-ways.js'
import { readCsv } from '../support/encode/encode-csv.js'
import { renderPage } from '../support/random/hostile-pages.js'
import { runs } from '../support/random/property.js'
import { readBytesWithDuckdb, readWithHyparquet } from '../support/readers/read-parquet.js'

const known = [
  '0.1234567890123456789',
  '1e400',
  '-0',
  '1.50',
  '1.0E10',
  '-0.0',
  '9007199254740993.0',
  '12',
  '-7',
  '0.5',
]
const long = ['1234567890123456789', '-123456789012345678901234567890', '9007199254740992']
const number = fc.oneof(
  fc.constantFrom(...known, ...long),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9]\d{0,29}$/)),
      fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,20}$/)),
      fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?\d{1,3}$/)),
    )
    .map((parts) => parts.join('')),
)

/** The text of a process record with these numbers, without white space. */
function recordText(id: number, n: readonly string[]): string {
  return (
    `{"processInstanceId":"${id}","extra":${n[0]},"variables":{"amount":${n[1]},"7":${n[2]},"list":[${n[3]},"x"]},` +
    `"flowNodeDurations":{"start":{"name":"Start","value":${n[4]}}},` +
    `"flowNodeInstances":[{"id":"a","cost":${n[5]}},{"id":"b","cost":${n[6]}}],"deep":{"in":[{"side":${n[7]}}]}}`
  )
}

const numbers = fc.array(fc.array(number, { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 12 })

const pagesOf = (all: readonly (readonly string[])[]) => {
  const records = all.map((n, at) => recordText(at, n))
  const half = Math.ceil(records.length / 2)
  return [records.slice(0, half), records.slice(half)]
    .filter((page) => page.length > 0)
    .map((page, at) => renderPage(page, records.length, `c${at}`))
}

/** Moves the key `7` to the front, as JSON.parse does with integer keys. */
const inJsonOrder = (line: string) =>
  line.replace(
    /("variables":\{)("amount":[^,]*),("7":[^,]*),/,
    (_, open: string, a: string, b: string) => `${open}${b},${a},`,
  )

t.test('NDJSON has the digits of the server', async (t) => {
  await fc.assert(
    fc.asyncProperty(numbers, async (all) => {
      const expected = all.map((n, at) => `${inJsonOrder(recordText(at, n))}\n`).join('')
      for (const bytes of await encodeBothWays(pagesOf(all), () => toNdjson())) t.equal(bytes.toString(), expected)
    }),
    runs(12),
  )
})

const dialects: CsvOptions[] = [
  {},
  { columns: 'all' },
  { quote: 'always', delimiter: ';', nullValue: '12' },
  { delimiter: '||', formulaGuard: true },
  { stringify: { quoted_string: false } },
  { stringify: {}, columns: 'all' },
]

t.test('CSV has the digits of the server, in cells and in JSON', async (t) => {
  await fc.assert(
    fc.asyncProperty(numbers, fc.constantFrom(...dialects), async (all, options) => {
      const names = [
        'extra',
        'variable:amount',
        'variable:7',
        'variable:list',
        'dur:start',
        'flowNodeInstances',
        'deep',
      ]
      const expected = all.map((n) => [
        ...n.slice(0, 3),
        `[${n[3]},"x"]`,
        n[4],
        `[{"id":"a","cost":${n[5]}},{"id":"b","cost":${n[6]}}]`,
        `{"in":[{"side":${n[7]}}]}`,
      ])
      for (const bytes of await encodeBothWays(pagesOf(all), () => toCsv(options))) {
        const [header, ...rows] = readCsv(bytes.toString(), { delimiter: options.delimiter ?? ',' })
        t.strictSame(
          rows.map((row) => names.map((name) => row[header!.indexOf(name)])),
          expected,
        )
      }
    }),
    runs(12),
  )
})

const types = { extra: 'string', 'dur:start': 'string' } as const
const parquetOptions: ParquetOptions[] = [
  { types },
  { types, columns: 'all' },
  { types, engine: 'parquetjs-lite', columns: ['extra', 'variable:amount', 'dur:start'] },
]

t.test('text columns of Parquet have the digits of the server', async (t) => {
  await fc.assert(
    fc.asyncProperty(numbers, fc.constantFrom(...parquetOptions), async (all, options) => {
      const expected = all.map((n) => [n[0], n[1], n[4]])
      for (const bytes of await encodeBothWays(pagesOf(all), () => toParquet(options))) {
        const { names, rows } = await readWithHyparquet(bytes)
        t.strictSame(
          rows.map((row) => ['extra', 'variable:amount', 'dur:start'].map((name) => row[names.indexOf(name)])),
          expected,
        )
      }
    }),
    runs(8, 2),
  )
})

t.test('JSON, maps and lists in Parquet have the digits of the server', async (t) => {
  const record =
    '{"processInstanceId":"1","n":1e400,"deep":{"in":[1.50]},"variables":{"a":2.0,"b":"x"},"mixed":[{"s":"x"},{"s":3.0}]}'
  const columns = ['n', 'deep', 'variables', 'mixed']
  const options: ParquetOptions = { columns, types: { n: 'json', deep: 'json', mixed: 'json' }, variables: 'map' }
  for (const bytes of await encodeBothWays([renderPage([record], 1, 'c')], () => toParquet(options))) {
    const { rows } = await readBytesWithDuckdb(
      bytes,
      `SELECT ${columns.map((name) => `CAST(${name} AS VARCHAR)`).join()} FROM file`,
    )
    t.strictSame(rows, [['1e400', '{"in":[1.50]}', '{a=2.0, b=x}', '[{"s":"x"},{"s":3.0}]']])
  }
})

const collected = async (stream: AsyncIterable<unknown>) => {
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

t.test('the numbers of a record are doubles, and an encoder writes numbers that the user has changed', async (t) => {
  const pages = pagesOf([['1.50', '0.1234567890123456789', '1e400', '1', '-0', '2.0', '3', '4.0']])
  const [record] = (await collected(createExport(pages))) as [Record<string, Record<string, unknown>>]
  t.strictSame(
    [record['extra'], record['variables']!['amount'], record['variables']!['7']],
    [1.5, 0.12345678901234568, Infinity],
  )
  record['variables']!['amount'] = 7.25
  const copy = {
    processInstanceId: record['processInstanceId'],
    extra: record['extra'],
    variables: record['variables'],
  }
  const encoder = toNdjson()
  encoder.end(copy)
  t.equal(
    Buffer.concat((await collected(encoder)) as Buffer[]).toString(),
    '{"processInstanceId":"0","extra":1.5,"variables":{"7":1e400,"amount":7.25,"list":[1,"x"]}}\n',
  )
})

t.test('the transforms of this library keep digits', async (t) => {
  const record =
    '{"processInstanceId":12.0,"businessKey":1.50,"variables":{"amount":2.0},"outputVariables":{"o":{"values":[3.0]}},' +
    '"inputVariables":{"i":4.0},"flowNodeInstances":[{"id":5.0,"name":6.10,"startDate":7.0,"endDate":null}]}'
  const pages = [renderPage([record], 1, 'c')]
  const csv = async (transform: NodeJS.ReadWriteStream) =>
    Buffer.concat((await collected(createExport(pages).pipe(transform).pipe(toCsv()))) as Buffer[]).toString()
  t.equal(
    await csv(flattenVariables({ omit: ['flowNodeInstances'] })),
    'processInstanceId,businessKey,variable:amount,input:i,output:o\n12.0,1.50,2.0,4.0,3.0\n',
  )
  t.equal(
    await csv(flowNodeEvents({ fields: ['businessKey', 'variable:amount'] })),
    'processInstanceId,flowNodeInstanceId,flowNodeName,startDate,endDate,businessKey,variable:amount\n' +
      '12.0,5.0,6.10,7.0,,1.50,2.0\n',
  )
  const fields = ['businessKey', 'variable:amount']
  t.match(await csv(flowNodeEvents({ fields, naming: 'xes' })), /case:variable:amount\n.*,1\.50,2\.0\n$/)
})

t.test('map, hyper-map and number reports keep digits, also in late cells', async (t) => {
  const body = (data: string, count: number) =>
    `{"numberOfRecordsInResponse":${count},"totalNumberOfRecords":${count},"reportId":"r","data":${data}}`
  const map = body('[{"key":"a","value":1.50,"label":"A"},{"key":2.0,"value":-0,"label":null}]', 2)
  for (const bytes of await encodeBothWays([map], () => toCsv()))
    t.equal(bytes.toString(), 'key,label,value\na,A,1.50\n2.0,,-0\n')
  const hyper = body('[{"key":1.0,"value":[{"key":2.0,"value":3.50,"label":4.0,"more":5.0}],"label":6.0}]', 1)
  for (const bytes of await encodeBothWays([hyper], () => toCsv()))
    t.equal(
      bytes.toString(),
      'key,label,distributedKey,distributedLabel,value,distributedMore\n1.0,6.0,2.0,4.0,3.50,5.0\n',
    )
  for (const bytes of await encodeBothWays([body('1.0E10', 1)], () => toNdjson()))
    t.equal(bytes.toString(), '{"value":1.0E10}\n')
  const late = renderPage(
    ['{"processInstanceId":"1"}', '{"processInstanceId":"2","b":1.50,"variables":{"v":2.0}}'],
    2,
    'c',
  )
  for (const bytes of await encodeBothWays([late], () => toCsv({ sampleSize: 1, lateColumns: 'overflow' })))
    t.equal(bytes.toString(), 'processInstanceId,overflow\n1,\n2,"{""variable:v"":2.0,""b"":1.50}"\n')
  const optimize = renderPage(['{"processInstanceId":"1","variables":{"v":2.0,"w":3.50}}'], 1, 'c')
  for (const bytes of await encodeBothWays([optimize], () => toCsv({ preset: 'optimize', columns: 'all' })))
    t.equal(bytes.toString(), '"processInstanceId","variable:v","variable:w"\r\n"1","2.0","3.50"\r\n')
})

t.test('a text that looks like a marked number of parseJson stays a text', async (t) => {
  const record = '{"processInstanceId":"1","a":"\\udfff1.50","b":"\\udfff\\uDFFF1.50","c":1.50}'
  for (const bytes of await encodeBothWays([renderPage([record], 1, 'c')], () => toNdjson()))
    t.equal(bytes.toString(), '{"processInstanceId":"1","a":"\\udfff1.50","b":"\\udfff\\udfff1.50","c":1.50}\n')
})
