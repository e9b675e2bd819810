import t, { type Test } from 'tap'
import type { FakeOptimizeOptions } from '../../lib/testing/index.js'
import type { ExportRecord } from '../../lib/shared/types.js'
import { askPage, idsIn, page, pagesOf, refusal, start } from './support/client.js'

const processFields = [
  'processDefinitionKey',
  'processDefinitionId',
  'processInstanceId',
  'businessKey',
  'startDate',
  'endDate',
  'duration',
  'engineName',
  'tenantId',
  'variables',
]
const modernFields = [
  ...processFields.slice(0, 3),
  'counts',
  'flowNodeDurations',
  ...processFields.slice(3),
  'flowNodeInstances',
]

async function recordsOf(t: Test, options: FakeOptimizeOptions, headers?: Record<string, string>) {
  return (await page(await start(t, options), { limit: 10_000 }, headers)).data!
}

const variablesOf = (record: ExportRecord) => record['variables'] as Record<string, unknown>

for (const era of ['3.7', '8.6', '8.7', '8.8'] as const) {
  t.test(`records of ${era} have the fields of that version in its order, null for missing values`, async (t) => {
    const records = await recordsOf(t, { era, records: 300 })
    for (const record of records) t.same(Object.keys(record), era === '3.7' ? processFields : modernFields)
    t.ok(records.every(({ tenantId }) => tenantId === null))
    t.ok(records.some(({ endDate }) => endDate === null) && records.some(({ endDate }) => endDate !== null))
    t.ok(records.some(({ businessKey }) => businessKey === null))
    t.equal(
      records.some(({ businessKey }) => typeof businessKey === 'string'),
      era === '3.7' || era === '8.6',
    )
    t.ok(records.every(({ duration }) => Number.isSafeInteger(duration) && (duration as number) > 0))
  })
}

t.test('ids look like those of the engine, UUIDs for Camunda 7 and keys for Camunda 8, and all differ', async (t) => {
  const ids = async (options: FakeOptimizeOptions) => (await start(t, { records: 5000, ...options })).ids()
  const uuids = await ids({})
  t.ok(uuids.every((id) => /^[\da-f]{8}-[\da-f]{4}-11ee-8b2c-[\da-f]{4}ac120003$/.test(id)))
  t.equal(new Set(uuids).size, 5000)
  const keys = await ids({ era: '8.7' })
  t.ok(keys.every((id) => /^\d{16}$/.test(id)))
  t.equal(new Set(keys).size, 5000)
  t.same(new Set([...uuids, ...(await ids({ seed: 2 }))]).size, 10_000)
})

t.test('a record has 1.3 to 1.8 kB, and one of 3.7 has 450 to 650 bytes', async (t) => {
  for (const [era, min, max] of [
    ['8.6', 1300, 1800],
    ['3.7', 450, 650],
  ] as const) {
    const { body } = await askPage(await start(t, { era }))
    const size = body.length / 1000
    t.ok(size > min && size < max, `${size} bytes`)
  }
})

t.test('each flow node has a duration, and the first three have an instance', async (t) => {
  const records = await recordsOf(t, { flowNodes: 10, records: 200 })
  for (const { flowNodeDurations, flowNodeInstances, startDate, endDate } of records) {
    t.equal(Object.keys(flowNodeDurations as object).length, 10)
    const nodes = flowNodeInstances as { startDate: string; endDate: string | null }[]
    t.equal(nodes.length, 3)
    t.equal(nodes[0]!.startDate, startDate)
    t.equal(nodes.at(-1)!.endDate === null, endDate === null, 'active while the instance runs')
  }
  t.match(records[0]!['flowNodeDurations'], { assignApprover_2: { name: 'Assign approver', value: Number } })
  const [none] = await recordsOf(t, { flowNodes: 0, records: 1 })
  t.same([none!['flowNodeDurations'], none!['flowNodeInstances']], [{}, []])
})

t.test(
  'records are sorted by startDate, the newest first, some at the same instant; inserted ones come first',
  async (t) => {
    const optimize = await start(t, { records: 200, flowNodes: 0 })
    optimize.insert(20)
    const { data } = await page(optimize, {}, { 'x-optimize-client-timezone': 'UTC' })
    const starts = data!.map(({ startDate }) => startDate as string)
    t.same(starts, starts.toSorted().toReversed())
    t.ok(new Set(starts).size < starts.length, 'ties')
    t.ok(data!.every(({ duration }) => (duration as number) > 0))
  },
)

t.test('the same seed gives the same records, another seed gives others', async (t) => {
  const options = { records: 50, hostileValues: true, objectVariables: 'json' } as const
  const first = await recordsOf(t, options)
  t.same(await recordsOf(t, options), first)
  t.notSame(await recordsOf(t, { ...options, seed: 2 }), first)
})

t.test('each record has all variables of the report as strings, empty if the instance has none', async (t) => {
  const records = await recordsOf(t, { records: 300, variables: 23 })
  const names = Object.keys(variablesOf(records[0]!))
  t.equal(names.length, 23)
  t.same(names, names.toSorted())
  for (const record of records) t.same(Object.keys(variablesOf(record)), names)
  const values = records.flatMap((record) => Object.values(variablesOf(record)))
  t.ok(values.every((value) => typeof value === 'string'))
  t.ok(values.includes('') && values.includes('true') && values.includes('DE') && values.includes('Zoë Müller'))
  t.same(variablesOf((await recordsOf(t, { variables: 0, records: 1 }))[0]!), {})
})

t.test('any text may be the name of a variable', async (t) => {
  const variableNames = [
    '__proto__',
    'constructor',
    'a.b',
    'a,b',
    'say "hi"',
    'two\nlines',
    '😀',
    '',
    '10',
    '=1+1',
    'é',
  ]
  const optimize = await start(t, { records: 1, variableNames })
  const text = (await askPage(optimize)).body.toString()
  const [record] = (JSON.parse(text) as { data: ExportRecord[] }).data
  t.same(Object.keys(variablesOf(record!)).toSorted(), variableNames.toSorted())
  t.ok(text.indexOf('"=1+1":') < text.indexOf('"__proto__":'), 'sorted by UTF-16')
})

t.test('hostile values are formulas, quotes, line breaks and unusual numbers', async (t) => {
  const records = await recordsOf(t, { records: 300, hostileValues: true })
  const values = new Set(records.flatMap((record) => Object.values(variablesOf(record))))
  for (const value of [
    '=1+1',
    '-1.50',
    '007',
    'a,b',
    '"',
    'first line\nsecond line',
    '日本語のテキスト',
    '👩‍👩‍👧 😀',
    '',
  ]) {
    t.ok(values.has(value), JSON.stringify(value))
  }
})

t.test('late variables have no key before their first record, so that a later page has new ones', async (t) => {
  const lateVariables = { at: 25, names: ['late', 'amount'] }
  const optimize = await start(t, { records: 40, lateVariables, flowNodes: 0 })
  optimize.insert(2)
  const records = (await page(optimize)).data!
  t.same(
    records.map((record) => 'late' in variablesOf(record)),
    Array.from({ length: 42 }, (_, place) => place >= 27),
  )
  t.ok('amount' in variablesOf(records[0]!), 'a variable that exists already is not late')
})

t.test('object variables are shown only on pages where a record has them', async (t) => {
  for (const objectVariables of ['placeholder', 'json'] as const) {
    const optimize = await start(t, { records: 1000, objectVariables, flowNodes: 0 })
    const pages = await pagesOf(optimize, { limit: 50 })
    const shown = pages.slice(0, -1).map(({ data }) => data!.map((record) => 'customerProfile' in variablesOf(record)))
    t.ok(
      shown.every((page) => page.every((has) => has === page[0])),
      'all records of a page have the same keys',
    )
    t.same(new Set(shown.map(([has]) => has)), new Set([true, false]), 'other pages have other keys')
    const attached = pages.flatMap(({ data }) => data!).filter((record) => 'attachment' in variablesOf(record))
    t.equal(attached.length, 50, 'on one page only')
    const values = pages.flatMap(({ data }) => data!.map((record) => variablesOf(record)['customerProfile']))
    t.ok(values.includes(''), 'empty in the other records of the page')
    if (objectVariables === 'placeholder') {
      t.same(new Set(values), new Set([undefined, '', '<<OBJECT_VARIABLE_VALUE>>']))
    } else {
      t.ok(values.includes(null))
      const profiles = values.filter((value) => Array.isArray(value)) as string[][]
      t.match(JSON.parse(profiles[0]![0]!), { id: Number, address: { country: String } })
    }
  }
})

t.test(
  'dates are in the zone that the client names, or in that of the server, and their offset has no colon and is not Z',
  async (t) => {
    const optimize = await start(t, { records: 400, flowNodes: 2 })
    const datesOf = async (zone?: string) =>
      (await page(optimize, {}, zone === undefined ? {} : { 'x-optimize-client-timezone': zone })).data!.map(
        ({ startDate }) => startDate as string,
      )
    const berlin = await datesOf()
    const offsets = (dates: string[]) => [...new Set(dates.map((date) => date.slice(-5)))].toSorted()
    t.ok(berlin.every((date) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(date)))
    t.same(offsets(berlin), ['+0100', '+0200'], 'summer and winter')
    t.same(await datesOf('Nowhere/Land'), berlin)
    t.same(await datesOf(''), berlin)
    for (const [zone, offset] of [
      ['UTC', '+0000'],
      ['Z', '+0000'],
      ['Etc/UTC', '+0000'],
      ['+05:30', '+0530'],
      ['-0330', '-0330'],
      ['GMT+02:00', '+0200'],
      ['Asia/Kathmandu', '+0545'],
    ] as const) {
      const dates = await datesOf(zone)
      t.same(offsets(dates), [offset])
      t.same(
        dates.map((date) => Date.parse(date)),
        berlin.map((date) => Date.parse(date)),
        `the same instants in ${zone}`,
      )
    }
    t.same(offsets(await datesOf('Europe/London')), ['+0000', '+0100'], 'winter and summer')
    t.same(await datesOf('+19:00'), berlin, 'no zone has such an offset')
  },
)

t.test('the server may have another zone, and Date variables are not shifted', async (t) => {
  const fixed = await recordsOf(t, { records: 20, serverTimezone: '-0800' })
  const utc = await recordsOf(t, { records: 20, serverTimezone: '-0800' }, { 'x-optimize-client-timezone': 'UTC' })
  t.ok(fixed.every(({ startDate }) => (startDate as string).endsWith('-0800')))
  t.ok(utc.every(({ startDate }) => (startDate as string).endsWith('+0000')))
  t.same(utc.map(variablesOf), fixed.map(variablesOf))
})

t.test('decision records have clauses by id, values as text, and as many outputs as rules hit', async (t) => {
  const optimize = await start(t, { report: 'decision', records: 300, variables: 4 })
  const { data } = await page(optimize)
  t.same(idsIn({ ...(await page(optimize)) }), optimize.ids())
  for (const record of data!) {
    t.same(Object.keys(record), [
      'decisionDefinitionKey',
      'decisionDefinitionId',
      'decisionInstanceId',
      'processInstanceId',
      'evaluationDateTime',
      'engineName',
      'tenantId',
      'inputVariables',
      'outputVariables',
    ])
  }
  const inputs = data!.map(({ inputVariables }) => inputVariables as Record<string, ExportRecord>)
  t.match(inputs[0]!['amount'], { id: 'amount', name: 'Input amount', type: 'Double' })
  t.same(
    new Set(inputs.map((clauses) => Object.keys(clauses).toSorted().join())),
    new Set(['amount,approved,comment,country']),
  )
  t.ok(new Set(inputs.map((clauses) => Object.keys(clauses).join())).size > 1, 'in no stable order')
  const values = inputs.flatMap((clauses) => Object.values(clauses).map(({ value }) => value))
  t.ok(values.every((value) => value === null || typeof value === 'string'))
  t.ok(values.includes(null) && values.includes(''))
  const outputs = data!.map(({ outputVariables }) => outputVariables as Record<string, { values: unknown[] }>)
  t.same(new Set(outputs.map((clauses) => clauses['OutputClause_1']!.values.length)), new Set([0, 1, 2, 3]))
  t.ok(outputs.some((clauses) => clauses['OutputClause_1']!.values.includes(null)))
})

t.test("a decision's late inputs have no clause before their first record", async (t) => {
  const records = await recordsOf(t, { report: 'decision', records: 4, lateVariables: { at: 2, names: ['late'] } })
  t.same(
    records.map(({ inputVariables }) => 'late' in (inputVariables as object)),
    [false, false, true, true],
  )
})

t.test('given records are sent as they are, text verbatim', async (t) => {
  const data = [
    '{"processInstanceId":"1","big":9007199254740993}',
    Buffer.from('{"n":1.0}'),
    { decisionInstanceId: 'd' },
    null,
    undefined,
  ]
  const optimize = await start(t, { data })
  const text = (await askPage(optimize)).body.toString()
  t.ok(
    text.endsWith(
      `"data":[{"processInstanceId":"1","big":9007199254740993},{"n":1.0},{"decisionInstanceId":"d"},null,null]}`,
    ),
  )
  t.same(optimize.ids(), ['1', '1', 'd', '3', '4'])
  optimize.insert(1)
  t.match(optimize.record(0), { processInstanceId: optimize.ids()[0] }, 'an inserted record is generated')
  t.same(optimize.record(2), { n: 1 })
  t.equal((await start(t, { data, records: 2 })).ids().length, 2)
  t.equal((await start(t, { data, records: 20 })).ids().length, 5)
})

t.test('given records may be computed, and an error of the function is a 500', async (t) => {
  const optimize = await start(t, {
    records: 3,
    data: (index) => {
      if (index === 2) throw new Error('no third')
      return { processInstanceId: `p${index}` }
    },
  })
  const first = await page(optimize, { limit: 2 })
  t.same(idsIn(first), ['p0', 'p1'])
  const second = await askPage(optimize, { searchRequestId: first.searchRequestId })
  t.equal(second.status, 500)
  t.match(refusal(second).detailedMessage, /no third/)
})

t.test('record() is what a page has, with dates in UTC', async (t) => {
  const optimize = await start(t, { records: 20, era: '8.8', objectVariables: 'json' })
  optimize.insert(1)
  const { data } = await page(optimize, { limit: 21 }, { 'x-optimize-client-timezone': 'UTC' })
  const { variables, ...rest } = data![0]!
  t.match(optimize.record(0), rest)
  t.same(optimize.record(1), data![1])
  t.match(variables, optimize.record(0)['variables'])
})

t.test('cached pages are the same as rendered ones, in each zone', async (t) => {
  const kept = await start(t, { records: 30, cachePages: true })
  const rendered = await start(t, { records: 30 })
  for (const zone of ['UTC', 'UTC', 'Asia/Tokyo', 'UTC']) {
    const headers = { 'x-optimize-client-timezone': zone }
    const data = async (optimize: typeof kept) =>
      (await pagesOf(optimize, { limit: 12 }, headers)).map((page) => page.data)
    t.same(await data(kept), await data(rendered))
  }
  kept.insert(1)
  t.same((await pagesOf(kept, { limit: 12 })).flatMap(idsIn), kept.ids())
})
