// "Complete" means that every record of the report was emitted once. For any answers of a server, an export that cannot be
// sure of that is an error.
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { exportStream, type ExportError, type ExportOptions } from '../../lib/index.js'
import { createInstancesWithIds, startScripted, type ScriptedAnswer } from '../support/servers/scripted-server.js'

type Script = Parameters<typeof startScripted>[1]

async function run(t: Test, script: Script, options: Partial<ExportOptions> = {}) {
  const server = await startScripted(t, script)
  const source = exportStream({ ...server.options, ...options })
  const restarts: string[] = []
  source.on('restart', ({ reason }) => restarts.push(reason))
  const records: Record<string, unknown>[] = []
  let error: ExportError | undefined
  try {
    for await (const record of source) records.push(record)
  } catch (thrown) {
    error = thrown as ExportError
  }
  const ids = records.map((record) => record['processInstanceId'])
  const asked = server.receivedRequests.map(({ at }) => at)
  return { ids, records, error, restarts, asked, stats: source.stats }
}

const cut: ScriptedAnswer = { status: 502 }

t.test('a new search that promises fewer records, even none, is not complete', async (t) => {
  for (const smaller of [
    createInstancesWithIds(),
    createInstancesWithIds('a'),
    createInstancesWithIds('a', 'b', 'c'),
  ]) {
    const { ids, error, stats, restarts, asked } = await run(t, (search, page) => {
      if (search === 1) return page === 1 ? { total: 9, data: createInstancesWithIds('a', 'b', 'c') } : cut
      return { total: smaller.length, data: smaller }
    })
    t.strictSame(ids, ['a', 'b', 'c'])
    t.match(error, { code: 'ERR_INCOMPLETE', records: 3, page: 1 })
    t.match(error!.message, `expected a total of at least 9, as in an earlier search, got ${smaller.length}`)
    t.match(error!.message, /gave up after 3 restarts/)
    t.match(stats, { complete: false, endedBy: 'error', records: 3, total: 9, restarts: 3 })
    t.match(inspect(stats), /records: 3,[^]* total: 9,[^]* restarts: 3,/, 'console.log prints the figures')
    t.equal(restarts.length, 3)
    t.strictSame(asked, ['1.1', '1.2', '2.1', '3.1', '4.1'])
  }
})

t.test('a total that is too small for some time costs a restart and a pause of maxDelay', async (t) => {
  const started = Date.now()
  const { ids, error, stats } = await run(
    t,
    (search, page) => {
      if (search === 1) return page === 1 ? { total: 4, data: createInstancesWithIds('a', 'b') } : cut
      return search === 2
        ? { total: 1, data: createInstancesWithIds('a') }
        : { total: 4, data: createInstancesWithIds('b', 'a', 'd', 'c') }
    },
    { retry: { minDelay: 0, maxDelay: 200 } },
  )
  t.equal(error, undefined)
  t.strictSame(ids, ['a', 'b', 'd', 'c'])
  t.match(stats, { complete: true, records: 4, total: 4, restarts: 2, duplicates: 2 })
  t.ok(Date.now() - started >= 200)
})

t.test('a total that a later page of a failed search raised is the minimum from then on', async (t) => {
  const { error } = await run(
    t,
    (_, page) =>
      page === 1 ? { total: 3, data: createInstancesWithIds('a') } : { total: 5, data: createInstancesWithIds('b') },
    { maxRestarts: 1 },
  )
  t.match(error, { code: 'ERR_INCOMPLETE', message: /a total of at least 5, .*, got 3/ })
})

t.test('a new search without a record that was received before is not complete', async (t) => {
  const { ids, error, stats } = await run(
    t,
    (search, page) => {
      if (search === 1) return page === 1 ? { total: 3, data: createInstancesWithIds('a', 'b') } : cut
      return { total: 3, data: createInstancesWithIds('b', 'c', 'd') }
    },
    { maxRestarts: 2 },
  )
  t.strictSame(ids, ['a', 'b', 'c', 'd'])
  t.match(error, { code: 'ERR_INCOMPLETE' })
  t.match(error!.message, /expected the 4 records that were received before, got 3 of them/)
  t.match(stats, { complete: false, records: 4, total: 3, restarts: 2 })
})

t.test('maxRecords does not hide that a search lacks records', async (t) => {
  const script: Script = (search, page) => {
    if (search === 1) return page === 1 ? { total: 4, data: createInstancesWithIds('a', 'b') } : cut
    return page === 1
      ? { total: 4, data: createInstancesWithIds('x', 'y') }
      : { total: 4, data: createInstancesWithIds('z') }
  }
  const exact = await run(t, script, { maxRecords: 4, maxRestarts: 1 })
  t.strictSame(exact.ids, ['a', 'b', 'x', 'y'])
  t.match(exact.stats, { complete: false, endedBy: 'maxRecords' })
  const ended = await run(t, (search, page) => (page === 2 ? { total: 4, data: [] } : script(search, page, {})), {
    maxRecords: 4,
    maxRestarts: 1,
  })
  t.match(ended.error, { code: 'ERR_INCOMPLETE', message: /expected 4 records in all, got 2/ })
  t.equal(ended.stats.complete, false)
})

t.test('a total that changes between two pages is not accepted', async (t) => {
  for (const total of [3, 5]) {
    const { ids, error } = await run(
      t,
      (_, page) =>
        page === 1
          ? { total: 4, data: createInstancesWithIds('a', 'b') }
          : { total, data: createInstancesWithIds('c', 'd') },
      { recovery: 'fail' },
    )
    t.strictSame(ids, ['a', 'b'])
    t.match(error, { code: 'ERR_INCOMPLETE', page: 2 })
    t.match(error!.message, `expected the total to stay 4, got ${total}`)
  }
})

const kindsOfIds: [string, unknown[]][] = [
  ['texts', ['1', 'true', 'null', '\u00001']],
  ['numbers', [1, 2.5, -3, 0]],
  ['booleans', [true, false, 'true', 'false']],
  ['objects', [{ a: 1 }, { a: 2 }, { a: { b: [] } }, {}]],
  ['arrays', [[], [1], ['1'], [[1]]]],
  ['a mixture that looks alike', ['1', 1, '\u00001', '"1"']],
]

for (const [name, all] of kindsOfIds) {
  t.test(`ids that are ${name} tell records apart, and a page that comes twice is noticed`, async (t) => {
    const pages = [all.slice(0, 2), all.slice(2)]
    const good = await run(t, (_, page) => ({ total: 4, data: createInstancesWithIds(...pages[page - 1]!) }))
    t.strictSame(good.ids, all)
    t.match(good.stats, { complete: true, records: 4, duplicates: 0 })
    const twice = await run(t, () => ({ total: 4, data: createInstancesWithIds(...pages[0]!) }), { recovery: 'fail' })
    t.strictSame(twice.ids, pages[0])
    t.match(twice.error, { code: 'ERR_INCOMPLETE' })
    const restarted = await run(t, (search, page) =>
      search === 1 && page === 2 ? cut : { total: 4, data: createInstancesWithIds(...pages[page - 1]!) },
    )
    t.strictSame(restarted.ids, all)
    t.match(restarted.stats, { complete: true, restarts: 1, duplicates: 2 })
  })
}

t.test('integers beyond 2^53 are distinct ids', async (t) => {
  const texts = ['9007199254740993', '9007199254740992', '"9007199254740993"']
  const data = texts.map((text) => `{"processInstanceId":${text}}`).join(',')
  const body = `{"numberOfRecordsInResponse":3,"totalNumberOfRecords":3,"data":[${data}]}`
  const source = exportStream({
    baseUrl: 'http://optimize.test',
    reportId: 'r',
    accessToken: 'demo',
    fetch: async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
  })
  t.strictSame(
    (await source.toArray()).map((record: Record<string, unknown>) => record['processInstanceId']),
    [9007199254740993n, 9007199254740992n, '9007199254740993'],
  )
  t.match(source.stats, { complete: true, records: 3 })
})

const withoutId = [
  { processInstanceId: null, v: 1 },
  { processInstanceId: null, v: 2 },
  { processInstanceId: null, v: 3, big: 1.5 },
  { v: 1, decisionless: true },
]

t.test('records without an id are compared by their content: a page that comes twice is noticed', async (t) => {
  const pages = [withoutId.slice(0, 2), withoutId.slice(2)]
  const good = await run(t, (_, page) => ({ total: 4, data: pages[page - 1]! }))
  t.equal(good.error, undefined)
  t.strictSame(good.records, withoutId)
  const twice = await run(t, () => ({ total: 4, data: pages[0]! }))
  t.strictSame(twice.records, pages[0])
  t.match(twice.error, {
    code: 'ERR_INCOMPLETE',
    message: /records without an id; \d+ records left out as a copy of another one$/,
  })
  t.match(twice.stats, { complete: false, restarts: 0 })
})

t.test('records without an id in a search that has to skip others are an error before they are emitted', async (t) => {
  const { ids, error, stats } = await run(t, (search, page) => {
    if (search === 1) return page === 1 ? { total: 4, data: createInstancesWithIds('a', 'b') } : cut
    return { total: 4, data: [...createInstancesWithIds('a', 'b'), ...withoutId.slice(0, 2)] }
  })
  t.strictSame(ids, ['a', 'b'])
  t.match(error, { code: 'ERR_INCOMPLETE', message: /a record has no processInstanceId/ })
  t.match(stats, { complete: false, records: 2 })
})

t.test('a report that is not raw has one answer, and its cursor is not used', async (t) => {
  const { error, asked } = await run(t, () => ({ total: 3, data: 7 as unknown as unknown[] }), { recovery: 'fail' })
  t.match(error, { code: 'ERR_INCOMPLETE' })
  t.strictSame(asked, ['1.1'])
})
