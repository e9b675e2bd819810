// Rows that are made from the bytes of a page, or from objects where the bytes are not enough.
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { flowNodeEvents, toCsv, toNdjson, toParquet, type Encoder, type ParquetOptions } from '../../lib/index.js'
import { ArrayScanner } from '../../lib/fastpath/scan/array-scanner.js'
import { PageInFlight } from '../../lib/pages/page-hand-over.js'
import { recordMapping } from '../../lib/spans/key-mapping.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { RowMaker } from '../../lib/fastpath/rows/row-maker.js'
import { createPlainEventRows, resolveEventsPlan } from '../../lib/schema/rows/flow-node-events.js'
import { expandRecord, pairRowMakerOptions } from '../../lib/schema/rows/group-rows.js'
import type { Row } from '../../lib/shared/types.js'
import { Collector } from '../support/encode/collector.js'
import { assertSameBothWays, type EncodedFile } from '../support/encode/encode-both-ways.js'
import { skipWithoutFastPath, withFastPathOff } from '../support/encode/fast-path.js'
import { renderPage } from '../support/random/hostile-pages.js'

/** Replaces the metadata that an encoder gets only if it is piped directly from an export. */
const metadata = { 'optimize-export.reportId': '', 'optimize-export.total': '', 'optimize-export.startedAt': '' }

const parquet = (options: ParquetOptions = {}) => toParquet({ metadata, ...options })

/** Checks that an encoder writes the same bytes from whole pages and from records. Returns them as text. */
async function checkBothWays(
  t: Test,
  records: readonly string[],
  createEncoder: () => Encoder,
  createSteps?: () => readonly NodeJS.ReadWriteStream[],
) {
  const encoded = await assertSameBothWays([renderPage(records, records.length, '')], createEncoder, createSteps)
  t.type(encoded, 'object')
  return (encoded as EncodedFile).bytes.toString()
}

const join = (count: number, createText: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => createText(at)).join()

const createGroup = (pairs: string) => `{"key":"g","value":[${pairs}],"label":null}`

function scan(t: Test, records: readonly string[]): RecordSpans {
  const spans = new RecordSpans(Buffer.from(`[${records.join()}]`))
  t.ok(new ArrayScanner(recordMapping).scan(0, spans) > 0)
  return spans
}

const createRowMaker = () => new RowMaker(pairRowMakerOptions)

const lists = {
  'few elements': join(3, (at) => `{"key":"k${at}","value":${at}}`),
  'lists in elements': join(3, (at) => `{"key":"k${at}","value":${at},"x":[{"a":${at}},{"b":1}]}`),
  'many layouts': join(80, (at) => `{"key":"k${at}","value":${at},"x${at}":1}`),
  'many layouts in elements': join(80, (at) => `{"key":"k${at}","value":${at},"x":[{"a${at}":1}]}`),
  'many elements': join(40_000, (at) => `{"key":"k${at}","value":${at}}`),
  'elements that are longer than the window': join(2, (at) => `{"key":"${'k'.repeat(200_000)}","value":${at}}`),
  'lists that together are longer than the window': join(200, (at) => `{"key":"${'k'.repeat(1000)}","value":${at}}`),
  'an element that is not an object': '{"key":"a","value":1},2',
  'an element with one key twice': '{"key":"a","value":1},{"key":"a","value":1,"value":2}',
}

for (const [title, pairs] of Object.entries(lists))
  t.test(`groups with ${title}`, async (t) => {
    const groups = [createGroup(pairs), createGroup(''), createGroup(pairs)]
    for (const createEncoder of [() => toCsv(), () => toNdjson({ omit: ['label'] }), () => parquet()])
      await checkBothWays(t, groups, createEncoder)
  })

t.test('groups with a nested field', async (t) => {
  for (const list of ['[]', '[{"key":"a","value":1}]']) {
    const record = `{"key":"g","value":${list},"label":null,"variables":{"a":1}}`
    for (const createEncoder of [() => toCsv(), () => parquet()]) await checkBothWays(t, [record], createEncoder)
  }
})

t.test('pages of a map report have no groups', async (t) => {
  const records = ['1', '"a"', 'null'].map((value) => `{"key":"k","value":${value},"label":null}`)
  for (const createEncoder of [() => toCsv(), () => parquet()]) await checkBothWays(t, records, createEncoder)
})

t.test('with the fast path off, no row is made from bytes', { skip: skipWithoutFastPath }, async (t) => {
  const spans = scan(t, [createGroup(lists['few elements'])])
  await withFastPathOff(() => t.equal(createRowMaker().makeRows(spans), undefined))
})

t.test('events with a variable or an output are made from bytes', { skip: skipWithoutFastPath }, async (t) => {
  const events = '"flowNodeInstances":[{"flowNodeInstanceId":"f"}]'
  const records = [
    instance(1, `"variables":{"a":"1"},${events}`),
    `{"decisionInstanceId":"2","outputVariables":{"o":{"id":"o","values":["x"]}},${events}}`,
  ]
  for (const [at, field] of ['variable:a', 'output:o'].entries()) {
    const { fields } = resolveEventsPlan('test', { fields: [field] })
    const createRows = (record: Row) => createPlainEventRows(record, fields)
    const rows = new RowMaker({ field: 'flowNodeInstances', createRows }).makeRows(scan(t, [records[at]!]))
    t.match(rows?.getRecord(0), { [field]: at === 0 ? '1' : 'x' })
  }
})

t.test('rows with a number that no record has are made from objects', { skip: skipWithoutFastPath }, async (t) => {
  const createRows = (record: Row) => expandRecord(record).map((row) => ({ ...row, rank: 1 }))
  const spans = scan(t, [createGroup(lists['few elements'])])
  t.equal(new RowMaker({ field: 'value', createRows }).makeRows(spans), undefined)
})

t.test(
  'made rows are written as objects if the kernel for lines of JSON is unavailable',
  { skip: skipWithoutFastPath },
  async (t) => {
    const rows = createRowMaker().makeRows(scan(t, [createGroup('{"key":"a","value":1.50}')]))!
    const encoder = toNdjson()
    const sink = new Collector()
    encoder.end(new PageInFlight(rows, () => undefined))
    await withFastPathOff(() => pipeline(encoder, sink))
    t.equal(
      sink.bytes.toString(),
      '{"key":"g","label":null,"distributedKey":"a","distributedLabel":null,"value":1.50}\n',
    )
  },
)

t.test('lines of JSON from several blocks of records', async (t) => {
  const records = Array.from({ length: 4000 }, (_, at) => `{"processInstanceId":"${at}","text":"${'x'.repeat(300)}"}`)
  const lines = await checkBothWays(t, records, () => toNdjson({ pick: ['processInstanceId', 'text'] }))
  t.equal(lines, `${records.join('\n')}\n`)
})

const instance = (id: number, rest: string) => `{"processInstanceId":"${id}",${rest}}`

t.test('maps that are empty, or differ in their keys', async (t) => {
  const records = ['{}', '{}', '{"a":"1"}', '{"a":"1","b":null}', '{"b":1.50}', '{}'].map((variables, at) =>
    instance(at, `"variables":${variables}`),
  )
  await checkBothWays(t, records, () => parquet({ variables: 'map' }))
})

t.test('nulls and objects in late columns', async (t) => {
  const records = [
    instance(1, '"variables":{"a":"1"}'),
    instance(2, '"variables":{"a":"1","b":null}'),
    instance(3, '"variables":{"a":"1","b":null,"c":"\\u0041"}'),
    instance(4, '"variables":{"a":"1","b":1.50,"c":{"d":[1]}}'),
    instance(5, '"variables":{"a":"1"},"other":{"x":null,"y":{"z":null}}'),
  ]
  for (const createEncoder of [
    () => toCsv({ sampleSize: 1, lateColumns: 'overflow' }),
    () => parquet({ sampleSize: 1, lateColumns: 'overflow' }),
  ])
    await checkBothWays(t, records, createEncoder)
})

t.test('a nested field as one column', async (t) => {
  const records = ['null', '1.50', '"\\u0041"', '"a"', '{"b":1}'].map((value, at) =>
    instance(at, `"flowNodeDurations":{"start":{"name":"Start","value":${value}},"end":{"name":"End","value":${at}}}`),
  )
  for (const createEncoder of [
    () => toCsv({ columns: ['flowNodeDurations', 'processInstanceId'] }),
    () => toCsv({ columns: ['flowNodeDurations', 'dur:start'], formulaGuard: true }),
    () => parquet({ columns: ['flowNodeDurations'], sampleSize: 1 }),
  ])
    await checkBothWays(t, [instance(9, '"flowNodeDurations":{}'), ...records], createEncoder)
})

t.test('lists whose elements have many keys decide the type of their column', async (t) => {
  const element = (value: string) => `{${join(8, (at) => `"k${at}":${at === 7 ? value : at}`)}}`
  const records = ['1', 'null', '"a"', 'true'].map((value, at) =>
    instance(at, `"list":[${element('1')},${element(value)}]`),
  )
  await checkBothWays(t, records, () => parquet({ columns: 'all' }))
})

t.test('an output with one value of any kind, several values or none', async (t) => {
  const values = [
    '[]',
    '[ ]',
    '[null]',
    '[true]',
    '[false]',
    '[1]',
    '[1.50]',
    '[-0]',
    '["a"]',
    '["\\u0041\\n"]',
    '["a","b"]',
  ]
  const nested = ['[{"a":1}]', '[[1]]', '[[]]', '[{"a": 1.0}]', '[ "a" ]']
  const records = [...values, ...nested].map(
    (list, at) => `{"decisionInstanceId":"${at}","outputVariables":{"o":{"id":"o","values":${list}}}}`,
  )
  for (const createEncoder of [
    () => toCsv(),
    () => toCsv({ preset: 'optimize' }),
    () => parquet(),
    () => parquet({ columns: 'all' }),
    () => toNdjson({ pick: ['output:o'] }),
  ])
    await checkBothWays(t, records, createEncoder)
})

t.test(
  'an event log of instances without a list of flow nodes, with an empty list, and with values that are not list',
  async (t) => {
    const event = '{"flowNodeInstanceId":"f","flowNodeId":"n","startDate":null,"endDate":null,"durationInMs":1.50}'
    const events = ['[]', 'null', `[${event}]`, `[${event},${event}]`, '[1]', '{}', '"x"']
    for (const lists of [[], ['[]'], events.slice(0, 4), events])
      for (const fields of [undefined, ['variables'], ['variable:a']]) {
        const records = lists.map((list, at) => instance(at, `"variables":{"a":"1"},"flowNodeInstances":${list}`))
        const createSteps = () => [flowNodeEvents({ fields })]
        for (const createEncoder of [() => toCsv(), () => toNdjson(), () => parquet({ columns: 'all' })])
          await checkBothWays(t, [...records, instance(9, '"variables":{"a":"1"}')], createEncoder, createSteps)
      }
  },
)
