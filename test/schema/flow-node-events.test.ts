import t from 'tap'
import { flowNodeEventRows } from '../../lib/schema/rows/flow-node-events.js'
import type { ExportRecord } from '../../lib/shared/types.js'
import { catchError } from '../support/catch-error.js'

const record: ExportRecord = {
  processInstanceId: '1809',
  businessKey: 'order-1',
  startDate: '2021-12-02T17:00:00.000+0200',
  counts: { incidents: 1 },
  variables: { amount: '12', ['__proto__']: 'odd' },
  flowNodeInstances: [
    { id: '1810', name: 'Start', startDate: '2021-12-02T17:21:49.330+0200', endDate: '2021-12-02T17:21:50.330+0200' },
    { id: '1811', name: 'Task', startDate: '2021-12-02T17:21:50.330+0200', endDate: null },
  ],
}

t.test('a record has one row per flow-node instance: case, activity, start and end', async (t) => {
  t.strictSame(
    flowNodeEventRows(record).map((row) => Object.entries(row)),
    [
      [
        ['processInstanceId', '1809'],
        ['flowNodeInstanceId', '1810'],
        ['flowNodeName', 'Start'],
        ['startDate', '2021-12-02T17:21:49.330+0200'],
        ['endDate', '2021-12-02T17:21:50.330+0200'],
      ],
      [
        ['processInstanceId', '1809'],
        ['flowNodeInstanceId', '1811'],
        ['flowNodeName', 'Task'],
        ['startDate', '2021-12-02T17:21:50.330+0200'],
        ['endDate', null],
      ],
    ],
  )
})

t.test(
  'fields are columns of the instance that every event repeats, in the given order; missing ones are null',
  async (t) => {
    const fields = ['variable:amount', 'businessKey', 'count:incidents', 'variable:none', 'variable:__proto__']
    const rows = flowNodeEventRows(record, { fields })
    t.strictSame(
      rows.map((row) => Object.entries(row).slice(5)),
      Array.from({ length: 2 }, () => [
        ['variable:amount', '12'],
        ['businessKey', 'order-1'],
        ['count:incidents', 1],
        ['variable:none', null],
        ['variable:__proto__', 'odd'],
      ]),
    )
  },
)

t.test('a field may be called `__proto__`', async (t) => {
  const unusual = JSON.parse('{"__proto__":"x","flowNodeInstances":[{"id":"1"}]}') as ExportRecord
  const [row] = flowNodeEventRows(unusual, { fields: ['__proto__'] })
  t.equal(Object.getOwnPropertyDescriptor(row, '__proto__')?.value, 'x')
})

t.test('a record without flow-node instances has no events', async (t) => {
  t.strictSame(flowNodeEventRows({ processInstanceId: '1', variables: {} }), [])
  t.strictSame(flowNodeEventRows({ processInstanceId: '1', flowNodeInstances: [] }), [])
  t.strictSame(flowNodeEventRows({ processInstanceId: '1', flowNodeInstances: null }), [])
})

t.test('missing fields of an event are null', async (t) => {
  t.strictSame(flowNodeEventRows({ flowNodeInstances: [{}, null, 'x'] }), [
    { processInstanceId: null, flowNodeInstanceId: null, flowNodeName: null, startDate: null, endDate: null },
  ])
})

t.test('the record is not changed', async (t) => {
  const before = structuredClone(record)
  flowNodeEventRows(record, { fields: ['businessKey'] })
  t.strictSame(record, before)
})

t.test('an options object can be used for any number of records', async (t) => {
  const options = { fields: ['businessKey'] }
  t.equal(flowNodeEventRows(record, options)[0]?.['businessKey'], 'order-1')
  t.equal(flowNodeEventRows({ ...record, businessKey: 'order-2' }, options)[0]?.['businessKey'], 'order-2')
})

t.test('an options object is read once, at its first use', async (t) => {
  const options = { fields: ['businessKey'] }
  t.ok('businessKey' in flowNodeEventRows(record, options)[0]!)
  options.fields = []
  t.ok('businessKey' in flowNodeEventRows(record, options)[0]!)
  t.notOk('businessKey' in flowNodeEventRows(record, { ...options })[0]!, 'another object is read')
})

t.test('bad options are OptionErrors at the call', async (t) => {
  const cases: [object, RegExp][] = [
    [{ field: ['a'] }, /flowNodeEventRows: field: unknown option, did you mean fields/],
    [{ fields: 'businessKey' }, /fields: expected an array of distinct strings, got "businessKey"/],
    [
      { fields: ['startDate'] },
      /fields: expected columns of the process instance, got startDate, which every event already has/,
    ],
  ]
  for (const [options, message] of cases) {
    t.match(
      catchError(() => flowNodeEventRows(record, options)),
      { name: 'OptionError', code: 'ERR_OPTION', message },
    )
  }
})

t.test('an argument that is not a record is ERR_ENCODE', async (t) => {
  for (const [value, got] of [
    ['x', 'a string'],
    [undefined, 'undefined'],
    [null, 'null'],
    [[], 'an array'],
    [Buffer.from('x'), 'bytes'],
  ])
    t.match(
      catchError(() => flowNodeEventRows(value as never)),
      { code: 'ERR_ENCODE', message: `flowNodeEventRows: expected a record (an object), got ${got as string}` },
    )
})
