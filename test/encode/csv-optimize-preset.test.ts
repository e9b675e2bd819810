// `preset: 'optimize'` against files as Optimize's CsvExportService makes them (camunda/camunda, src/test/resources/csv).
import fc from 'fast-check'
import t from 'tap'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { encodeBothWays } from '../support/encode/encode-both-ways.js'
import { encodeCsv, encodeCsvWithStats } from '../support/encode/encode-csv.js'
import { renderPage } from '../support/random/hostile-pages.js'
import { runs, seed } from '../support/random/property.js'

const csv = (records: object[], options: object = {}) => encodeCsv(records, { preset: 'optimize', ...options })

t.test('the file of a process report is the one that the UI of Optimize downloads', async (t) => {
  const record = {
    processDefinitionKey: 'aProcess',
    processDefinitionId: 'aProcess:1:1801',
    processInstanceId: '1809',
    counts: { incidents: 0, openIncidents: 0, userTasks: 0 },
    flowNodeDurations: { startEvent: { name: 'Start', value: 0 }, endEvent: { name: null, value: 12 } },
    businessKey: 'aBusinessKey',
    startDate: '2018-02-26T14:20:00.000+0100',
    endDate: '2018-02-26T14:20:00.048+0100',
    duration: 48,
    engineName: 'camunda-bpm',
    tenantId: null,
    variables: { 'objectVar.firstName': 'Kermit', 'objectVar.age': '50.0', quote: 'a "b", c', empty: '' },
    flowNodeInstances: [{ id: '1', name: 'Start', startDate: null, endDate: null }],
  }
  t.equal(
    await csv([record]),
    '"processDefinitionKey","processDefinitionId","processInstanceId","businessKey","startDate","endDate","duration",' +
      '"engineName","tenantId","count:incidents","count:openIncidents","count:userTasks","dur:endEvent","dur:startEvent",' +
      '"variable:empty","variable:objectVar.age","variable:objectVar.firstName","variable:quote"\r\n' +
      '"aProcess","aProcess:1:1801","1809","aBusinessKey","2018-02-26T14:20+01:00","2018-02-26T14:20:00.048+01:00","48",' +
      '"camunda-bpm",,"0","0","0","12","0","","50.0","Kermit","a ""b"", c"\r\n',
  )
})

t.test('several values of an output are joined, and an output without a value is an empty text', async (t) => {
  const record = {
    decisionDefinitionKey: 'test_key',
    decisionDefinitionId: 'test_id',
    decisionInstanceId: 'd1',
    processInstanceId: null,
    evaluationDateTime: '2018-02-23T14:31:08.048+0100',
    engineName: 'engine',
    tenantId: 'tenant',
    inputVariables: {
      in2: { id: 'in2', name: 'I', type: 'Double', value: '300.0' },
      in1: { id: 'in1', name: 'J', type: 'String', value: null },
    },
    outputVariables: {
      out1: { id: 'out1', name: 'O', type: 'String', values: ['a', 'b,c'] },
      out2: { id: 'out2', name: 'P', type: 'String', values: [] },
      out3: { id: 'out3', name: 'Q', type: 'String', values: ['x'] },
    },
  }
  t.equal(
    await csv([record]),
    '"decisionDefinitionKey","decisionDefinitionId","decisionInstanceId","processInstanceId","evaluationDateTime",' +
      '"engineName","tenantId","input:in1","input:in2","output:out1","output:out2","output:out3"\r\n' +
      '"test_key","test_id","d1",,"2018-02-23T14:31:08.048+01:00","engine","tenant",,"300.0","a,b,c","","x"\r\n',
  )
})

t.test('an empty row has only delimiters', async (t) => {
  const names = ['processDefinitionKey', 'processInstanceId', 'startDate', 'endDate', 'tenantId']
  const empty = Object.fromEntries(names.map((name) => [name, null]))
  t.equal(await csv([empty]), `${names.map((name) => `"${name}"`).join(',')}\r\n,,,,\r\n`)
})

t.test('dates are as java.time.OffsetDateTime prints them', async (t) => {
  const cases = [
    ['2018-02-23T14:31:08.048+0100', '2018-02-23T14:31:08.048+01:00'],
    ['2018-02-23T14:31:08.100+0100', '2018-02-23T14:31:08.100+01:00'],
    ['2018-02-23T14:31:08.000-0530', '2018-02-23T14:31:08-05:30'],
    ['2018-02-26T14:20:00.000+0100', '2018-02-26T14:20+01:00'],
    ['2018-02-26T14:20:00.001+0000', '2018-02-26T14:20:00.001Z'],
    ['2018-02-26T14:20:00.000+0000', '2018-02-26T14:20Z'],
    ['2018-02-26T14:20:00+01:00', '2018-02-26T14:20+01:00'],
    ['2018-02-26T14:20:05Z', '2018-02-26T14:20:05Z'],
    ['2018-02-26T14:20:05.123456+0100', '2018-02-26T14:20:05.123456+01:00'],
    ['2018-02-26T14:20:05.123000+0100', '2018-02-26T14:20:05.123+01:00'],
    ['yesterday', 'yesterday'],
    ['', ''],
  ] as const
  for (const [given, printed] of cases)
    t.equal(await csv([{ startDate: given }], { header: false }), `"${printed}"\r\n`, given)
})

t.test(`the fast path writes texts that look like dates as JavaScript does (seed ${seed})`, async (t) => {
  const date = fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:(?:00|\d\d)\.(?:000|\d{3})[+-](?:0000|\d{4})$/)
  const change = fc.record({ at: fc.nat(27), sign: fc.constantFrom('', '', 'x', ':', '.', '-', '+', 'Z', '9') })
  const text = fc
    .tuple(date, change)
    .map(([text, { at, sign }]) => (sign === '' ? text : text.slice(0, at) + sign + text.slice(at + 1)))
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 50, maxLength: 50 }), async (texts) => {
      const records = texts.map((startDate, at) => JSON.stringify({ processInstanceId: String(at), startDate }))
      const pages = [renderPage(records, records.length, 'c')]
      const [byPages, byRecords] = await encodeBothWays(pages, () => toCsv({ preset: 'optimize' }))
      return byPages.equals(byRecords) && byPages.toString().split('\r\n').length === texts.length + 2
    }),
    runs(30, 50),
  )
  t.pass()
})

t.test('only the dates of the API are rewritten, not those in variables', async (t) => {
  const date = '2018-02-23T14:31:00.000+0100'
  t.equal(
    await csv([{ processInstanceId: '1', endDate: date, businessKey: date, variables: { startDate: date } }], {
      header: false,
    }),
    `"1","${date}","2018-02-23T14:31+01:00","${date}"\r\n`,
  )
})

t.test('columns of a prefix are in the order of their name without digits, then of their number', async (t) => {
  const record = {
    processInstanceId: '1',
    variables: { var10: '', var9: '', 'b 2': '', 'a 10': '', 'a 02': '', 'a 2': '', A: '', 1: '' },
    flowNodeDurations: { task10: { value: 1 }, task2: { value: 1 }, end: { value: 1 } },
  }
  const header = (await csv([record])).split('\r\n')[0]
  t.equal(
    header,
    '"processInstanceId","dur:end","dur:task2","dur:task10",' +
      '"variable:1","variable:A","variable:a 02","variable:a 2","variable:a 10","variable:b 2","variable:var9","variable:var10"',
  )
})

t.test('a late column is sorted like the others', async (t) => {
  const records = [
    { processInstanceId: '1', variables: { a1: 'x', a3: 'x' }, later: 'x' },
    {
      processInstanceId: '2',
      variables: { a2: 'y' },
      counts: { incidents: 1 },
      flowNodeDurations: { s: { value: 2 } },
    },
  ]
  t.equal(
    await csv(records, { columns: 'all', sampleSize: 1 }),
    '"processInstanceId","count:incidents","dur:s","variable:a1","variable:a2","variable:a3","later"\r\n' +
      '"1",,,"x","","x","x"\r\n"2","1","2","","y","",\r\n',
  )
})

t.test('a variable that an instance lacks is an empty text, null is a null cell', async (t) => {
  const records = [{ variables: { a: 'x', b: null } }, { variables: { b: 'y' } }]
  t.equal(await csv(records), '"variable:a","variable:b"\r\n"x",\r\n"","y"\r\n')
})

t.test('an input or an output that an instance lacks is an empty text', async (t) => {
  const records = [
    { decisionInstanceId: '1', inputVariables: { a: { value: 'x' } }, outputVariables: { b: { values: ['y'] } } },
    { decisionInstanceId: '2', inputVariables: {}, outputVariables: {} },
  ]
  t.equal(await csv(records, { header: false }), '"1","x","y"\r\n"2","",""\r\n')
})

t.test(
  'a variable whose values are all objects has no column, also if they are placeholders of older versions',
  async (t) => {
    const records = [
      { processInstanceId: '1', variables: { a: 'x', p: '<<OBJECT_VARIABLE_VALUE>>', j: ['{"b":1}'] } },
      { processInstanceId: '2', variables: { a: 'y', j: ['{"b":2}'] } },
    ]
    const { text, stats } = await encodeCsvWithStats(records, { preset: 'optimize' })
    t.equal(text, '"processInstanceId","variable:a"\r\n"1","x"\r\n"2","y"\r\n')
    t.equal(stats.columns, 2)
    t.strictSame(
      stats.schema!.map(({ name }) => name),
      ['processInstanceId', 'variable:a'],
    )
    const { stats: renamed } = await encodeCsvWithStats(records, { preset: 'optimize', naming: 'plain' })
    t.strictSame(renamed.columnNames, { 'variable:a': 'a' })
  },
)

t.test("with columns: 'all', every record affects which columns are left out", async (t) => {
  const records = [
    { processInstanceId: '1', variables: { p: '<<OBJECT_VARIABLE_VALUE>>', q: '<<OBJECT_VARIABLE_VALUE>>' }, more: 1 },
    ...Array.from({ length: 700 }, () => ({ processInstanceId: '2', variables: { q: '<<OBJECT_VARIABLE_VALUE>>' } })),
    { processInstanceId: '3', variables: { p: 'x', r: ['{}'] }, more: { a: 1 } },
  ]
  const text = await csv(records, { columns: 'all', sampleSize: 1 })
  t.strictSame(text.split('\r\n').slice(0, 2), ['"processInstanceId","variable:p"', '"1",'])
  t.ok(text.endsWith('\r\n"3","x"\r\n'))
})

t.test('an object in a variable that has other values is an empty cell', async (t) => {
  const records = [
    { variables: { a: '<<OBJECT_VARIABLE_VALUE>>', b: 'x' } },
    { variables: { a: 'flat', b: 'y' } },
    { variables: { a: ['{}'], b: 'z' } },
  ]
  t.equal(await csv(records), '"variable:a","variable:b"\r\n,"x"\r\n"flat","y"\r\n,"z"\r\n')
})

t.test('nested columns are left out; an unknown flat column is not', async (t) => {
  const records = [
    { processInstanceId: '1', variables: { a: '' }, flowNodeInstances: null, state: 'X', more: { a: 1 } },
  ]
  t.equal(await csv(records), '"processInstanceId","variable:a","state"\r\n"1","","X"\r\n')
})

t.test('listed columns are all in the file, in the order of the list', async (t) => {
  const record = {
    startDate: '2018-02-26T14:20:00.000+0100',
    variables: { a10: 'x', a2: 'y' },
    flowNodeInstances: [{ id: '1' }],
  }
  t.equal(
    await csv([record], { columns: ['variable:a10', 'startDate', 'variable:a2', 'flowNodeInstances'] }),
    '"variable:a10","startDate","variable:a2","flowNodeInstances"\r\n"x","2018-02-26T14:20+01:00","y","[{""id"":""1""}]"\r\n',
  )
})

t.test('an option of the caller overrides the preset', async (t) => {
  const records = [{ processInstanceId: '1', tenantId: null, variables: { a: 'x' } }]
  t.equal(
    await csv(records, { eol: '\n', quote: 'minimal', delimiter: ';', nullValue: '-', naming: 'plain' }),
    'processInstanceId;tenantId;a\n1;-;x\n',
  )
})

t.test('csv-stringify writes the same download', async (t) => {
  const records = [
    {
      processInstanceId: '1',
      startDate: '2018-02-26T14:20:00.000+0100',
      tenantId: null,
      variables: { b: 'a "b"\n', a: '' },
    },
  ]
  t.equal(await csv(records, { stringify: {} }), await csv(records))
})
