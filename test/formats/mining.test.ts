import t from 'tap'
import { parseJson } from '../../lib/shared/json/json.js'
import { flowNodeEventRows, flowNodeEvents, toCsv, toParquet } from '../../lib/index.js'
import { toArrow } from '../../lib/formats/arrow/index.js'
import { toXlsx } from '../../lib/formats/xlsx/index.js'
import { toOcel, toXes, type EventLogOptions, type XesOptions } from '../../lib/formats/mining/index.js'
import type { Encoder } from '../../lib/index.js'
import { assertSameBothWays } from '../support/encode/encode-both-ways.js'
import { catchError, catchRejection } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'
import { readArrowStream } from '../support/readers/read-arrow.js'
import { readWithHyparquet } from '../support/readers/read-parquet.js'

const at = (second: number) => `2024-05-31T04:00:${String(second).padStart(2, '0')}.000+0200`
const record = {
  processInstanceId: 'p1',
  processDefinitionKey: 'order',
  startDate: at(0),
  businessKey: 'a"<&>\u0001\n',
  variables: { amount: '12', when: at(9) },
  count: 3,
  share: 1.5,
  isOpen: true,
  flowNodeInstances: [
    { id: 'f3', name: null, startDate: at(4), endDate: null },
    { id: 'f2', name: 'B', startDate: at(2), endDate: at(4) },
    { id: 'f1', name: 'A', startDate: at(1), endDate: at(2) },
    { id: null, name: 'C', startDate: null, endDate: null },
  ],
}
const running = {
  processInstanceId: 'p2',
  flowNodeInstances: [{ id: 'g1', name: 'A', startDate: at(1), endDate: null }],
}
const empty = { processInstanceId: 'p3' }

const values = (rows: object[]): unknown[][] => rows.map((row) => Object.values(row) as unknown[])

t.test('names of XES, one event per flow-node instance', async (t) => {
  const rows = flowNodeEventRows(record, { naming: 'xes', fields: ['businessKey', 'variable:none'] })
  t.strictSame(Object.keys(rows[0]!), [
    ...['case:concept:name', 'concept:name', 'time:timestamp', 'start_timestamp', 'lifecycle:transition'],
    ...['concept:instance', 'sorting', 'case:businessKey', 'case:variable:none'],
  ])
  t.strictSame(
    values(rows).map((row) => row.slice(0, 7)),
    [
      ['p1', 'A', at(2), at(1), 'complete', 'f1', 1],
      ['p1', 'unnamed', at(4), at(4), 'start', 'f3', 2],
      ['p1', 'B', at(4), at(2), 'complete', 'f2', 3],
      ['p1', 'C', null, null, 'start', null, 4],
    ],
  )
  t.strictSame(values(rows)[0]!.slice(7), [record.businessKey, null])
  t.strictSame(flowNodeEventRows(empty, { naming: 'xes' }), [])
})

t.test('pairs share their id, and the start of an event comes before its end', async (t) => {
  const rows = flowNodeEventRows(record, { naming: 'xes', lifecycle: 'pairs', activityFallback: '?' })
  t.strictSame(
    values(rows),
    [
      ['p1', 'A', at(1), 'start', 'f1', 1],
      ['p1', '?', at(4), 'start', 'f3', 4],
      ['p1', 'B', at(2), 'start', 'f2', 2],
      ['p1', 'B', at(4), 'complete', 'f2', 5],
      ['p1', 'A', at(2), 'complete', 'f1', 3],
      ['p1', 'C', null, 'start', null, 6],
    ].sort((a, b) => Number(a[5]) - Number(b[5])),
  )
})

t.test('names of Celonis', async (t) => {
  const [first] = flowNodeEventRows(record, { naming: 'celonis', fields: ['businessKey'] })
  t.strictSame(first, {
    ...{
      _CASE_KEY: 'p1',
      ACTIVITY_EN: 'A',
      EVENTTIME: at(1),
      ENDTIME: at(2),
      LIFECYCLE: 'complete',
      EVENT_ID: 'f1',
      _SORTING: 1,
    },
    businessKey: record.businessKey,
  })
  const pairs = flowNodeEventRows(record, { naming: 'celonis', lifecycle: 'pairs' })
  t.strictSame(Object.keys(pairs[0]!), ['_CASE_KEY', 'ACTIVITY_EN', 'EVENTTIME', 'LIFECYCLE', 'EVENT_ID', '_SORTING'])
})

const toPage = (records: object[]) =>
  `{"data":${JSON.stringify(records)},"searchRequestId":"x","numberOfRecordsInResponse":${records.length},"totalNumberOfRecords":${records.length},"reportId":"r","message":null}`

t.test('a warning reads well for one instance and for several', async (t) => {
  const untimed = { id: 'x', name: 'X', startDate: null, endDate: null }
  const getMessages = async (encoder: Encoder, count: number) => {
    const messages: string[] = []
    encoder.on('warning', ({ message }) => messages.push(message))
    await encodeRecords([{ processInstanceId: 'p', flowNodeInstances: Array(count).fill(untimed) }], encoder)
    return messages
  }
  const problem = 'with neither a start nor an end:'
  t.strictSame(await getMessages(toXes(), 1), [`toXes: 1 flow-node instance ${problem} the time is missing`])
  t.strictSame(await getMessages(toXes(), 2), [`toXes: 2 flow-node instances ${problem} the time is missing`])
  const leftOut = 'left out, because the format requires a time'
  t.strictSame(await getMessages(toOcel(), 1), [`toOcel: 1 flow-node instance ${problem} ${leftOut}`])
  t.strictSame(await getMessages(toOcel(), 2), [`toOcel: 2 flow-node instances ${problem} ${leftOut}`])
})

t.test('the stream warns about missing names and times, and a log without events has its columns', async (t) => {
  const encode = (records: object[], options: object) =>
    assertSameBothWays(
      [toPage(records)],
      () => toCsv(),
      () => [flowNodeEvents(options)],
    )
  const file = await encode([record, running], { naming: 'xes' })
  t.strictSame((file as { warnings: readonly string[] }).warnings, [
    'flowNodeEvents: 1 flow-node instance without a name: the activity is "unnamed"',
    'flowNodeEvents: 2 flow-node instances without an end: the time is the start',
    'flowNodeEvents: 1 flow-node instance with neither a start nor an end: the time is missing',
  ])
  t.strictSame(
    ((await encode([record], { naming: 'celonis', lifecycle: 'pairs' })) as { warnings: readonly string[] }).warnings
      .length,
    2,
  )
  const header = (await encodeRecords([], toCsv())).toString()
  t.match(header, /^processDefinitionKey/)
  const nothing = await encode([empty], { naming: 'xes', fields: ['x'] })
  t.match((nothing as { bytes: Buffer }).bytes.toString(), /^case:concept:name,.*,sorting,case:x\n$/)
})

t.test('options', async (t) => {
  t.match(
    catchError(() => flowNodeEvents({ lifecycle: 'pairs' })),
    { code: 'ERR_OPTION', option: 'lifecycle' },
  )
  t.match(
    catchError(() => flowNodeEvents({ activityFallback: 'x' })),
    { message: /needs naming: 'xes' or 'celonis'$/ },
  )
  t.match(
    catchError(() => flowNodeEvents({ naming: 'celonis', fields: ['_SORTING'] })),
    { option: 'fields' },
  )
  t.match(
    catchError(() => toXes({ lifecycle: 'both' as never })),
    { option: 'lifecycle' },
  )
  t.match(
    catchError(() => toOcel({ lifecycle: 'pairs' } as never)),
    { option: 'lifecycle' },
  )
})

async function encode(records: object[], encoder: Encoder) {
  const warnings: string[] = []
  encoder.on('warning', ({ code }) => warnings.push(code))
  return { text: (await encodeRecords(records, encoder)).toString(), warnings, stats: encoder.stats }
}

t.test('XES', async (t) => {
  const fields = ['businessKey', 'count', 'share', 'isOpen', 'variable:amount', 'variable:when', 'no']
  const { text, warnings, stats } = await encode(
    [record, empty],
    toXes({ fields, lifecycle: 'single' } satisfies XesOptions),
  )
  const traces = text.split('\n').filter((line) => line.startsWith('<trace>'))
  t.equal(
    traces[0]!.slice(0, traces[0]!.indexOf('<event>')),
    '<trace><string key="concept:name" value="p1"/><string key="businessKey" value="a&quot;&lt;&amp;&gt;\ufffd&#10;"/>' +
      '<int key="count" value="3"/><float key="share" value="1.5"/><boolean key="isOpen" value="true"/>' +
      '<string key="variable:amount" value="12"/><date key="variable:when" value="2024-05-31T04:00:09.000+02:00"/>',
  )
  t.match(
    traces[0],
    '<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2024-05-31T04:00:02.000+02:00"/><date key="start_timestamp" value="2024-05-31T04:00:01.000+02:00"/><string key="lifecycle:transition" value="complete"/><string key="concept:instance" value="f1"/></event>',
  )
  t.match(
    traces[0],
    '<event><string key="concept:name" value="C"/><string key="lifecycle:transition" value="start"/></event></trace>',
  )
  t.equal(traces[1], '<trace><string key="concept:name" value="p3"/></trace>')
  t.match(text, /<\/trace>\n<\/log>\n$/)
  t.strictSame(warnings, [
    'WARN_UNMATCHED_NAME',
    'WARN_UNNAMED_ACTIVITY',
    'WARN_RUNNING_ACTIVITY',
    'WARN_UNTIMED_ACTIVITY',
  ])
  t.equal(stats.rows, 2)
  const pairs = await encode([record], toXes())
  t.equal(pairs.text.split('<event>').length - 1, 6)
  t.notMatch(pairs.text, 'start_timestamp', 'the start is an event')
  t.strictSame(pairs.warnings, ['WARN_UNNAMED_ACTIVITY', 'WARN_UNTIMED_ACTIVITY'])
  t.match(await catchRejection(encode([record], toXes({ fields: ['no'], strict: true }))), {
    code: 'ERR_UNMATCHED_NAME',
  })
  t.match(await catchRejection(encode([{ key: 'a', value: 1 }], toXes())), {
    code: 'ERR_ENCODE',
    message: /record 1: expected a process instance with an id, got none/,
  })
  for (const encoder of [toXes(), toOcel()])
    t.match(await catchRejection(encode([{ decisionInstanceId: 'd', processInstanceId: 'p' }], encoder)), {
      code: 'ERR_ENCODE',
      message: /record 1: expected a process instance with an id, got a decision instance/,
    })
})

t.test('event logs of many records are complete', async (t) => {
  const records = Array.from({ length: 2000 }, (_, n) => ({ ...record, processInstanceId: `p${n}` }))
  const { text } = await encode(records, toXes())
  t.strictSame(
    [...text.matchAll(/<trace><string key="concept:name" value="(p\d+)"/g)].map(([, id]) => id),
    records.map(({ processInstanceId }) => processInstanceId),
  )
  const log = JSON.parse((await encode(records, toOcel())).text) as { events: unknown[]; objects: unknown[] }
  t.strictSame([log.objects.length, log.events.length], [2000, 6000])
})

t.test('OCEL 2.0', async (t) => {
  const { text } = await encode([record, empty], toOcel({ fields: ['businessKey', 'count'] } satisfies EventLogOptions))
  const log = JSON.parse(text) as Record<string, object[]>
  t.strictSame(
    log['objectTypes']!.map((type) => (type as { name: string }).name),
    ['order', 'process instance'],
  )
  t.strictSame(
    log['eventTypes']!.map((type) => (type as { name: string }).name),
    ['A', 'unnamed', 'B'],
  )
  const time = '2024-05-31T04:00:00.000+02:00'
  t.strictSame(log['objects'], [
    {
      id: 'p1',
      type: 'order',
      attributes: [
        { name: 'businessKey', time, value: record.businessKey },
        { name: 'count', time, value: '3' },
      ],
    },
    { id: 'p3', type: 'process instance', attributes: [] },
  ])
  t.strictSame(log['events']![0], {
    id: 'p1:f1',
    type: 'A',
    time: '2024-05-31T04:00:02.000+02:00',
    attributes: [
      { name: 'start_timestamp', value: '2024-05-31T04:00:01.000+02:00' },
      { name: 'lifecycle', value: 'complete' },
      { name: 'concept:instance', value: 'f1' },
    ],
    relationships: [{ objectId: 'p1', qualifier: 'process instance' }],
  })
  t.equal(log['events']!.length, 3, 'an event needs a time')
  t.strictSame(JSON.parse((await encode([], toOcel())).text), {
    objects: [],
    events: [],
    objectTypes: [],
    eventTypes: [],
  })
})

const typed = {
  ...record,
  duration: 250,
  variables: {
    ...{ n: '12345678901234567890'.slice(0, 17), x: '1.50', d: '12.10', ok: 'true', when: at(9), day: '2026-05-31' },
    ...{ ms: 1000, list: '[1]', empty: '', text: 'a' },
  },
}
const types = {
  ...({
    'variable:n': 'int64',
    'variable:x': 'double',
    'variable:d': 'decimal(4,2)',
    'variable:ok': 'boolean',
  } as const),
  ...({ 'variable:when': 'timestamp', 'variable:day': 'date', 'variable:ms': 'timestamp' } as const),
  ...({ 'variable:list': 'json', 'variable:empty': 'double', 'variable:text': 'string' } as const),
}
const fields = ['duration', 'startDate', ...Object.keys(types), 'count']

t.test('types of variables in XES', async (t) => {
  const { text } = await encode([typed], toXes({ fields, types }))
  const trace = text.slice(text.indexOf('<trace>'), text.indexOf('<event>'))
  t.strictSame(
    [...trace.matchAll(/<(\w+) key="(?:variable:)?([^"]*)" value="([^"]*)"/g)].map((found) => found.slice(1)),
    [
      ['string', 'concept:name', 'p1'],
      ['int', 'duration', '250'],
      ['date', 'startDate', '2024-05-31T04:00:00.000+02:00'],
      ['int', 'n', '12345678901234567'],
      ['float', 'x', '1.50'],
      ['float', 'd', '12.10'],
      ['boolean', 'ok', 'true'],
      ['date', 'when', '2024-05-31T04:00:09.000+02:00'],
      ['date', 'day', '2026-05-31T00:00:00.000Z'],
      ['date', 'ms', '1970-01-01T00:00:01.000Z'],
      ['string', 'list', '[1]'],
      ['string', 'text', 'a'],
      ['int', 'count', '3'],
    ],
  )
  t.match(await catchRejection(encode([typed], toXes({ fields, types: { 'variable:text': 'int64' } }))), {
    code: 'ERR_CELL_TYPE',
    message: 'toXes: process instance "p1": column "variable:text": expected int64, got "a"',
  })
  for (const create of [toXes, toOcel])
    t.match(
      catchError(() => create({ types: { 'variable:x': 'double' } })),
      { option: 'types.variable:x', message: /expected a column that is also in fields/ },
    )
})

t.test('numbers of JSON keep their digits in XES and OCEL', async (t) => {
  const json =
    '{"processInstanceId":"p","a":1.50,"b":0.12345678901234567891,"c":12345678901234567890.25,"d":1e400,"e":1.0}'
  const instance = parseJson(Buffer.from(json)) as object
  const fields = ['a', 'b', 'c', 'd', 'e']
  const digits = ['1.50', '0.12345678901234567891', '12345678901234567890.25', '1e400', '1.0']
  const xes = (await encode([instance], toXes({ fields }))).text
  t.strictSame(
    [...xes.matchAll(/<(\w+) key="\w" value="([^"]*)"/g)].map(([, kind, text]) => [kind, text]),
    digits.map((text) => ['float', text]),
  )
  const ocel = (await encode([instance], toOcel({ fields }))).text
  t.strictSame(
    [...ocel.matchAll(/"value":"([^"]*)"/g)].map(([, text]) => text),
    digits,
  )
  const declared = await encode([instance], toXes({ fields: ['e'], types: { e: 'int64' } }))
  t.match(declared.text, '<int key="e" value="1"/>')
  const infinite = { processInstanceId: 'p', a: Infinity }
  t.match((await encode([infinite], toXes({ fields: ['a'] }))).text, '<string key="a" value="Infinity"/>')
  for (const create of [toXes, toOcel])
    t.match(await catchRejection(encode([infinite], create({ fields: ['a'], types: { a: 'double' } }))), {
      code: 'ERR_CELL_TYPE',
      message: /process instance "p": column "a": expected double, got Infinity/,
    })
})

t.test('an instance with an empty start has the time of one without a start', async (t) => {
  const timeOf = async (startDate: string | null) =>
    /"time":"([^"]*)"/.exec(
      (await encode([{ processInstanceId: 'p', startDate, a: 1 }], toOcel({ fields: ['a'] }))).text,
    )?.[1]
  t.equal(await timeOf(''), '1970-01-01T00:00:00.000+00:00')
  t.equal(await timeOf(null), '1970-01-01T00:00:00.000+00:00')
})

t.test('types of variables in OCEL', async (t) => {
  const odd = { ...typed, processInstanceId: 'p2', duration: 'long', variables: {} }
  const { text } = await encode([typed, odd], toOcel({ fields, types }))
  t.match(text, '"value":12345678901234567}', 'all digits')
  const { objects, objectTypes } = JSON.parse(text) as Record<
    'objects' | 'objectTypes',
    { attributes: { name: string; value: unknown; type: string }[] }[]
  >
  const byName = (of: 'value' | 'type', { attributes }: { attributes: { name: string }[] }) =>
    Object.fromEntries(attributes.map((each) => [each.name.replace('variable:', ''), (each as never)[of]]))
  const { n, ...values } = byName('value', objects[0]!)
  t.type(n, 'number')
  t.strictSame(values, {
    ...{ duration: 250, startDate: '2024-05-31T04:00:00.000+02:00', x: 1.5, d: 12.1, ok: true, text: 'a', count: '3' },
    ...{ when: '2024-05-31T04:00:09.000+02:00', day: '2026-05-31T00:00:00.000Z', ms: '1970-01-01T00:00:01.000Z' },
    list: '[1]',
  })
  t.strictSame(byName('type', objectTypes[0]!), {
    ...{ duration: 'integer', startDate: 'time', n: 'integer', x: 'float', d: 'float', ok: 'boolean', when: 'time' },
    ...{ day: 'time', ms: 'time', list: 'string', empty: 'float', text: 'string', count: 'string' },
  })
  t.equal(byName('value', objects[1]!)['duration'], 'long')
})

t.test('every event of OCEL has its own id', async (t) => {
  const instance = { id: 'f1', name: 'A', startDate: at(1), endDate: at(2) }
  const noId = { ...instance, id: null }
  const records = ['p1', 'p2'].map((processInstanceId) => ({
    processInstanceId,
    flowNodeInstances: [instance, instance, { ...instance, id: 'f1:2' }, noId, noId],
  }))
  const { events } = JSON.parse((await encode(records, toOcel())).text) as { events: { id: string }[] }
  t.strictSame(
    events.map(({ id }) => id),
    ['p1', 'p2'].flatMap((id) => [`${id}:f1`, `${id}:f1:2`, `${id}:f1:2:2`, `${id}:`, `${id}::2`]),
  )
})

t.test('an event without a start has the time of its end, also if its process instance has no id', async (t) => {
  const ended = {
    flowNodeInstances: [{ id: 'f1', name: 'A', startDate: null, endDate: at(2) }],
  }
  const [event] = flowNodeEventRows(ended, { naming: 'celonis' })
  t.match(event, { EVENTTIME: at(2), _CASE_KEY: null })
  t.strictSame(
    values(flowNodeEventRows(ended, { naming: 'xes', lifecycle: 'pairs' })),
    [[null, 'A', at(2), 'complete', 'f1', 1]],
    'there is no start without a time',
  )
  const { text } = await encode([{ ...ended, processInstanceId: 'p1' }], toOcel())
  t.match((JSON.parse(text) as { events: unknown[] }).events[0], {
    time: '2024-05-31T04:00:02.000+02:00',
    attributes: [{ name: 'lifecycle' }, { name: 'concept:instance' }],
  })
})

t.test('times and positions are typed in Parquet, Arrow and XLSX, and fields have their types', async (t) => {
  const last = { ...running, startDate: at(0), duration: 5, variables: { amount: '12' } }
  const options = { fields: ['startDate', 'duration', 'variable:amount'] }
  const listTypes = async (encoder: Encoder, naming: 'xes' | 'celonis') => {
    await encodeRecords(
      [last].flatMap((each) => flowNodeEventRows(each, { naming, ...options })),
      encoder,
    )
    return Object.fromEntries(encoder.stats.schema!.map(({ name, type }) => [name, type]))
  }
  const fields = { startDate: 'timestamp', duration: 'int64' }
  for (const create of [toParquet, toArrow, toXlsx]) {
    t.match(await listTypes(create(), 'celonis'), {
      ...{ _CASE_KEY: 'string', EVENTTIME: 'timestamp', ENDTIME: 'timestamp', _SORTING: 'int64', ...fields },
    })
    t.match(await listTypes(create({ inferTypes: false }), 'xes'), {
      ...{ 'time:timestamp': 'timestamp', start_timestamp: 'timestamp', sorting: 'int64' },
      ...{ 'case:startDate': 'timestamp', 'case:duration': 'int64', 'case:variable:amount': 'string' },
    })
    t.match(await listTypes(create({ inferTypes: true }), 'xes'), { 'case:variable:amount': 'int64' })
  }
  const rows = flowNodeEventRows(record, { naming: 'xes' })
  const parquet = await encodeRecords(rows, toParquet())
  const arrow = await encodeRecords(rows, toArrow())
  for (const table of [await readWithHyparquet(parquet), readArrowStream(arrow)])
    t.match(Object.fromEntries(table.names.map((name, index) => [name, table.rows[0]![index]])), {
      ...{ 'time:timestamp': new Date('2024-05-31T02:00:02Z'), start_timestamp: new Date('2024-05-31T02:00:01Z') },
      sorting: 1n,
    })
})
