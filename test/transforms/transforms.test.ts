import { Readable, Writable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import chain, { many } from 'stream-chain'
import t from 'tap'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { flattenRecord } from '../../lib/schema/rows/flatten.js'
import { flowNodeEventRows } from '../../lib/schema/rows/flow-node-events.js'
import { flattenVariables, flowNodeEvents } from '../../lib/transforms/transforms.js'
import type { ExportRecord, Row } from '../../lib/shared/types.js'
import { Collector } from '../support/encode/collector.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { encodeCsv, encodeRecords } from '../support/encode/encode-csv.js'

const record = (id: string, variables: Record<string, string> = {}): ExportRecord => ({
  processInstanceId: id,
  variables,
  flowNodeInstances: [
    { id: `${id}a`, name: 'A', startDate: '2021-12-02T17:00:00.000+0000', endDate: null },
    { id: `${id}b`, name: 'B', startDate: '2021-12-02T17:00:01.000+0000', endDate: null },
  ],
})

async function through(records: Iterable<unknown>, transform: NodeJS.ReadWriteStream): Promise<Row[]> {
  const rows: Row[] = []
  await pipeline(Readable.from(records), transform, async (out) => {
    for await (const row of out) rows.push(row as unknown as Row)
  })
  return rows
}

t.test('flattenVariables emits one flat row per record', async (t) => {
  const rows = await through(
    [record('1', { a: 'x' }), record('2', { b: 'y' })],
    flattenVariables({ omit: ['flowNodeInstances'] }),
  )
  t.strictSame(rows, [
    { processInstanceId: '1', 'variable:a': 'x' },
    { processInstanceId: '2', 'variable:b': 'y' },
  ])
})

t.test('flattenVariables emits one row per pair of a hyper-map report', async (t) => {
  const group = {
    key: 'g',
    value: [
      { key: 'd', value: 1, label: 'D' },
      { key: 'e', value: 2, label: 'E' },
    ],
    label: 'G',
  }
  t.strictSame(await through([group], flattenVariables({ pick: ['distributedLabel', 'value'] })), [
    { distributedLabel: 'D', value: 1 },
    { distributedLabel: 'E', value: 2 },
  ])
})

t.test('flattenVariables fails with ERR_COLUMN_COLLISION if two columns have the same name', async (t) => {
  const records = [record('1', { processInstanceId: 'x' })]
  t.match(await catchRejection(through(records, flattenVariables({ naming: 'plain' }))), {
    code: 'ERR_COLUMN_COLLISION',
    message: /^flattenVariables: columns "processInstanceId" and "variable:processInstanceId" would have the same name/,
  })
})

t.test('flowNodeEvents emits one row per flow-node instance, and none for a record without them', async (t) => {
  const rows = await through(
    [record('1'), { processInstanceId: '2', variables: {} }, record('3')],
    flowNodeEvents({ fields: ['variable:a'] }),
  )
  t.strictSame(
    rows.map(({ flowNodeInstanceId }) => flowNodeInstanceId),
    ['1a', '1b', '3a', '3b'],
  )
  t.strictSame(Object.keys(rows[0]!), [
    'processInstanceId',
    'flowNodeInstanceId',
    'flowNodeName',
    'startDate',
    'endDate',
    'variable:a',
  ])
})

t.test('a chunk that is not a record is ERR_ENCODE', async (t) => {
  for (const [transform, where] of [
    [flattenVariables(), 'flattenVariables'],
    [flowNodeEvents(), 'flowNodeEvents'],
  ] as const) {
    t.match(await catchRejection(through(['text'], transform)), {
      name: 'ExportError',
      code: 'ERR_ENCODE',
      message: `${where}: expected a record (an object), got a string`,
    })
  }
})

t.test('a name that no record has is a warning at the end, or an error with strict', async (t) => {
  const records = [record('1', { amount: 'x' }), record('2', { amount: 'y', rare: 'z' })]
  for (const [createTransform, option, name, nearest] of [
    [
      (strict: boolean) => flowNodeEvents({ fields: ['variable:rare', 'variable:amuont'], strict }),
      'fields',
      'variable:amuont',
      'variable:amount',
    ],
    [
      (strict: boolean) => flattenVariables({ pick: ['processInstanceId', 'rare'], strict }),
      'pick',
      'rare',
      'variable:rare',
    ],
    [
      (strict: boolean) => flattenVariables({ omit: ['variable:rare', 'bussinessKey'], strict }),
      'omit',
      'bussinessKey',
      undefined,
    ],
  ] as const) {
    const transform = createTransform(false)
    const warnings: unknown[] = []
    transform.on('warning', (warning) => warnings.push(warning))
    t.ok((await through(records, transform)).length > 1)
    t.match(warnings, [{ code: 'WARN_UNMATCHED_NAME', option, name, nearest }])
    t.match(await catchRejection(through(records, createTransform(true))), {
      code: 'ERR_UNMATCHED_NAME',
      message: new RegExp(`: ${option}: no record has "${name}"`),
    })
  }
  t.equal((await through(records, flowNodeEvents({ fields: ['variable:rare'], strict: true }))).length, 4)
})

t.test('bad options are OptionErrors at the call, named after the transform', async (t) => {
  t.match(
    catchError(() => flattenVariables({ namings: 'plain' } as never)),
    { code: 'ERR_OPTION', message: 'flattenVariables: namings: unknown option, did you mean naming' },
  )
  t.match(
    catchError(() => flowNodeEvents({ fields: ['endDate'] })),
    { code: 'ERR_OPTION', message: /^flowNodeEvents: fields: expected columns of the process instance, got endDate/ },
  )
})

t.test('flattenRecord can be a step of stream-chain', async (t) => {
  const rows = await through(
    [record('1', { a: 'x' }), record('2', { a: 'y' })],
    chain([
      (r: ExportRecord) => flattenRecord(r, { pick: ['variable:a'] }),
      (row: Row) => ({ ...row, more: 1 }),
    ]) as unknown as NodeJS.ReadWriteStream,
  )
  t.strictSame(rows, [
    { 'variable:a': 'x', more: 1 },
    { 'variable:a': 'y', more: 1 },
  ])
})

t.test('flowNodeEventRows can be a step of stream-chain with many()', async (t) => {
  const rows = await through(
    [record('1'), record('2')],
    chain([
      (r: ExportRecord) => many(flowNodeEventRows(r)),
      (row: Row) => row['flowNodeInstanceId'],
    ]) as unknown as NodeJS.ReadWriteStream,
  )
  t.strictSame(rows, ['1a', '1b', '2a', '2b'])
})

t.test('a transform can be a step of stream-chain', async (t) => {
  const rows = await through(
    [record('1', { a: 'x' })],
    chain([flowNodeEvents(), (row: Row) => row['flowNodeName']]) as unknown as NodeJS.ReadWriteStream,
  )
  t.strictSame(rows, ['A', 'B'])
})

t.test('CSV is the same from flat rows of flattenVariables and from records', async (t) => {
  const records = [record('1', { a: 'x', b: '' }), record('2', { a: 'y', b: '"' })]
  const rows = await through(records, flattenVariables())
  t.equal(await encodeCsv(rows), await encodeCsv(records))
  t.equal(await encodeCsv(rows, { naming: 'plain' }), await encodeCsv(records, { naming: 'plain' }))
})

t.test('one source can feed an encoder of instances and an encoder of events', async (t) => {
  const source = Readable.from([record('1'), record('2')])
  const instances: Buffer[] = []
  const events: Buffer[] = []
  const into = (chunks: Buffer[]) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    })
  await Promise.all([
    pipeline(source, toCsv({ columns: ['processInstanceId'] }), into(instances)),
    pipeline(source, flowNodeEvents(), toCsv({ columns: ['flowNodeInstanceId'] }), into(events)),
  ])
  t.equal(Buffer.concat(instances).toString(), 'processInstanceId\n1\n2\n')
  t.equal(Buffer.concat(events).toString(), 'flowNodeInstanceId\n1a\n1b\n2a\n2b\n')
})

t.test('an event log has columns for the case, the activity, its start and its end', async (t) => {
  const rows = await through([record('1')], flowNodeEvents())
  t.equal(
    (await encodeRecords(rows, toCsv())).toString(),
    'processInstanceId,flowNodeInstanceId,flowNodeName,startDate,endDate\n' +
      '1,1a,A,2021-12-02T17:00:00.000+0000,\n' +
      '1,1b,B,2021-12-02T17:00:01.000+0000,\n',
  )
})

t.test('a file without rows has the columns that the transform knows', async (t) => {
  const noEvents = { processInstanceId: '1', variables: { a: 'x' } }
  const csv = async (records: readonly object[], transform: Transform) => {
    const sink = new Collector()
    await pipeline(Readable.from(records), transform, toCsv(), sink)
    return sink.bytes.toString()
  }
  const header = 'processInstanceId,flowNodeInstanceId,flowNodeName,startDate,endDate,variable:a\n'
  for (const records of [[], [noEvents]])
    t.equal(await csv(records, flowNodeEvents({ fields: ['variable:a'] })), header)
  t.equal(await csv([], flattenVariables({ pick: ['variable:a', 'duration'], naming: 'plain' })), 'a,duration\n')
  t.match(await csv([], flattenVariables()), /^processDefinitionKey,.*,tenantId\n$/)
})
