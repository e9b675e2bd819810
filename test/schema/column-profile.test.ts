import t from 'tap'
import { Readable } from 'node:stream'
import { profileColumns } from '../../lib/schema/column-profile.js'
import type { Row } from '../../lib/shared/types.js'

const records: Row[] = [
  {
    processInstanceId: '1',
    startDate: '2026-01-01T00:00:00.000+0200',
    duration: 10,
    variables: { amount: '12', open: '' },
    flowNodeDurations: { a: { name: 'Approve', value: 5 }, b: { value: 6 } },
    counts: { incidents: 0, other: 1 },
  },
  { processInstanceId: '2', startDate: null, duration: 9, variables: { amount: '', open: 'true', late: '007' } },
  {
    processInstanceId: '3',
    startDate: '2025-12-31T23:00:00.000+0000',
    variables: { amount: '-1.5' },
    flowNodeInstances: [{ id: 'a' }],
  },
  { processInstanceId: '4', startDate: null, variables: { open: '<<OBJECT_VARIABLE_VALUE>>' } },
]

const byName = (rows: readonly Row[]) => new Map(profileColumns(rows).map((column) => [column.name, column]))

t.test(
  'a profile has the type that fits the cells, the share of cells with a value, and values of the column',
  async (t) => {
    const columns = byName(records)
    const facts = (name: string) => {
      const { type, filledShare, placeholders, example, values, min, max } = columns.get(name)!
      return [type, filledShare, placeholders, example, values, min, max]
    }
    t.strictSame(facts('processInstanceId'), ['string', 1, 0, '1', ['1', '2', '3', '4'], '1', '4'])
    const [first, second] = ['2026-01-01T00:00:00.000+0200', '2025-12-31T23:00:00.000+0000']
    // the first is the earlier time, although its text is the larger one
    t.strictSame(facts('startDate'), ['timestamp', 2 / 4, 0, first, [first, second], first, second])
    t.strictSame(facts('duration'), ['int64', 2 / 4, 0, '10', ['10', '9'], '9', '10'])
    t.strictSame(facts('variable:amount'), ['double', 2 / 4, 0, '12', ['12', '-1.5'], '-1.5', '12'])
    t.strictSame(facts('variable:open'), [
      'string',
      2 / 4,
      1,
      'true',
      ['true', '<<OBJECT_VARIABLE_VALUE>>'],
      '<<OBJECT_VARIABLE_VALUE>>',
      'true',
    ])
    t.strictSame(facts('flowNodeInstances'), ['json', 1 / 4, 0, '[{"id":"a"}]', ['[{"id":"a"}]'], undefined, undefined])
    t.strictSame(await profileColumns(Readable.from(records) as AsyncIterable<Row>), [...columns.values()])
  },
)

t.test('documented columns have a meaning', async (t) => {
  const columns = byName([
    ...records,
    { inputVariables: { i: { name: 'Amount', value: 1 } }, outputVariables: { o: { values: [1] } }, constructor: 'x' },
  ])
  const meaning = (name: string) => columns.get(name)!.meaning
  t.match(meaning('duration'), /^duration of the process instance in milliseconds/)
  t.match(meaning('dur:a'), /^duration of the flow node "Approve" in milliseconds/)
  t.match(meaning('dur:b'), /^duration of the flow node "b" in milliseconds/)
  t.equal(meaning('count:incidents'), 'incidents of the process instance')
  t.equal(meaning('count:other'), 'count of other')
  t.match(meaning('variable:amount'), /^process variable/)
  t.equal(meaning('input:i'), 'input "Amount" of the decision')
  t.equal(meaning('output:o'), 'output "o" of the decision')
  t.equal(meaning('constructor'), undefined)
  t.match(byName([{ 'dur:x': 5 }]).get('dur:x')!.meaning, /^duration of the flow node "x"/, 'in a flat row')
})

t.test('values are not listed if there are more than 20, or if one has more than 60 characters', async (t) => {
  const rows = Array.from({ length: 21 }, (_, at) => ({ many: `v${at}`, long: 'x'.repeat(61), exact: `v${at % 20}` }))
  const columns = byName(rows)
  t.equal(columns.get('many')!.values, undefined)
  t.equal(columns.get('exact')!.values!.length, 20)
  t.match(columns.get('long'), { values: undefined, example: `${'x'.repeat(59)}…`, max: `${'x'.repeat(59)}…` })
})

t.test('a profile warns of mixed types, alike names, objects and placeholders', async (t) => {
  const rows = [
    ...Array.from({ length: 6 }, () => ({
      variables: { mixed: '1', note: 'text', both: '2', day: '2026-01-01T00:00:00.000+0000' },
    })),
    {
      variables: {
        mixed: 'x',
        note: '1',
        both: '2.0',
        day: 'soon',
        Mixed: 'y',
        object: ['{"a":1}'],
        gone: '<<OBJECT_VARIABLE_VALUE>>',
      },
    },
    { variables: { both: '2.5', flag: 'true', day: '' } },
  ]
  const columns = byName(rows)
  const warnings = (name: string) => columns.get(`variable:${name}`)!.warnings
  t.strictSame(warnings('mixed'), [
    'differs from "variable:Mixed" only in case, blanks or Unicode form: many readers treat them as one column',
    'values of several types, so it is text: whole numbers (6), other texts (1)',
  ])
  t.match(warnings('Mixed'), [/^differs from "variable:mixed"/])
  t.strictSame(warnings('both'), [
    'values of several types, so it is text: whole numbers (6), whole numbers such as 2.0 (1), numbers with a fraction (1)',
  ])
  t.match(warnings('day'), [/dates \(6\), other texts \(1\)$/])
  t.strictSame(warnings('note'), [], 'few numbers among texts are not a problem')
  t.strictSame(warnings('flag'), [])
  t.match(warnings('object'), [/^objects in 1 of 1 values/])
  t.match(warnings('gone'), [/^<<OBJECT_VARIABLE_VALUE>> in 1 of 1 values: this version of Optimize/])
})

t.test('the rows of a hyper-map report are its pairs', async (t) => {
  const value = [
    { key: 'a', value: 1, label: 'A' },
    { key: 'b', value: null, label: 'B' },
  ]
  t.strictSame(
    profileColumns([{ key: 'x', value, label: 'X' }]).map(({ name, type, filledShare, min }) => [
      name,
      type,
      filledShare,
      min,
    ]),
    [
      ['key', 'string', 1, 'x'],
      ['label', 'string', 1, 'X'],
      ['distributedKey', 'string', 1, 'a'],
      ['distributedLabel', 'string', 1, 'A'],
      ['value', 'double', 1 / 2, '1'],
    ],
  )
})

t.test('without records there are no profiles', async (t) => t.strictSame(profileColumns([]), []))

t.test('what is not an iterable of objects is an OptionError at the call', async (t) => {
  const cases: [unknown, string][] = [
    ['x', '"x"'],
    [undefined, 'nothing'],
    [null, 'null'],
    [5, '5'],
    [{}, 'an object'],
    [Promise.resolve([]), 'a Promise'],
  ]
  for (const [records, got] of cases)
    t.throws(() => profileColumns(records as never), {
      name: 'OptionError',
      message: `profileColumns: records: expected a stream or another iterable of records, got ${got}`,
    })
  const error = { code: 'ERR_ENCODE', message: 'profileColumns: expected a record (an object), got a number' }
  t.throws(() => profileColumns([5] as never), error)
  await t.rejects(profileColumns(Readable.from([5])), error)
})
