import t from 'tap'
import { getDigits } from '../../lib/shared/json/digits.js'
import { parseJson } from '../../lib/shared/json/json.js'
import { flattenRecord } from '../../lib/schema/rows/flatten.js'
import { expandRecord } from '../../lib/schema/rows/group-rows.js'
import type { ExportRecord } from '../../lib/shared/types.js'
import { catchError } from '../support/catch-error.js'

const flowNode = { id: '1810', name: 'Start', startDate: '2021-12-02T17:21:49.330+0200', endDate: null }

/** A record of Optimize 3.11, 8.3 or later, with its fields in the order of the server. */
const modern: ExportRecord = {
  processDefinitionKey: 'aProcess',
  processDefinitionId: 'aProcess:1:1801',
  processInstanceId: '1809',
  counts: { incidents: 0, openIncidents: 2, userTasks: 1 },
  flowNodeDurations: { startEvent: { name: 'Start', value: 0 }, task: { name: null, value: 12 } },
  businessKey: 'aBusinessKey',
  startDate: '2021-12-02T17:21:49.330+0200',
  endDate: null,
  duration: 123456,
  engineName: 'camunda-bpm',
  tenantId: null,
  variables: { amount: '12', approved: 'true', comment: '' },
  flowNodeInstances: [flowNode],
}

/** Returns the properties in their order, which t.strictSame() does not compare. */
const entries = (row: object) => Object.entries(row)

t.test('an output that has a value instead of a list of values keeps the digits of the value', async (t) => {
  const text = '{"decisionInstanceId":"1","outputVariables":{"c":{"value":1.50}}}'
  const row = flattenRecord(parseJson(Buffer.from(text)) as ExportRecord)
  t.equal(row['output:c'], 1.5)
  t.equal(getDigits(row, 'output:c'), '1.50')
})

t.test('a record of Optimize 3.7 has the nine documented fields and its variables', async (t) => {
  const record: ExportRecord = {
    processDefinitionKey: 'p',
    processDefinitionId: 'p:1',
    processInstanceId: '1',
    businessKey: null,
    startDate: '2021-12-02T17:21:49.330+0200',
    endDate: '2021-12-02T17:22:49.330+0200',
    duration: 60000,
    engineName: 'camunda-bpm',
    tenantId: null,
    variables: { amount: '12', 'a.b': 'x' },
  }
  t.strictSame(entries(flattenRecord(record)), [
    ['processDefinitionKey', 'p'],
    ['processDefinitionId', 'p:1'],
    ['processInstanceId', '1'],
    ['businessKey', null],
    ['startDate', '2021-12-02T17:21:49.330+0200'],
    ['endDate', '2021-12-02T17:22:49.330+0200'],
    ['duration', 60000],
    ['engineName', 'camunda-bpm'],
    ['tenantId', null],
    ['variable:amount', '12'],
    ['variable:a.b', 'x'],
  ])
})

t.test(
  'a record of Optimize 3.11 has fields, counts, durations, variables and then the rest, whatever its own order',
  async (t) => {
    t.strictSame(entries(flattenRecord(modern)), [
      ['processDefinitionKey', 'aProcess'],
      ['processDefinitionId', 'aProcess:1:1801'],
      ['processInstanceId', '1809'],
      ['businessKey', 'aBusinessKey'],
      ['startDate', '2021-12-02T17:21:49.330+0200'],
      ['endDate', null],
      ['duration', 123456],
      ['engineName', 'camunda-bpm'],
      ['tenantId', null],
      ['count:incidents', 0],
      ['count:openIncidents', 2],
      ['count:userTasks', 1],
      ['dur:startEvent', 0],
      ['dur:task', 12],
      ['variable:amount', '12'],
      ['variable:approved', 'true'],
      ['variable:comment', ''],
      ['flowNodeInstances', [flowNode]],
    ])
  },
)

t.test('the counts of versions before 3.11 are plain columns after the documented fields', async (t) => {
  const older = {
    numberOfUserTasks: 1,
    numberOfIncidents: 2,
    processInstanceId: '1',
    flowNodeDurations: {},
    tenantId: 't',
    numberOfOpenIncidents: 3,
    variables: { a: '' },
  }
  t.strictSame(entries(flattenRecord(older)), [
    ['processInstanceId', '1'],
    ['tenantId', 't'],
    ['numberOfIncidents', 2],
    ['numberOfOpenIncidents', 3],
    ['numberOfUserTasks', 1],
    ['variable:a', ''],
  ])
})

t.test(
  'a decision has one column per clause: an output is its only value, null without a value, or a list of several',
  async (t) => {
    const decision: ExportRecord = {
      decisionDefinitionKey: 'invoice',
      decisionDefinitionId: 'invoice:1:9',
      decisionInstanceId: 'd1',
      processInstanceId: 'p1',
      evaluationDateTime: '2021-12-02T17:21:49.330+0200',
      engineName: 'camunda-bpm',
      tenantId: null,
      outputVariables: {
        c3: { id: 'c3', name: 'Class', type: 'String', values: ['day-to-day'] },
        c4: { id: 'c4', name: 'Rules', type: 'String', values: ['a', null, 'b'] },
        c5: { id: 'c5', name: 'None', type: 'String', values: [] },
      },
      inputVariables: {
        c1: { id: 'c1', name: 'Amount', type: 'Double', value: '300.0' },
        c2: { id: 'c2', name: 'Null', type: 'String', value: null },
      },
    }
    t.strictSame(entries(flattenRecord(decision)), [
      ['decisionDefinitionKey', 'invoice'],
      ['decisionDefinitionId', 'invoice:1:9'],
      ['decisionInstanceId', 'd1'],
      ['processInstanceId', 'p1'],
      ['evaluationDateTime', '2021-12-02T17:21:49.330+0200'],
      ['engineName', 'camunda-bpm'],
      ['tenantId', null],
      ['input:c1', '300.0'],
      ['input:c2', null],
      ['output:c3', 'day-to-day'],
      ['output:c4', ['a', null, 'b']],
      ['output:c5', null],
    ])
  },
)

t.test('the columns of a map entry are key, label, value, although the server sends the label last', async (t) => {
  t.strictSame(entries(flattenRecord({ key: 'startEvent', value: 2.0, label: 'Start' })), [
    ['key', 'startEvent'],
    ['label', 'Start'],
    ['value', 2],
  ])
})

t.test('a number report is one column', async (t) => {
  t.strictSame(entries(flattenRecord({ value: 1.5 })), [['value', 1.5]])
})

t.test('a group of a hyper-map is one row per pair', async (t) => {
  const group = {
    key: 'g1',
    value: [
      { key: 'd1', value: 3.0, label: 'D1' },
      { key: 'd2', value: null },
    ],
    label: 'G1',
  }
  t.strictSame(expandRecord(group).map(entries), [
    [
      ['key', 'g1'],
      ['label', 'G1'],
      ['distributedKey', 'd1'],
      ['distributedLabel', 'D1'],
      ['value', 3],
    ],
    [
      ['key', 'g1'],
      ['label', 'G1'],
      ['distributedKey', 'd2'],
      ['distributedLabel', null],
      ['value', null],
    ],
  ])
})

t.test('an empty group of a hyper-map is one row without a pair', async (t) => {
  t.strictSame(expandRecord({ key: 'g1', value: [] }), [
    { key: 'g1', label: null, distributedKey: null, distributedLabel: null, value: null },
  ])
})

t.test('unknown fields of a group and of a pair are kept', async (t) => {
  const group = { key: 'g', value: [{ key: 'd', value: 1, unit: 'ms' }], label: 'G', rank: 7 }
  t.strictSame(expandRecord(group), [
    { key: 'g', label: 'G', distributedKey: 'd', distributedLabel: null, value: 1, distributedUnit: 'ms', rank: 7 },
  ])
})

t.test('a row whose value is a list, but not of pairs, does not change', async (t) => {
  const row = { key: 'k', value: [1, 2] }
  t.strictSame(expandRecord(row), [row])
  t.strictSame(expandRecord({ value: [] }), [{ value: [] }])
})

t.test('plain names have no prefix', async (t) => {
  const row = flattenRecord(modern, { naming: 'plain', omit: ['flowNodeInstances'] })
  t.strictSame(Object.keys(row).slice(8), [
    'tenantId',
    'incidents',
    'openIncidents',
    'userTasks',
    'startEvent',
    'task',
    'amount',
    'approved',
    'comment',
  ])
})

t.test('a naming function gets the prefixed name', async (t) => {
  const record = { processInstanceId: '1', variables: { a: 'x' } }
  const row = flattenRecord(record, { naming: (column) => `<${column}>` })
  t.strictSame(entries(row), [
    ['<processInstanceId>', '1'],
    ['<variable:a>', 'x'],
  ])
})

t.test('a naming function that returns no string is ERR_ENCODE with the column name', async (t) => {
  const error = catchError(() => flattenRecord({ a: 1 }, { naming: (() => 7) as never }))
  t.match(error, {
    name: 'ExportError',
    code: 'ERR_ENCODE',
    message: 'flattenRecord: naming: expected a string for column "a", got number',
  })
})

t.test('two columns with the same plain name are a collision; the message has both', async (t) => {
  const record = { processInstanceId: '1', duration: 3, variables: { duration: 'x' } }
  t.match(
    catchError(() => flattenRecord(record, { naming: 'plain' })),
    {
      name: 'ExportError',
      code: 'ERR_COLUMN_COLLISION',
      message:
        'flattenRecord: columns "duration" and "variable:duration" would have the same name, "duration"; use naming or omit to tell them apart',
    },
  )
})

t.test('a variable and a field with its prefixed name are a collision that no option can end', async (t) => {
  t.match(
    catchError(() => flattenRecord({ 'variable:a': 1, variables: { a: 2 } })),
    { code: 'ERR_COLUMN_COLLISION', message: /; omit would leave out both, so rename one in a transform$/ },
  )
  t.match(
    catchError(() => flattenRecord({ x: 0, 'variable:a': 1, variables: { a: 2 } }, { naming: () => 'n' })),
    {
      code: 'ERR_COLUMN_COLLISION',
      message:
        'flattenRecord: columns "variable:a" and "variable:a" would have the same name, "n"; omit would leave out both, so rename one in a transform',
    },
  )
})

t.test('if one of two columns with the same name is omitted, there is no collision', async (t) => {
  const record = { processInstanceId: '1', duration: 3, variables: { duration: 'x' } }
  t.strictSame(flattenRecord(record, { naming: 'plain', omit: ['duration'] }), {
    processInstanceId: '1',
    duration: 'x',
  })
})

t.test(
  'a naming function that returns the same name for all columns is a collision of the selected columns',
  async (t) => {
    const record = { a: 1, b: 2, c: 3 }
    t.match(
      catchError(() => flattenRecord(record, { naming: () => 'x', omit: ['a'] })),
      { code: 'ERR_COLUMN_COLLISION', message: /columns "b" and "c" would have the same name, "x"/ },
    )
  },
)

t.test('a flat column and a nested one of the same prefixed name are a collision', async (t) => {
  t.match(
    catchError(() => flattenRecord({ 'variable:a': 1, variables: { a: 2 } })),
    { code: 'ERR_COLUMN_COLLISION', message: /"variable:a" and "variable:a"/ },
  )
})

t.test('pick keeps only the given columns, in the order of the record', async (t) => {
  const row = flattenRecord(modern, { pick: ['variable:comment', 'count:incidents', 'processInstanceId', 'none'] })
  t.strictSame(entries(row), [
    ['processInstanceId', '1809'],
    ['count:incidents', 0],
    ['variable:comment', ''],
  ])
})

t.test('a column in both pick and omit is left out', async (t) => {
  t.strictSame(flattenRecord({ a: 1, b: 2 }, { pick: ['a', 'b'], omit: ['a'] }), { b: 2 })
})

t.test('a selection that can never select a column is refused', async (t) => {
  for (const options of [{ pick: [] }, { pick: ['a'], omit: ['a'] }])
    t.match(
      catchError(() => flattenRecord({ a: 1, b: 2 }, options)),
      { code: 'ERR_OPTION', message: /^flattenRecord: pick: expected (at least one|a) column/ },
    )
})

const hostile = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a.b',
  'a"b',
  'a\nb',
  'a,b',
  '😀',
  '',
  ' ',
  '0',
]

t.test('any text may be the name of a variable', async (t) => {
  const variables = Object.fromEntries(hostile.map((name, at) => [name, `v${at}`]))
  const row = flattenRecord({ processInstanceId: '1', variables })
  for (const [at, name] of hostile.entries()) t.equal(row[`variable:${name}`], `v${at}`, JSON.stringify(name))
  t.equal(Object.keys(row).length, hostile.length + 1)
})

t.test('any text may be a plain name, `__proto__` included, and no prototype changes', async (t) => {
  const variables = Object.fromEntries(hostile.map((name, at) => [name, `v${at}`]))
  const row = flattenRecord({ variables }, { naming: 'plain' })
  for (const [at, name] of hostile.entries()) {
    t.equal(Object.getOwnPropertyDescriptor(row, name)?.value, `v${at}`, JSON.stringify(name))
  }
  t.equal(Object.getPrototypeOf(row), Object.prototype)
  t.equal(({} as Record<string, unknown>)['v0'], undefined)
})

t.test('`__proto__` at the top of a record is a column', async (t) => {
  const record = JSON.parse('{"__proto__":"x","constructor":"y"}') as ExportRecord
  t.strictSame(entries(flattenRecord(record)), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
})

t.test('a record without a prototype is flattened like any other', async (t) => {
  const record = Object.assign(Object.create(null) as ExportRecord, { processInstanceId: '1', variables: { a: 'x' } })
  t.strictSame(flattenRecord(record), { processInstanceId: '1', 'variable:a': 'x' })
})

t.test('a nested field that is null, empty or absent has no columns', async (t) => {
  t.strictSame(flattenRecord({ processInstanceId: '1', variables: null, counts: {}, flowNodeDurations: null }), {
    processInstanceId: '1',
  })
})

t.test('a nested field that is not an object is one column', async (t) => {
  t.strictSame(flattenRecord({ processInstanceId: '1', variables: ['a'], counts: 3 }), {
    processInstanceId: '1',
    variables: ['a'],
    counts: 3,
  })
})

t.test('object variables stay as the server sends them, in the form of every version', async (t) => {
  const variables = {
    placeholder: '<<OBJECT_VARIABLE_VALUE>>',
    json: ['{"a":1}'],
    nothing: null,
    'flat.name': 'Kermit',
    'list._listSize': '2',
  }
  t.strictSame(flattenRecord({ processInstanceId: '1', variables }), {
    processInstanceId: '1',
    'variable:placeholder': '<<OBJECT_VARIABLE_VALUE>>',
    'variable:json': ['{"a":1}'],
    'variable:nothing': null,
    'variable:flat.name': 'Kermit',
    'variable:list._listSize': '2',
  })
})

t.test('a duration of a flow node may be a plain number', async (t) => {
  const record = { processInstanceId: '1', flowNodeDurations: { a: 5, b: { name: 'B', value: null }, c: { other: 1 } } }
  t.strictSame(flattenRecord(record), { processInstanceId: '1', 'dur:a': 5, 'dur:b': null, 'dur:c': { other: 1 } })
})

t.test('the cell of an output without a list of values is its value', async (t) => {
  const record = { decisionInstanceId: '1', outputVariables: { a: { id: 'a', value: 'x' }, b: 'y', c: null } }
  t.strictSame(flattenRecord(record), { decisionInstanceId: '1', 'output:a': 'x', 'output:b': 'y', 'output:c': null })
})

t.test('unknown fields are kept; an unknown object is one column', async (t) => {
  const record = { processInstanceId: '1', state: 'ACTIVE', extra: { deep: [1] }, variables: { a: '' } }
  t.strictSame(entries(flattenRecord(record)), [
    ['processInstanceId', '1'],
    ['variable:a', ''],
    ['state', 'ACTIVE'],
    ['extra', { deep: [1] }],
  ])
})

t.test('a flat row stays as it is, in its own order', async (t) => {
  const row = { z: 1, processInstanceId: '1', 'variable:a': 'x', a: null }
  t.strictSame(entries(flattenRecord(row)), entries(row))
})

t.test('a flattened record can be flattened again without a change', async (t) => {
  const once = flattenRecord(modern)
  t.strictSame(entries(flattenRecord(once as ExportRecord)), entries(once))
})

t.test('the record is not changed', async (t) => {
  const before = structuredClone(modern)
  flattenRecord(modern, { naming: 'plain', omit: ['flowNodeInstances'] })
  t.strictSame(modern, before)
})

t.test('an options object can be used for any number of records', async (t) => {
  const options = Object.freeze({ naming: 'plain' as const })
  t.strictSame(flattenRecord({ variables: { a: '1' } }, options), { a: '1' })
  t.strictSame(flattenRecord({ variables: { b: '2' } }, options), { b: '2' })
})

t.test('an options object is read once, at its first use', async (t) => {
  const options: { naming: 'plain' | 'prefixed' } = { naming: 'plain' }
  t.strictSame(flattenRecord({ variables: { a: '1' } }, options), { a: '1' })
  options.naming = 'prefixed'
  t.strictSame(flattenRecord({ variables: { a: '1' } }, options), { a: '1' })
  t.strictSame(
    flattenRecord({ variables: { a: '1' } }, { ...options }),
    { 'variable:a': '1' },
    'another object is read',
  )
})

t.test('a bad option is an OptionError at the call, with a suggestion', async (t) => {
  const record = { a: 1 }
  const cases: [object, RegExp][] = [
    [{ nameing: 'plain' }, /flattenRecord: nameing: unknown option, did you mean naming/],
    [{ naming: 'short' }, /naming: expected 'prefixed', 'plain' or 'snake' or a function, got "short"/],
    [{ pick: 'a' }, /pick: expected an array of distinct strings, got "a"/],
    [{ omit: ['a', 'a'] }, /omit: expected an array of distinct strings/],
    [{ pick: [1] }, /pick: expected an array of distinct strings/],
  ]
  for (const [options, message] of cases) {
    const error = catchError(() => flattenRecord(record, options))
    t.match(error, { name: 'OptionError', code: 'ERR_OPTION', message })
    t.ok(error instanceof TypeError)
  }
  t.match(
    catchError(() => flattenRecord(record, null as never)),
    { code: 'ERR_OPTION', message: /expected an object, got null/ },
  )
})

t.test('an argument that is not a record is ERR_ENCODE', async (t) => {
  const cases: [unknown, string][] = [
    ['x', 'a string'],
    [7, 'a number'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[{}], 'an array'],
    [Buffer.from('x'), 'bytes'],
  ]
  for (const [chunk, got] of cases) {
    t.match(
      catchError(() => flattenRecord(chunk as never)),
      { name: 'ExportError', code: 'ERR_ENCODE', message: `flattenRecord: expected a record (an object), got ${got}` },
    )
  }
})
