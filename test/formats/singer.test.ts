import t from 'tap'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { flowNodeEventRows } from '../../lib/index.js'
import { toSinger, type SingerOptions } from '../../lib/formats/singer/index.js'
import { createJsonSchema } from '../../lib/formats/singer/singer-messages.js'
import { parseJson } from '../../lib/shared/json/json.js'
import { catchRejection } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'

type Message = Readonly<Record<string, unknown>>

async function encode(records: readonly unknown[], options: Partial<SingerOptions> = {}) {
  const bytes = await encodeRecords(records, toSinger({ stream: 'orders', version: 7, ...options }))
  const lines = bytes.toString().trimEnd().split('\n')
  return { lines, messages: lines.map((line) => JSON.parse(line) as Message) }
}

const record = {
  processInstanceId: 'a',
  startDate: '2024-05-31T06:11:26.123+0200',
  duration: 1500,
  variables: { amount: '12.50', due: '2026-05-31', note: 'a"\n' },
  flowNodeInstances: [{ id: 'f', name: 'A', startDate: '2024-05-31T06:11:26.123+0200', endDate: null }],
}

t.test('a schema, the records, the version and the state', async (t) => {
  const types = { 'variable:amount': 'decimal(12,2)', 'variable:due': 'date' } as const
  const { messages, lines } = await encode([record, { processInstanceId: 'b' }], {
    types,
    columns: 'all',
    naming: 'snake',
  })
  const text = { type: ['null', 'string'] }
  const time = { type: ['null', 'string'], format: 'date-time' }
  t.strictSame(messages[0], {
    type: 'SCHEMA',
    stream: 'orders',
    schema: {
      type: 'object',
      properties: {
        process_instance_id: text,
        start_date: time,
        duration: { type: ['null', 'integer'] },
        variable_amount: { type: ['null', 'number'] },
        variable_due: { type: ['null', 'string'], format: 'date' },
        variable_note: text,
        flow_node_instances: {
          type: ['null', 'array'],
          items: { type: ['null', 'object'], properties: { id: text, name: text, startDate: time, endDate: time } },
        },
      },
    },
    key_properties: ['process_instance_id'],
  })
  t.strictSame(messages[1], {
    type: 'RECORD',
    stream: 'orders',
    version: 7,
    record: {
      process_instance_id: 'a',
      start_date: '2024-05-31T04:11:26.123Z',
      duration: 1500,
      variable_amount: 12.5,
      variable_due: '2026-05-31',
      variable_note: 'a"\n',
      flow_node_instances: [{ id: 'f', name: 'A', startDate: '2024-05-31T04:11:26.123Z', endDate: null }],
    },
  })
  t.match(lines[1], '"variable_amount":12.50,', 'with all digits')
  t.match(messages[2], { record: { process_instance_id: 'b', variable_amount: null, flow_node_instances: null } })
  t.strictSame(messages.slice(3), [
    { type: 'ACTIVATE_VERSION', stream: 'orders', version: 7 },
    { type: 'STATE', value: { bookmarks: { orders: { version: 7, records: 2 } } } },
  ])
})

t.test('values of every type', async (t) => {
  const rows = [
    {
      text: 1,
      flag: 'true',
      double: 0.1,
      json: '{"a":[1]}',
      map: { a: 'x' },
      list: [1, null],
      struct: { a: 'x', b: null },
      big: 2n ** 62n,
    },
  ]
  const types = { text: 'string', flag: 'boolean', double: 'double', json: 'json', big: 'int64' } as const
  const { lines } = await encode(rows, { types, columns: [...Object.keys(types), 'list', 'struct'] })
  t.equal(
    lines[1],
    '{"type":"RECORD","stream":"orders","version":7,"record":{"text":"1","flag":true,"double":0.1,"json":{"a":[1]},"big":4611686018427387904,"list":[1,null],"struct":{"a":"x","b":null}}}',
  )
  const [exact] = [parseJson(Buffer.from('{"a":0.12345678901234567890,"b":1.10,"c":5.0,"v":{"x":1.50}}'))]
  const digits = await encode([exact], {
    types: { a: 'decimal(38,20)', b: 'string', c: 'json' },
    columns: ['a', 'b', 'c', 'v'],
  })
  t.match(digits.lines[1], '"record":{"a":0.12345678901234567890,"b":"1.10","c":5.0,"v":{"x":1.5}}')
  const [list] = [parseJson(Buffer.from('{"l":[1.10,null]}'))]
  const typesFrom = [{ name: 'l', type: { list: 'string' }, chosen: 'known' }] as const
  t.match((await encode([list], { typesFrom })).lines[1], '"record":{"l":["1.10",null]}')
  const map = await encode([{ variables: { b: '1', a: null } }], { variables: 'map' })
  t.match(map.lines[1], '"record":{"variables":{"b":"1","a":null}}')
  const missing = await encode([{ s: { a: 'x', b: 'y' } }, { s: { a: 'z' } }, { s: null }], {
    columns: ['s'],
    sampleSize: 1,
  })
  t.match(missing.lines[2], '"record":{"s":{"a":"z","b":null}}')
  t.match(missing.lines[3], '"record":{"s":null}')
  t.strictSame(createJsonSchema({ map: 'string' }), {
    type: ['null', 'object'],
    additionalProperties: { type: ['null', 'string'] },
  })
})

t.test('the key is the id field of the kind of report', async (t) => {
  const keysOf = async (row: object) => (await encode([row])).messages[0]!['key_properties']
  t.strictSame(await keysOf({ processInstanceId: 'a', decisionInstanceId: 'b' }), ['decisionInstanceId'])
  t.strictSame(await keysOf({ key: 'a', value: 1 }), [])
})

t.test('a row that shares its process instance with others has no key', async (t) => {
  const keysOf = async (rows: object[], options: Partial<SingerOptions> = {}) =>
    (await encode(rows, options)).messages[0]!['key_properties']
  const events = flowNodeEventRows({ processInstanceId: 'p', flowNodeInstances: [{ id: 'a' }, { id: 'b' }] })
  t.strictSame(await keysOf(events), [])
  t.strictSame(await keysOf([], { columns: [...Object.keys(events[0]!)] }), [])
  const decision = { decisionInstanceId: 'd', processInstanceId: 'p', inputVariables: {}, outputVariables: {} }
  t.strictSame(await keysOf([decision], { columns: ['processInstanceId'] }), [])
  t.strictSame(await keysOf([{ decisionDefinitionKey: 'k', processInstanceId: 'p' }]), [])
  t.strictSame(await keysOf([], { columns: ['processInstanceId', 'evaluationDateTime'] }), [])
  t.strictSame(await keysOf([], { columns: ['processInstanceId'] }), ['processInstanceId'])
})

t.test('a source that fails gets no version and no state', async (t) => {
  const chunks: Buffer[] = []
  const source = Readable.from(
    (async function* () {
      yield record
      await Promise.resolve()
      throw new Error('cut')
    })(),
  )
  const collect = async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) chunks.push(chunk)
  }
  await t.rejects(pipeline(source, toSinger({ stream: 's', sampleSize: 1 }), collect), { message: 'cut' })
  t.notMatch(Buffer.concat(chunks).toString(), /STATE|ACTIVATE_VERSION/)
})

t.test('a report that is not complete gets no version and no state', async (t) => {
  const { messages } = await encode([record], { isComplete: () => false })
  t.strictSame(
    messages.map(({ type }) => type),
    ['SCHEMA', 'RECORD'],
  )
})

t.test('wrong options and cells', async (t) => {
  t.throws(() => toSinger({} as SingerOptions), {
    code: 'ERR_OPTION',
    message: /^toSinger: stream: expected a non-empty/,
  })
  t.throws(() => toSinger({ stream: 's', metadata: {} } as SingerOptions), { code: 'ERR_OPTION' })
  const refused = async (rows: object[], message: string, options: Partial<SingerOptions> = {}) =>
    t.match(await catchRejection(encode(rows, { sampleSize: 1, ...options })), { code: 'ERR_CELL_TYPE', message })
  await refused([{ a: '1' }, { a: 'x' }], 'toSinger: row 2: column "a": expected int64, got "x"', {
    types: { a: 'int64' },
  })
  const late = new Date('+010000-01-01T00:00:00.000Z')
  for (const type of ['timestamp', 'date'] as const)
    await refused([{ a: late }], `expected ${type}, got +010000`, { types: { a: type } })
  await refused([{ a: Infinity }], 'expected double, got Infinity', { types: { a: 'double' } })
  await refused([{ l: ['x'] }, { l: 'y' }], 'expected list<string>, got "y"')
  await refused([{ s: { a: 'x' } }, { s: { b: 'x' } }], 'expected struct<a>, got {"b":"x"}')
  await refused([{ s: { a: 'x' } }, { s: 1 }], 'expected struct<a>, got 1')
  await refused([{ l: [true] }, { l: ['y'] }], 'expected list<boolean>')
  await refused([{ s: { a: true } }, { s: { a: 'x' } }], 'expected struct<a>')
})
