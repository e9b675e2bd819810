// Names of columns that readers would confuse, and names that SQL accepts without quotes.
import { PassThrough, Writable, type Duplex, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { EncoderWarning } from '../../lib/encode/encoder.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { toNdjson, type NdjsonOptions } from '../../lib/encode/ndjson/to-ndjson.js'
import { toParquet } from '../../lib/encode/parquet/to-parquet.js'
import { exportStream } from '../../lib/api/export-stream.js'
import { flattenRecord } from '../../lib/schema/rows/flatten.js'
import { toSnakeName } from '../../lib/schema/names/snake-name.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { encodeCsv, encodeCsvWithStats, encodeRecords } from '../support/encode/encode-csv.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

const withVariables = (...names: string[]) => ({
  processInstanceId: '1',
  variables: Object.fromEntries(names.map((name, at) => [name, String(at)])),
})

t.test('columns that differ only in case, blanks or Unicode form are a warning, in every format', async (t) => {
  const record = withVariables('amount', 'Amount', 'total', 'total ', 'caf\u00e9', 'cafe\u0301', 'other')
  const groups = [
    ['variable:amount', 'variable:Amount'],
    ['variable:total', 'variable:total '],
    ['variable:caf\u00e9', 'variable:cafe\u0301'],
  ]
  for (const encoder of [toCsv(), toCsv({ columns: 'all' }), toCsv({ columns: groups.flat() }), toParquet()]) {
    const warnings: EncoderWarning[] = []
    encoder.on('warning', (warning: EncoderWarning) => warnings.push(warning))
    await encodeRecords([record], encoder)
    t.strictSame(encoder.stats.alikeColumns, groups)
    t.match(
      warnings,
      groups.map((columns) => ({ code: 'WARN_ALIKE_NAMES', columns })),
    )
    t.match(
      warnings[0]!.message,
      /: columns "variable:amount", "variable:Amount" differ only in case, blanks or Unicode form/,
    )
  }
})

t.test("alike names are an error with strict: true, and a warning with strict: 'omit'", async (t) => {
  const records = [withVariables('amount', 'AMOUNT')]
  t.match(await catchRejection(encodeCsv(records, { strict: true })), {
    code: 'ERR_COLUMN_COLLISION',
    message: /^toCsv: columns "variable:amount", "variable:AMOUNT" differ only in case/,
  })
  t.equal((await encodeCsvWithStats(records, { strict: 'omit' })).stats.alikeColumns.length, 1)
  t.strictSame((await encodeCsvWithStats(records, { strict: true, naming: 'snake' })).stats.alikeColumns, [])
})

t.test(
  'alike names of fields are a warning in NDJSON, from bytes and from objects, also if the second name is on a later page',
  async (t) => {
    const data = [...Array.from({ length: 5 }, () => withVariables('amount', 'x')), withVariables('x', 'Amount')].map(
      (record, at) => ({ ...record, processInstanceId: String(at) }),
    )
    const server = await startFakeOptimize({ data })
    t.teardown(() => server.close())
    const read = async (options: NdjsonOptions, ...between: Duplex[]) => {
      const { url: baseUrl, reportId, token: accessToken } = server
      const encoder = toNdjson(options)
      const warnings: EncoderWarning[] = []
      encoder.on('warning', (warning) => warnings.push(warning))
      let bytes = 0
      const source: Readable = exportStream({ baseUrl, reportId, accessToken, limit: 2 })
      await pipeline([
        source,
        ...between,
        encoder,
        new Writable({ write: (chunk: Buffer, _, done) => done(void (bytes += chunk.length)) }),
      ])
      return { stats: encoder.stats, warnings }
    }
    for (const between of [() => [], () => [new PassThrough({ objectMode: true })]]) {
      const { stats, warnings } = await read({}, ...between())
      t.strictSame(stats.alikeColumns, [['variable:amount', 'variable:Amount']])
      t.strictSame(warnings, [
        {
          code: 'WARN_ALIKE_NAMES',
          columns: ['variable:amount', 'variable:Amount'],
          message:
            'toNdjson: fields "variable:amount", "variable:Amount" differ only in case, blanks or Unicode form, and many readers treat them as the same; use omit to leave one out',
        },
      ])
      for (const options of [{ omit: ['variable:Amount'], strict: true }, { pick: ['variable:amount', 'variable:x'] }])
        t.strictSame((await read(options, ...between())).warnings, [])
      t.match(await catchRejection(read({ strict: true }, ...between())), {
        code: 'ERR_COLUMN_COLLISION',
        message: /^toNdjson: fields "variable:amount", "variable:Amount" differ/,
      })
      const unmatched = await read({ omit: ['variable:y'] }, ...between())
      t.strictSame(
        unmatched.warnings.map(({ code }) => code),
        ['WARN_UNMATCHED_NAME', 'WARN_ALIKE_NAMES'],
      )
    }
  },
)

t.test('snake names are ASCII letters in lower case, digits and _, and depend on the source name alone', async (t) => {
  for (const [id, name] of [
    ['processInstanceId', 'process_instance_id'],
    ['variable:orderTotal', 'variable_order_total'],
    ['variable:HTTPServer2Name', 'variable_http_server2_name'],
    ['variable:Order  total (EUR)', 'variable_order_total_eur'],
    ['variable:Pr\u00fcfung', 'variable_prufung'],
    ['count:openIncidents', 'count_open_incidents'],
    ['dur:Activity_0x1', 'dur_activity_0x1'],
    ['1st', '_1st'],
    ['', '_'],
  ] as const)
    t.equal(toSnakeName(id), name)
  for (const id of ['variable:\u91d1\u984d', 'variable:\u{1F600}', 'variable:Gr\u00f6\u00dfe', '\u91d1'])
    t.match(toSnakeName(id), /^[a-z_][a-z0-9_]*_[0-9a-f]{6}$/, id)
  t.not(toSnakeName('variable:\u91d1'), toSnakeName('variable:\u984d'))
})

t.test('two columns with the same snake name both get a hash, whichever comes first', async (t) => {
  const [a, b] = [withVariables('orderTotal', 'x'), withVariables('order_total')]
  const names: Record<string, string>[] = []
  for (const records of [
    [a, b],
    [b, a],
  ]) {
    for (const columns of ['sample', 'all', ['variable:orderTotal', 'variable:order_total', 'variable:x']] as const) {
      const { text, stats } = await encodeCsvWithStats(records, { naming: 'snake', columns, sampleSize: 2 })
      const wanted = ['variable:orderTotal', 'variable:order_total', 'variable:x'].map((id) => stats.columnNames[id]!)
      t.match(wanted, [/^variable_order_total_[0-9a-f]{6}$/, /^variable_order_total_[0-9a-f]{6}$/, 'variable_x'])
      t.ok(wanted.every((name) => text.split('\n')[0]!.split(',').includes(name)))
      names.push(Object.fromEntries(wanted.map((name, at) => [at, name])))
    }
    const bytes = await encodeRecords(records, toParquet({ naming: 'snake', columns: 'all', sampleSize: 1 }))
    const { names: found } = await readBytesWithDuckdb(bytes)
    t.ok(Object.values(names[0]!).every((name) => found.includes(name)))
  }
  for (const other of names) t.strictSame(other, names[0])
  const three = [a, b, withVariables('Order total')]
  t.equal(
    new Set((await encodeCsv(three, { naming: 'snake', columns: 'all', sampleSize: 1 })).split('\n')[0]!.split(','))
      .size,
    5,
  )
})

t.test('a name that is written does not change: only the late column gets a hash', async (t) => {
  const records = [withVariables('orderTotal'), withVariables('order_total')]
  const text = await encodeCsv(records, { naming: 'snake', sampleSize: 1, lateColumns: 'overflow' })
  t.match(
    text,
    /^process_instance_id,variable_order_total,overflow\n1,0,\n1,,"{""variable_order_total_[0-9a-f]{6}"":""0""}"\n$/,
  )
})

t.test('in flattenRecord a collision is an error, because it does not know the columns of other records', async (t) => {
  t.strictSame(flattenRecord(withVariables('orderTotal'), { naming: 'snake' }), {
    process_instance_id: '1',
    variable_order_total: '0',
  })
  t.match(
    catchError(() => flattenRecord(withVariables('orderTotal', 'order_total'), { naming: 'snake' })),
    { code: 'ERR_COLUMN_COLLISION' },
  )
})

t.test('stats.columnNames has the names that differ from the prefixed names', async (t) => {
  const { stats } = await encodeCsvWithStats([withVariables('a')], { naming: 'plain' })
  t.strictSame(stats.columnNames, { 'variable:a': 'a' })
  t.strictSame((await encodeCsvWithStats([withVariables('a')])).stats.columnNames, {})
})
