// Compares names in options with the names in records, for single records and for whole pages.
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { Encoder, EncoderWarning } from '../../lib/encode/encoder.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { toNdjson } from '../../lib/encode/ndjson/to-ndjson.js'
import { toParquet } from '../../lib/encode/parquet/to-parquet.js'
import { exportStream } from '../../lib/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

const records = [
  { processInstanceId: '1', startDate: null, variables: { amount: '1', customer: 'x' } },
  { processInstanceId: '2', startDate: null, variables: { amount: '2', customer: 'y' }, flowNodeInstances: [] },
]

/** The records as objects, and as the pages of a server. */
const ways = {
  records: (data: object[]) => Promise.resolve({ source: Readable.from(data), close: () => Promise.resolve() }),
  pages: async (data: object[]) => {
    const server = await startFakeOptimize({ data: data as never })
    const { url: baseUrl, reportId, token: accessToken } = server
    return { source: exportStream({ baseUrl, reportId, accessToken }), close: () => server.close() }
  },
}

async function through(encoder: Encoder, data: object[], way: keyof typeof ways) {
  const warnings: EncoderWarning[] = []
  encoder.on('warning', (warning: EncoderWarning) => warnings.push(warning))
  const { source, close } = await ways[way](data)
  const bytes = buffer(encoder)
  const [result] = await Promise.allSettled([bytes, pipeline(source, encoder)])
  await close()
  if (result.status === 'rejected') throw result.reason
  return { bytes: result.value, warnings, stats: encoder.stats }
}

const unmatched = (option: string, name: string, nearest?: string) => ({ option, name, nearest })

for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
  t.test(`${way}: a name that no record has is a warning and in the stats, with the nearest one`, async (t) => {
    for (const [make, expected] of [
      [
        () => toCsv({ columns: ['processInstanceId', ' startDate', 'variabel:amount'] }),
        [unmatched('columns', ' startDate', 'startDate'), unmatched('columns', 'variabel:amount', 'variable:amount')],
      ],
      [
        () => toCsv({ omit: ['Variable:Customer', 'startDate'] }),
        [unmatched('omit', 'Variable:Customer', 'variable:customer')],
      ],
      [
        () => toCsv({ pick: ['processInstanceId', 'amount', 'variables.customer'], columns: 'all' }),
        [unmatched('pick', 'amount', 'variable:amount'), unmatched('pick', 'variables.customer', 'variable:customer')],
      ],
      [
        () => toParquet({ types: { 'variable:amont': 'int64' } }),
        [unmatched('types', 'variable:amont', 'variable:amount')],
      ],
      [
        () => toParquet({ columns: 'all', omit: ['nothing like it'], types: { 'variable:amount': 'int64' } }),
        [unmatched('omit', 'nothing like it')],
      ],
      [
        () => toNdjson({ omit: ['variable:custommer'] }),
        [unmatched('omit', 'variable:custommer', 'variable:customer')],
      ],
    ] as const) {
      const { warnings, stats } = await through(make(), records, way)
      t.strictSame(stats.unmatched, expected)
      t.match(
        warnings,
        expected.map((name) => ({ code: 'WARN_UNMATCHED_NAME', ...name })),
      )
    }
  })

  t.test(`${way}: a name that only the last record has is matched, in every option`, async (t) => {
    const last = { processInstanceId: '3', startDate: null, variables: { late: null } }
    for (const encoder of [
      toCsv({ columns: ['processInstanceId', 'variable:late'] }),
      toCsv({ sampleSize: 1, lateColumns: 'drop', omit: ['variable:late'] }),
      toCsv({ columns: 'all', pick: ['startDate', 'variable:late'] }),
      toParquet({ columns: 'all', types: { 'variable:late': 'int64' } }),
      toNdjson({ omit: ['variable:late'] }),
    ])
      t.strictSame((await through(encoder, [...records, last], way)).stats.unmatched, [])
  })

  t.test(`${way}: with strict such a name is an error before the end, in omit alone or in every option`, async (t) => {
    const strictly = { strict: true } as const
    for (const encoder of [
      toCsv({ columns: ['processInstanceId', 'x'], ...strictly }),
      toCsv({ omit: ['x'], strict: 'omit' }),
      toParquet({ types: { x: 'int64' }, ...strictly }),
      toNdjson({ pick: ['processInstanceId', 'x'], ...strictly }),
    ]) {
      let isEnded = false
      encoder.on('end', () => (isEnded = true))
      t.match(await catchRejection(through(encoder, records, way)), {
        name: 'ExportError',
        code: 'ERR_UNMATCHED_NAME',
        message: /: (columns|omit|types|pick): no record has "x"$/,
      })
      t.notOk(isEnded)
    }
    const { warnings } = await through(toCsv({ pick: ['startDate', 'x'], strict: 'omit' }), records, way)
    t.equal(warnings.length, 1)
  })

  t.test(`${way}: a selection that leaves nothing of the records is an error, strict or not`, async (t) => {
    for (const encoder of [
      toCsv({ pick: ['variable:amuont'] }),
      toCsv({ pick: ['variable:amuont'], columns: 'all' }),
      toCsv({ columns: ['variable:amuont'] }),
      toParquet({ pick: ['variable:amuont'] }),
      toParquet({ pick: ['variable:amuont'], columns: 'all' }),
      toNdjson({ pick: ['variable:amuont'] }),
    ])
      t.match(await catchRejection(through(encoder, records, way)), {
        code: 'ERR_UNMATCHED_NAME',
        message:
          /: the selection leaves no column of the report; (pick|columns): no record has "variable:amuont", did you mean "variable:amount"$/,
      })
    const all = ['processInstanceId', 'startDate', 'variables', 'flowNodeInstances']
    t.match(await catchRejection(through(toCsv({ omit: all }), records, way)), {
      message: 'toCsv: the selection leaves no column of the report',
    })
  })

  t.test(`${way}: NDJSON in which only nested fields without keys are left is that error too`, async (t) => {
    let count = 0
    const instance = (fields: object) => ({ processInstanceId: String(++count), ...fields })
    const amount = () => instance({ variables: { amount: '1' } })
    const group = (value: object[]) => ({ key: 'g', label: 'G', value })
    const noColumn = async (encoder: Encoder, data: object[]) =>
      t.match(await catchRejection(through(encoder, data, way)), {
        code: 'ERR_UNMATCHED_NAME',
        message: /^to(Ndjson|Csv): the selection leaves no column of the report$/,
      })
    for (const [data, options] of [
      [[amount(), amount()], { omit: ['processInstanceId', 'variable:amount'] }],
      [[amount(), instance({ variables: {} })], { omit: ['processInstanceId', 'variable:amount'] }],
      [[instance({ variables: {} })], { pick: ['variables'] }],
      [[instance({ variables: null }), instance({ variables: {} })], { omit: ['processInstanceId'] }],
      [[group([])], { omit: ['key', 'label', 'value', 'distributedKey', 'distributedLabel'] }],
      [[group([{ key: 'a', value: 1 }])], { omit: ['key', 'label', 'value', 'distributedKey', 'distributedLabel'] }],
    ] as const) {
      await noColumn(toCsv(options), [...data])
      await noColumn(toNdjson(options), [...data])
    }
    const lines = async (options: object, data: object[]) =>
      (await through(toNdjson(options), data, way)).bytes.toString().trim().split('\n')
    const late = instance({ variables: { late: 'x' } })
    t.strictSame(await lines({ omit: ['processInstanceId', 'variable:amount'] }, [amount(), amount(), late]), [
      '{"variables":{}}',
      '{"variables":{}}',
      '{"variables":{"late":"x"}}',
    ])
    const plain = [instance({ variables: null }), instance({ variables: 'text' })]
    t.strictSame(await lines({ pick: ['variables'] }, plain), ['{"variables":null}', '{"variables":"text"}'])
  })

  t.test(`${way}: pick and omit work for NDJSON, and for the map of variables`, async (t) => {
    const lines = async (encoder: Encoder) => (await through(encoder, records, way)).bytes.toString().trim().split('\n')
    t.strictSame(await lines(toNdjson({ omit: ['variable:customer', 'startDate'] })), [
      '{"processInstanceId":"1","variables":{"amount":"1"}}',
      '{"processInstanceId":"2","variables":{"amount":"2"},"flowNodeInstances":[]}',
    ])
    t.strictSame(await lines(toNdjson({ pick: ['processInstanceId', 'variable:customer'] })), [
      '{"processInstanceId":"1","variables":{"customer":"x"}}',
      '{"processInstanceId":"2","variables":{"customer":"y"}}',
    ])
    const mapOf = async (options: object) => {
      const { bytes, stats } = await through(toParquet({ variables: 'map', ...options }), records, way)
      t.strictSame(stats.unmatched, [])
      return readBytesWithDuckdb(bytes, 'SELECT to_json(file) FROM file').then(({ rows }) =>
        rows.map(([row]) => JSON.parse(row as string) as unknown),
      )
    }
    t.match(await mapOf({ omit: ['variable:customer'] }), [
      { processInstanceId: '1', variables: { amount: '1', customer: undefined } },
      { processInstanceId: '2', variables: { amount: '2', customer: undefined } },
    ])
    const picked = [
      { processInstanceId: '1', variables: { customer: 'x' } },
      { processInstanceId: '2', variables: { customer: 'y' } },
    ]
    const names = ['processInstanceId', 'variable:customer']
    t.strictSame(await mapOf({ pick: names }), picked)
    t.strictSame(await mapOf({ columns: ['processInstanceId', 'variables'], pick: names }), picked)
    t.strictSame(await mapOf({ omit: ['variables', 'startDate', 'flowNodeInstances'] }), [
      { processInstanceId: '1' },
      { processInstanceId: '2' },
    ])
  })

  t.test(`${way}: the values of a map fit the types that were declared for them`, async (t) => {
    const types = { 'variable:amount': 'int64', 'variable:customer': 'int64' } as const
    const fitting = toParquet({ variables: 'map', types: { 'variable:amount': 'int64' } })
    t.strictSame((await through(fitting, records, way)).stats.unmatched, [])
    t.match(await catchRejection(through(toParquet({ variables: 'map', types }), records, way)), {
      code: 'ERR_CELL_TYPE',
      message: 'toParquet: row 1: column "variable:customer": expected int64, got "x"',
    })
  })
}

t.test('a nested field in pick or omit stands for all its columns, also in flat rows', async (t) => {
  const rows = [{ id: 1, 'variable:a': 'x', 'variable:b': 'y', 'count:incidents': 0 }]
  for (const [options, text] of [
    [{ pick: ['id', 'variables'] }, 'id,variable:a,variable:b\n1,x,y\n'],
    [{ omit: ['variables', 'counts'] }, 'id\n1\n'],
  ] as const) {
    const encoder = toCsv({ ...options, strict: true })
    t.equal((await encodeRecords(rows, encoder)).toString(), text)
    t.strictSame(encoder.stats.unmatched, [])
  }
  const text = async (options: object) => (await encodeRecords(records, toCsv(options))).toString()
  t.equal(
    await text({ pick: ['processInstanceId', 'variables'] }),
    'processInstanceId,variable:amount,variable:customer\n1,1,x\n2,2,y\n',
  )
  t.equal(
    await text({ pick: ['processInstanceId', 'variables'], omit: ['variable:amount'] }),
    'processInstanceId,variable:customer\n1,x\n2,y\n',
  )
  t.equal(await text({ omit: ['variables', 'startDate', 'flowNodeInstances'] }), 'processInstanceId\n1\n2\n')
  t.equal(
    await text({ columns: ['processInstanceId', 'variables'], omit: ['variable:customer'] }),
    'processInstanceId,variables\n1,"{""amount"":""1""}"\n2,"{""amount"":""2""}"\n',
    'also where it is one column',
  )
})

t.test('NDJSON is filtered by the names that columns have', async (t) => {
  const ndjson = async (record: object, options: object) =>
    (await encodeRecords([record], toNdjson(options))).toString().trim()
  const nested = {
    processInstanceId: '1',
    counts: { incidents: 1, openIncidents: 0 },
    flowNodeDurations: { start: { name: 'Start', value: 3 }, end: { name: 'End', value: 4 } },
    variables: { ['__proto__']: 'p', a: '' },
    unknown: { deep: [1] },
  }
  t.equal(
    await ndjson(nested, { omit: ['count:incidents', 'dur:start', 'unknown'] }),
    '{"processInstanceId":"1","counts":{"openIncidents":0},"flowNodeDurations":{"end":{"name":"End","value":4}},"variables":{"__proto__":"p","a":""}}',
  )
  t.equal(
    await ndjson(nested, { pick: ['dur:end', 'variable:__proto__', 'unknown', 'count:none'] }),
    '{"counts":{},"flowNodeDurations":{"end":{"name":"End","value":4}},"variables":{"__proto__":"p"},"unknown":{"deep":[1]}}',
  )
  t.equal(
    await ndjson({ ...nested, variables: null }, { pick: ['counts', 'variables'] }),
    '{"counts":{"incidents":1,"openIncidents":0},"variables":null}',
  )
  t.equal(await ndjson({ key: 'k', value: 1, label: 'l' }, { omit: ['label'] }), '{"key":"k","value":1}')
  const group = { key: 'g', value: [{ key: 'd', value: 3.5, label: 'D' }], label: 'G' }
  t.equal(await ndjson(group, { omit: ['label', 'distributedLabel'] }), '{"key":"g","value":[{"key":"d","value":3.5}]}')
  t.equal(await ndjson(group, { pick: ['value'] }), '{"value":[{"value":3.5}]}')
  t.equal(await ndjson(group, { pick: ['key'] }), '{"key":"g"}')
  t.equal(await ndjson({ ...group, value: [] }, { pick: ['key', 'value'] }), '{"key":"g","value":[]}')
  t.equal(await ndjson({ id: 9007199254740993n, x: 1 }, { omit: ['x'] }), '{"id":9007199254740993}')
})

t.test('without records no name is unmatched, and the file has the listed columns', async (t) => {
  const encoder = toCsv({ columns: ['a', 'b'], omit: ['b'], strict: true })
  t.equal((await encodeRecords([], encoder)).toString(), 'a\n')
  t.strictSame(encoder.stats.unmatched, [])
  t.equal((await encodeRecords([], toNdjson({ pick: ['a'], strict: true }))).length, 0)
  t.equal((await encodeRecords([{}, {}], toNdjson({ pick: ['a'], strict: true }))).toString(), '{}\n{}\n')
})

t.test('the message about many unmatched names lists five of them', async (t) => {
  const omit = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => letter.repeat(9))
  t.match(await catchRejection(encodeRecords([{ a: 1 }], toCsv({ omit, strict: true }))), {
    message: /^toCsv: omit: no record has "b{9}"; .*"f{9}"; and 2 more$/,
  })
})

t.test('a selection that can never have a column is refused at the call', async (t) => {
  for (const [call, message] of [
    [() => toCsv({ columns: [] }), 'toCsv: columns: expected at least one column, got none'],
    [() => toParquet({ columns: [] }), 'toParquet: columns: expected at least one column, got none'],
    [() => toNdjson({ pick: [] }), 'toNdjson: pick: expected at least one column, got none'],
    [
      () => toCsv({ pick: ['variable:a', 'b'], omit: ['variables', 'b'] }),
      'toCsv: pick: expected a column that is not in omit, got none',
    ],
    [
      () => toCsv({ columns: ['a', 'variables'], pick: ['b'] }),
      'toCsv: columns: expected a column that pick and omit do not exclude, got none',
    ],
    [
      () => toCsv({ columns: ['a', 'all'] }),
      "toCsv: columns: expected 'all' alone or a list of names, got 'all' in a list",
    ],
    [() => toCsv({ strict: 'pick' as never }), /^toCsv: strict: expected true or false or 'omit', got "pick"$/],
  ] as const)
    t.match(catchError(call), { name: 'OptionError', code: 'ERR_OPTION', message })
})
