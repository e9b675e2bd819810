// Unusual values and names: both databases store exactly those of the report.
import t from 'tap'
import { compareReport, loadReport, type LoadOptions } from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import type { PostgresOptions } from '../../lib/destinations/postgres/index.js'
import { catchRejection } from '../support/catch-error.js'
import { createInstance } from '../support/loads/instances.js'
import {
  createPostgresTarget,
  preparePostgres,
  loadFromFake,
  type TestDatabase,
} from '../support/loads/load-targets.js'

const { postgres, skip, testBoth } = await preparePostgres()
t.setTimeout(400_000)

const load = (
  target: TestDatabase,
  data: FakeOptimizeOptions['data'],
  options: Partial<LoadOptions> = {},
  destination: PostgresOptions = {},
) => loadFromFake(target.into(destination), { data }, options)

const texts = [
  '\\.',
  'a\n\\.\nb',
  '"',
  "'",
  ',',
  '\\N',
  '\\',
  'a\r\nb',
  '\t',
  '',
  ' ',
  'NULL',
  '日本語 😀',
  'é',
  '007',
  '1e5',
  '\u2028',
  'x'.repeat(5_000_000),
]

testBoth('texts come back as they are', async (t, target) => {
  const data = texts.map((businessKey, at) =>
    createInstance(String(at).padStart(2, '0'), { businessKey, variables: { text: businessKey } }),
  )
  await load(target, data)
  const rows = await target.query(
    'SELECT business_key AS a, variable_text AS b FROM orders ORDER BY process_instance_id',
  )
  t.ok(JSON.stringify(rows) === JSON.stringify(texts.map((text) => ({ a: text, b: text }))), 'each text')
})

testBoth('numbers, dates and nested values come back as they are', async (t, target) => {
  const flowNodeInstances = [{ id: 'n', name: 'a "b"', startDate: '2024-05-31T06:11:26.123+0000', endDate: null }]
  const data = [
    createInstance('a', {
      startDate: '0001-01-01T00:00:00.000+0000',
      endDate: '9999-12-31T23:59:59.999+0000',
      duration: '9223372036854775807',
      flowNodeInstances,
      variables: { decimal: '0.1', flag: 'true' },
    }),
    createInstance('b', { duration: '-9223372036854775808', variables: { decimal: '-12345.6789', flag: 'false' } }),
  ]
  await load(target, data)
  const select = `SELECT CAST(duration AS varchar) AS duration, CAST(variable_decimal AS varchar) AS d, variable_flag AS f,
    start_date = TIMESTAMP WITH TIME ZONE '0001-01-01 00:00:00+00' AS first, end_date = TIMESTAMP WITH TIME ZONE '9999-12-31 23:59:59.999+00' AS last
    FROM orders ORDER BY process_instance_id`
  t.strictSame(await target.query(select), [
    { duration: '9223372036854775807', d: '0.1', f: true, first: true, last: true },
    { duration: '-9223372036854775808', d: '-12345.6789', f: false, first: false, last: null },
  ])
  const nested = target.name === 'duckdb' ? 'flow_node_instances[1].name' : "flow_node_instances -> 0 ->> 'name'"
  t.strictSame(await target.query(`SELECT ${nested} AS name FROM orders WHERE process_instance_id = 'a'`), [
    { name: 'a "b"' },
  ])
  t.match(
    await load(target, data, { mode: 'merge' }),
    { inserted: 0, updated: 0 },
    'the same load again changes nothing',
  )
  const json = await load(
    target,
    [createInstance('a', { flowNodeInstances: [{ ...flowNodeInstances[0], extra: 'x' }] })],
    { maxLostShare: 1 },
  )
  t.equal(json.total, 1)
  t.match(JSON.stringify(await target.query('SELECT CAST(flow_node_instances AS varchar) AS j FROM orders')), /extra/)
  await load(target, [createInstance('a', { flowNodeInstances: 'text' })])
  t.match(await target.query('SELECT CAST(flow_node_instances AS varchar) AS j FROM orders'), [{ j: /text/ }])
})

const exact = { types: { 'variable:amount': 'decimal(12,2)', 'variable:due': 'date' } } as const

testBoth('decimals and days are exact, and a table keeps them', async (t, target) => {
  const values = ['0', '-0.05', '9999999999.99', '-9999999999.99', '10000', '1234.5', '0.1', '100000000']
  const days = [
    '0001-01-01',
    '1999-12-31',
    '2000-01-01',
    '1970-01-01',
    '9999-12-31',
    '2026-05-31T00:00:00.000+0200',
    '',
    '2024-02-29',
  ]
  const data = values.map((amount, at) => createInstance(String(at), { variables: { amount, due: days[at]! } }))
  const select =
    'SELECT CAST(variable_amount AS varchar) AS a, CAST(variable_due AS varchar) AS d FROM orders ORDER BY process_instance_id'
  const expected = values.map((amount, at) => ({
    a: Number(amount).toFixed(2),
    d: days[at] === '' ? null : days[at]!.slice(0, 10),
  }))
  const { schema } = await load(target, data, exact)
  t.match(
    schema.filter(({ source }) => source.startsWith('variable:')).map(({ type }) => type),
    ['decimal(12,2)', 'date'],
  )
  t.strictSame(await target.query(select), expected)
  t.strictSame((await load(target, data, exact)).changes, [])
  const merged = await load(target, data, { ...exact, mode: 'merge' })
  t.match(merged, { inserted: 0, updated: 0, changes: [] })
  t.strictSame((await load(target, data)).changes, [], 'without the option the table keeps its types')
  t.strictSame(await target.query(select), expected)
  const wider = await load(target, data, { types: { ...exact.types, 'variable:amount': 'decimal(14,4)' } })
  t.match(wider.changes, [{ kind: 'type-changed', message: /was decimal\(12,2\) and is now decimal\(14,4\)/ }])
  t.match(await target.query(select), [{ a: '0.0000' }, { a: '-0.0500' }, { a: '9999999999.9900' }])
  for (const [amount, described] of [
    ['0.001', '"0.001"'],
    ['x'.repeat(50), `"${'x'.repeat(39)}…`],
  ] as const) {
    const { code, message } = await catchRejection(
      load(target, [createInstance('x', { variables: { amount } })], { ...exact, maxLostShare: 1 }),
    )
    t.equal(code, 'ERR_CELL_TYPE')
    t.ok(message.endsWith(`: row 1: column "variable:amount": expected decimal(12,2), got ${described}`), message)
  }
})

testBoth('names stay distinct if they differ in case, are long, or are those of the load itself', async (t, target) => {
  const long = (last: string) => `${'long'.repeat(17)}${last}`
  const variables = {
    Amount: '1',
    amount: '2',
    'a b': '3',
    a_b: '4',
    ä: '5',
    [long('1')]: '6',
    [long('2')]: '7',
    load_id: '8',
  }
  const naming = (column: string) => column.replace(/^variable:/, '').replace('load_id', '_optimize_load_id')
  const { schema, changes } = await load(target, [createInstance('a', { variables })], { naming })
  const names = schema.map(({ name }) => name)
  t.equal(
    new Set(names.map((name) => (target.name === 'duckdb' ? name.toLowerCase() : name))).size,
    names.length,
    'distinct',
  )
  const shortened = changes.filter(({ kind }) => kind === 'name-shortened').map(({ subject }) => subject)
  t.strictSame(shortened.sort(), target.name === 'postgres' ? [`variable:${long('1')}`, `variable:${long('2')}`] : [])
  for (const { name, source } of schema.filter(({ source }) => source.startsWith('variable:'))) {
    const value = Number(variables[source.slice('variable:'.length) as keyof typeof variables])
    t.strictSame(await target.query(`SELECT "${name.replaceAll('"', '""')}" AS v FROM orders`), [{ v: value }], name)
  }
  const again = await load(target, [createInstance('a', { variables: { amount: '9' } })], { naming: 'snake' })
  t.equal(
    again.schema.find(({ source }) => source === 'variable:amount')!.name,
    schema.find(({ source }) => source === 'variable:amount')!.name,
    'a name once given stays',
  )
})

testBoth('a name that is shortened in the event table is a change', async (t, target) => {
  const variable = 'long'.repeat(18)
  const { changes } = await load(target, [createInstance('a', { variables: { [variable]: '1' } })], {
    omit: [`variable:${variable}`],
    events: { table: 'order_events', fields: [`variable:${variable}`] },
  })
  const messages = changes.map(({ message }) => message)
  t.equal(messages.length, target.name === 'postgres' ? 1 : 0)
  for (const message of messages)
    t.match(
      message,
      /^the name of the column variable:long\S+ in \S*order_events is longer than 63 bytes; it is variable_long/,
    )
})

testBoth('snake names that collide do not depend on the order', async (t, target) => {
  const { schema } = await load(target, [createInstance('a', { variables: { orderTotal: '1', order_total: '2' } })])
  const names = schema.filter(({ source }) => source.startsWith('variable:')).map(({ name }) => name)
  t.match(names, [/^variable_order_total_[0-9a-f]{6}$/, /^variable_order_total_[0-9a-f]{6}$/])
})

testBoth(
  'a type for a column that is text in the table is a warning with the statement that changes it',
  async (t, target) => {
    const warnings: string[] = []
    const onEvent: LoadOptions['onEvent'] = (event) => event.type === 'warning' && warnings.push(event.message)
    const types = { 'variable:amount': 'decimal(18,2)', 'variable:old': 'int64' } as const
    const data = ['12.50', '', '0.1'].map((amount, at) =>
      createInstance(String(at), { variables: { amount, old: String(at) } }),
    )
    await load(target, [createInstance('x', { variables: { amount: 'none', old: '1.5' } })])
    const options = { types, onEvent }
    t.match(await load(target, data, options), { total: 3, changes: [] })
    const table = target.name === 'duckdb' ? '"warehouse"."main"."orders"' : '"public"."orders"'
    const [text, double, numeric] =
      target.name === 'duckdb' ? ['VARCHAR', 'DOUBLE', 'DECIMAL(18,2)'] : ['text', 'double precision', 'numeric(18,2)']
    const statement = `ALTER TABLE ${table} ALTER COLUMN "variable_amount" TYPE ${numeric} USING CAST(NULLIF("variable_amount", '') AS ${numeric})`
    const amount = `types: the column "variable_amount" is ${text} in the table, so decimal(18,2) has no effect; to change it: ${statement}`
    t.strictSame([warnings.length, warnings[0]], [2, amount])
    t.match(
      warnings[1],
      `types: the column "variable_old" is ${double} in the table, so int64 has no effect; to change it: `,
    )
    const fake = await startFakeOptimize({ data })
    t.teardown(() => fake.close())
    const source = { baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token }
    await compareReport({ ...options, source, into: target.into(), table: 'orders' })
    t.strictSame(warnings.splice(2), warnings.splice(0), 'a comparison warns too')
    await load(target, data)
    t.strictSame(warnings, [], 'no warning without the option')
    await target.query(statement)
    t.match(await load(target, data, { ...options, types: { 'variable:amount': 'decimal(18,2)' } }), { total: 3 })
    t.strictSame(warnings, [])
    t.strictSame(
      await target.query('SELECT CAST(variable_amount AS varchar) AS a FROM orders ORDER BY process_instance_id'),
      [{ a: '12.50' }, { a: null }, { a: '0.10' }],
    )
  },
)

testBoth('the options columns, pick, omit, types, strict and inferTypes', async (t, target) => {
  const data = [createInstance('a', { variables: { amount: '1', secret: 'x' } })]
  const warnings: string[] = []
  const onEvent: LoadOptions['onEvent'] = (event) => event.type === 'warning' && warnings.push(event.message)
  const listed = await load(target, data, {
    columns: ['processInstanceId', 'variable:amount', 'variable:later'],
    types: { 'variable:later': 'double' },
    onEvent,
    table: 'a',
  })
  t.strictSame(
    listed.schema.map(({ name, type }) => [name, type]),
    [
      ['process_instance_id', 'string'],
      ['variable_amount', 'int64'],
      ['variable_later', 'double'],
    ],
  )
  t.match(warnings, [/variable:later/])
  await load(target, data, { columns: ['processInstanceId', 'variable:later'], table: 'a' })
  const text = await load(target, data, { omit: ['variable:secret'], inferTypes: false, table: 'b' })
  t.equal(text.schema.find(({ source }) => source === 'variable:amount')!.type, 'string')
  t.notOk(text.schema.some(({ source }) => source === 'variable:secret'))
  t.match(await load(target, data, { omit: ['flowNodeInstances'], events: 'steps', table: 'e' }), {
    rows: 1,
    events: 0,
  })
  await t.rejects(load(target, data, { omit: ['variable:secrets'], strict: 'omit', table: 'c' }), {
    code: 'ERR_UNMATCHED_NAME',
    message: /did you mean "variable:secret"/,
  })
  await t.rejects(load(target, data, { pick: ['processInstanceId', 'zzz'], strict: true, table: 'c' }), {
    code: 'ERR_UNMATCHED_NAME',
  })
  await load(target, data, { pick: ['processInstanceId', 'zzz'], strict: 'omit', table: 'c' })
  await t.rejects(load(target, data, { mode: 'merge', omit: ['processInstanceId'], table: 'd' }), {
    code: 'ERR_DESTINATION',
    message: /expected the column processInstanceId/,
  })
  await t.rejects(load(target, data, { types: { businessKey: 'int64', 'variable:secret': 'int64' } }), {
    code: 'ERR_CELL_TYPE',
    message: /variable:secret/,
  })
})

testBoth('new definitions, vanished definitions and columns that became empty are changes', async (t, target) => {
  await load(target, [createInstance('a', { businessKey: 'k' })])
  const { changes } = await load(target, [createInstance('a', { processDefinitionId: 'order:2' })])
  t.strictSame(
    changes.map(({ kind, subject }) => [kind, subject]),
    [
      ['column-emptied', 'businessKey'],
      ['definition-appeared', 'order:2'],
      ['definition-vanished', 'order:1'],
    ],
  )
  t.strictSame(
    JSON.parse(
      (
        await target.query(
          'SELECT CAST(changes AS varchar) AS c FROM _optimize_loads ORDER BY finished_at DESC LIMIT 1',
        )
      )[0]!['c'] as string,
    ),
    changes,
  )
})

testBoth('a load that maxRecords stops is not complete, and no later load is compared with it', async (t, target) => {
  const data = [createInstance('a'), createInstance('b')]
  const fake = await startFakeOptimize({ data })
  t.teardown(() => fake.close())
  const source = { baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token, maxRecords: 1 }
  t.match(await loadReport({ source, into: target.into(), table: 'orders' }), {
    complete: false,
    rows: 1,
    stats: { endedBy: 'maxRecords' },
  })
  t.match(await load(target, data), { complete: true, changes: [] })
})

t.test(
  'text that PostgreSQL cannot store is an error that names column and row, or is replaced',
  { skip },
  async (t) => {
    const target = await createPostgresTarget(postgres)
    const bad = ['a\0b', 'a\ud800b', 'a\udc00']
    for (const text of bad) {
      const data = [createInstance('a'), createInstance('b', { variables: { note: text } })]
      await t.rejects(
        load(target, data),
        { code: 'ERR_CELL_TYPE', message: /row 2: column "variable:note".*invalidText/ },
        JSON.stringify(text),
      )
      await t.rejects(load(target, data, { variables: 'json' }), {
        code: 'ERR_CELL_TYPE',
        message: /row 2: column "variables"/,
      })
    }
    const data = [createInstance('a', { variables: { note: 'a\0b\ud800c', escaped: '\\u0000', pair: '😀' } })]
    await load(target, data, {}, { invalidText: 'replace' })
    t.strictSame(await target.query('SELECT variable_note AS note, variable_pair AS pair FROM orders'), [
      { note: 'a\ufffdb\ufffdc', pair: '😀' },
    ])
    await load(target, data, { variables: 'json', table: 'j' }, { invalidText: 'replace' })
    t.strictSame(
      await target.query(
        "SELECT variables ->> 'note' AS note, variables ->> 'escaped' AS escaped, variables ->> 'pair' AS pair FROM j",
      ),
      [{ note: 'a\ufffdb\ufffdc', escaped: '\\u0000', pair: '😀' }],
    )
  },
)

testBoth('a row without an id is refused by a merge, and written by a replace', async (t, target) => {
  await t.rejects(
    load(target, [createInstance('a'), { ...createInstance('b'), processInstanceId: null }], { mode: 'merge' }),
    { code: 'ERR_DESTINATION', message: /1 rows? without one; use mode 'replace' or 'append'$/ },
  )
  await load(target, [createInstance('a'), { ...createInstance('b'), processInstanceId: null }])
  t.strictSame(await target.query('SELECT count(*) AS n FROM orders'), [{ n: 2 }])
})
