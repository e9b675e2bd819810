// compareReport() and `inspect --compare`: what a load would change, without loading.
import { existsSync } from 'node:fs'
import t from 'tap'
import { program } from '../../lib/cli/program.js'
import { compareReport, loadReport, type CompareOptions, type LoadOptions } from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { runCommand } from '../support/command/command-line.js'
import { createInstance, createInstances } from '../support/loads/instances.js'
import { createDuckdbTarget, loadFromFake, preparePostgres, type TestDatabase } from '../support/loads/load-targets.js'

const { testBoth } = await preparePostgres()
t.setTimeout(400_000)

async function withSource<T>(
  server: FakeOptimizeOptions,
  work: (source: LoadOptions['source']) => Promise<T>,
): Promise<T> {
  const fake = await startFakeOptimize(server)
  try {
    return await work({ baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token })
  } finally {
    await fake.close()
  }
}

const load = (target: TestDatabase, server: FakeOptimizeOptions, options: Partial<LoadOptions> = {}) =>
  withSource(server, (source) => loadReport({ source, into: target.into(), table: 'orders', ...options }))

const compare = (target: TestDatabase, server: FakeOptimizeOptions, options: Partial<CompareOptions> = {}) =>
  withSource(server, (source) =>
    compareReport({ source: { ...source, ...options.source }, into: target.into(), table: 'orders', ...options }),
  )

const node = { id: '1', name: 'x', startDate: '2024-05-31T06:11:26.123+0000', endDate: null }

testBoth('a comparison finds the changes that a load would report, and writes nothing', async (t, target) => {
  t.match(await compare(target, { data: createInstances(3, 1) }), {
    last: undefined,
    kind: 'process',
    total: 3,
    sample: 3,
    changes: [],
    problem: undefined,
  })
  const before = [
    ...createInstances(9, 1),
    createInstance('x', { variables: { old: '1', amount: '1' }, flowNodeInstances: [node] }),
  ]
  const events = 'steps'
  const { id } = await load(target, { data: before }, { events })
  const data = [
    createInstance('y', { variables: { new: 'x', amount: '1.5' }, flowNodeInstances: [node] }),
    { ...createInstance('z'), processDefinitionId: 'order:2' },
    ...createInstances(8, 1),
  ]
  const found = await compare(target, { data }, { events })
  t.match(found, { last: { id, rowsInTable: 10 }, total: 10, sample: 10, problem: undefined })
  const foundChanges = found.changes.map(({ kind, subject }) => [kind, subject])
  t.strictSame(foundChanges, [
    ['column-appeared', 'variable:new'],
    ['type-changed', 'variable:amount'],
    ['definition-appeared', 'order:2'],
    ['column-vanished', 'variable:old'],
  ])
  const loaded = await load(target, { data }, { events, dryRun: true })
  const loadChanges = loaded.changes.map(({ kind, subject }) => [kind, subject])
  t.strictSame(foundChanges.toSorted(), loadChanges.toSorted(), 'the same changes as in a load')
  t.strictSame(await target.query('SELECT count(*) AS n FROM _optimize_loads'), [{ n: 1 }])
  t.match(await compare(target, { data }, { events, schemaChanges: 'freeze' }), {
    problem: { code: 'ERR_SCHEMA_CHANGE', message: /variable_amount.*\(and 1 more change\)|variable_new/ },
  })
  t.match(await compare(target, { data: data.slice(0, 2) }, { events }), {
    problem: { code: 'ERR_SUSPICIOUS_LOAD' },
  })
  t.match(await compare(target, { data: [] }, { events }), {
    kind: 'empty',
    problem: { code: 'ERR_SUSPICIOUS_LOAD' },
  })
  t.match(await compare(target, { report: 'map', records: 10 }), {
    problem: { message: /expected a report of the kind process/ },
    changes: [{ kind: 'kind-changed' }],
  })
  const { changes } = await compare(target, { data }, { events, columns: ['processInstanceId', 'variable:old'] })
  t.strictSame([...new Set(changes.map(({ kind }) => kind))], ['definition-appeared', 'column-vanished'])
  t.notOk(
    changes.some(({ subject }) => subject === 'variable:old'),
    'a listed column stays',
  )
})

testBoth(
  'a column of the table that gets another type is a change, also if the last load lacked it',
  async (t, target) => {
    const instance = (d?: string) => createInstance('a', { variables: { z: '1', ...(d === undefined ? {} : { d }) } })
    const describe = ({ changes }: { changes: readonly { kind: string; message: string }[] }) =>
      changes.map(({ kind, message }) => (kind === 'type-changed' ? message : kind))
    for (const [index, [from, value, other]] of (
      [
        ['int64', '1', 'x'],
        ['timestamp', '2024-01-01T00:00:00.000+0000', 'never'],
        ['boolean', 'true', 'maybe'],
      ] as const
    ).entries()) {
      const options = { table: `orders_${index}` }
      await load(target, { data: [instance(value)] }, options)
      await load(target, { data: [instance()] }, options)
      const data = [instance(other)]
      const expected = ['column-appeared', `the column variable:d was ${from} and is now string`]
      t.strictSame(describe(await compare(target, { data }, options)), expected)
      t.strictSame(describe(await load(target, { data }, options)), expected)
      t.strictSame(describe(await load(target, { data }, options)), [], 'reported once')
    }

    const options = { table: 'parts', mode: 'append' } as const
    const part = (value: string) => ({ data: [instance(value), createInstance('b')] })
    const onlyFirst = { ...options, source: { maxRecords: 1 } }
    await loadFromFake(target.into(), part('1'), onlyFirst)
    const changed = ['the column variable:d was int64 and is now double']
    t.strictSame(describe(await compare(target, part('1.5'), options)), changed, 'no complete load')
    t.strictSame(describe(await loadFromFake(target.into(), part('1.5'), onlyFirst)), changed)

    await target.query('CREATE TABLE own (process_instance_id text, variable_d bigint)')
    const own = await load(target, { data: [instance('x')] }, { table: 'own' })
    t.strictSame(describe(own), ['the column variable:d was int64 and is now string'], 'a table of the user')
  },
)

t.test('a report without definitions is compared too', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await load(target, { report: 'map', records: 5 })
  t.match(await compare(target, { report: 'map', records: 5 }), { kind: 'map', changes: [], problem: undefined })
})

t.test('the totals of two reports of one table are not compared', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await load(target, { data: createInstances(9, 1) }, { mode: 'merge' })
  const data = createInstances(2, 1)
  const options = { mode: 'merge' } as const
  t.strictSame((await compare(target, { data, reportId: 'other' }, options)).changes, [])
  t.match((await compare(target, { data }, options)).changes, [{ kind: 'fewer-rows' }])
})

t.test('a type that has no effect is a warning', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const data = [createInstance('a', { variables: { amount: '1.50' } })]
  await load(target, { data }, { inferTypes: false })
  const warnings: string[] = []
  await compare(
    target,
    { data },
    {
      types: { 'variable:amount': 'decimal(18,2)' },
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    },
  )
  t.match(warnings, [/^types: the column "variable_amount" is .* has no effect/])
})

t.test('the message about a column that the sample lacks names the size of the sample', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const server = { data: [...createInstances(20, 1), createInstance('late', { variables: { late: '1' } })] }
  await load(target, server)
  const { changes, sample, total } = await withSource(server, (source) =>
    compareReport({ source: { ...source, maxRecords: 5 }, into: target.into(), table: 'orders' }),
  )
  t.strictSame([sample, total], [5, 21])
  t.strictSame(
    changes.map(({ message }) => message),
    ['none of the first 5 records has the column variable:late'],
  )
})

testBoth('a name that no record has is a problem with `strict`, unless only a sample was read', async (t, target) => {
  const data = createInstances(5, 1)
  const message = 'loadReport: omit: no record has "variable:none"'
  const options = { omit: ['variable:none'], strict: 'omit' } as const
  t.match(await compare(target, { data }, options), { problem: { code: 'ERR_UNMATCHED_NAME', message } })
  await t.rejects(load(target, { data }, options), { code: 'ERR_UNMATCHED_NAME', message })
  const two = { pick: ['variable:a', 'variable:b', 'startDate'], strict: true }
  t.match(await compare(target, { data }, two), {
    problem: { message: /"variable:a".*; pick: no record has "variable:b"/ },
  })
  t.match(await compare(target, { data }, { ...options, strict: false }), { problem: undefined })
  const sampled = await withSource({ data }, (source) =>
    compareReport({ source: { ...source, maxRecords: 4 }, into: target.into(), table: 'orders', ...options }),
  )
  t.match(sampled, { sample: 4, problem: undefined })
})

t.test('an abort and a wrong option are errors', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  await t.rejects(compare(target, { records: 1 }, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  await t.rejects(compare(target, { records: 1 }, { table: '' }), { code: 'ERR_OPTION' })
  await t.rejects(
    compare(
      target,
      { records: 1 },
      {
        naming: () => {
          throw new TypeError('x')
        },
      },
    ),
    { message: 'x' },
  )
  const { signal } = new AbortController()
  t.match(await compare(target, { records: 1 }, { signal }), { sample: 1 })
  t.notOk(existsSync(target.path), 'no file is created')
})

t.test('inspect --compare prints the changes', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const run = (server: FakeOptimizeOptions, ...argv: string[]) =>
    withSource(server, ({ baseUrl, reportId, accessToken }) =>
      runCommand(['inspect', '--report', reportId, '--compare', '--into', `duckdb:${target.path}`, ...argv], {
        env: { OPTIMIZE_URL: String(baseUrl), OPTIMIZE_TOKEN: accessToken as string },
      }),
    )
  const data = createInstances(10, 1)
  t.match(await run({ data }), { code: 2, stderr: /missing --table/ })
  t.match(await run({ data }, '--table', 'orders'), {
    code: 0,
    stdout: /^compared  main\.orders with nothing, because it has no complete load$/m,
  })
  await load(target, { data })
  t.match(await run({ data }, '--table', 'orders'), { stdout: /^changed   nothing, as far as these records show$/m })
  const more = [createInstance('a', { variables: { new: '1' } }), ...data]
  const text = await run({ data: more }, '--table', 'orders', '--limit', '5')
  t.match(text.stdout, /^compared  main\.orders with the load of 20\d\d-.*Z, after which the table had 10 rows$/m)
  t.match(text.stdout, /^total     the report has 11 records now$/m)
  t.match(text.stdout, /^changed   the report has a new column variable:new; it is variable_new, int64$/m)
  t.match(await run({ data: more }, '--table', 'orders', '--schema-changes', 'freeze'), {
    code: 0,
    stdout: /^a load would fail: table main\.orders: .*\(ERR_SCHEMA_CHANGE\)$/m,
  })
  for (const flags of [
    ['--omit', 'variable:none'],
    ['--pick', 'variable:none,variable:new', '--strict'],
  ]) {
    t.match(await run({ data: more }, '--table', 'orders', ...flags), {
      code: 0,
      stdout: /^a load would fail: loadReport: (omit|pick): no record has "variable:none".*\(ERR_UNMATCHED_NAME\)$/m,
    })
    t.match(await run({ data: more }, '--table', 'orders', '--limit', '5', ...flags), {
      code: 0,
      stdout: /^(?![\s\S]*a load would fail)/,
    })
  }
  const ofNightlyLoad = ['--mode', 'merge', '--delete-missing', 'soft', '--limit', '5', '--progress-interval', '1m']
  const incremental = ['--since', 'last', '--sorted-by', 'endDate', '--lookback', '7d']
  const rest = ['--dry-run', '--keep-files', `${t.testdir()}/kept`]
  const nightly = await run({ data: more }, '--table', 'orders', ...ofNightlyLoad, ...incremental, ...rest)
  t.equal(nightly.code, 0, 'flags without an effect are accepted')
  t.match(nightly.stdout, /^changed   the report has a new column variable:new;/m)
  t.notOk(existsSync(`${t.testdirName}/kept`))
  const json = await run({ data: more }, '--table', 'orders', '--json')
  t.match(JSON.parse(json.stdout), {
    kind: 'process',
    comparison: { last: { rowsInTable: 10 }, sample: 11, changes: [{ subject: 'variable:new' }] },
  })
})

t.test('inspect has every flag of load, and refuses those of the load without --compare', async (t) => {
  const listFlags = (command: string) =>
    program.commands.find(({ name }) => name === command)!.groups.flatMap(({ flags }) => flags.map(({ name }) => name))
  const known = listFlags('inspect')
  t.strictSame(
    listFlags('load').filter((name) => !known.includes(name)),
    [],
  )
  const env = { OPTIMIZE_URL: 'http://localhost', OPTIMIZE_TOKEN: 'x', OPTIMIZE_INTO: 'duckdb:x.duckdb' }
  for (const [flag, ...value] of [['--table', 'orders'], ['--dry-run'], ['--since', 'last'], ['--pick', 'id']] as const)
    t.match(await runCommand(['inspect', '--report', 'x', flag, ...value], { env }), {
      code: 2,
      stderr: `optimize-export: ${flag}: needs --compare\n`,
    })
})

t.test('inspect --all --compare reads the whole report', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const { stdout } = await withSource({ records: 1500 }, ({ baseUrl, reportId, accessToken }) =>
    runCommand(
      [
        'inspect',
        '--report',
        reportId,
        '--all',
        '--compare',
        '--json',
        '--table',
        'x',
        '--into',
        `duckdb:${target.path}`,
      ],
      { env: { OPTIMIZE_URL: String(baseUrl), OPTIMIZE_TOKEN: accessToken as string } },
    ),
  )
  t.match(JSON.parse(stdout), { records: 1500, comparison: { sample: 1500 } })
})
