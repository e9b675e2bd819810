// Names of variables that a database cannot store: with U+0000, or with half of a surrogate pair.
import t from 'tap'
import { compareReport, type LoadOptions, type Naming } from '../../lib/index.js'
import type { PostgresOptions } from '../../lib/destinations/postgres/index.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { createInstance } from '../support/loads/instances.js'
import {
  createDuckdbTarget,
  createPostgresTarget,
  loadFromFake,
  preparePostgres,
} from '../support/loads/load-targets.js'

const { postgres, skip } = await preparePostgres()

const steps = [{ id: 'f', name: 'A', startDate: null, endDate: null }]
const createData = (variables: Record<string, unknown>) => [
  createInstance('a', { variables, flowNodeInstances: steps }),
]

t.test('a name that PostgreSQL cannot store', { skip }, async (t) => {
  const target = await createPostgresTarget(postgres)
  const load = (
    variables: Record<string, unknown>,
    options: Partial<LoadOptions> = {},
    invalidText?: PostgresOptions['invalidText'],
  ) => loadFromFake(target.into({ invalidText }), { data: createData(variables) }, options)

  await t.test('is an error that shows the name, and what to do', async (t) => {
    for (const [name, shown] of [
      ['a\0b', 'variable:a\\u0000b'],
      ['\ud800', 'variable:\\ud800'],
    ] as const)
      for (const options of [
        {},
        { naming: 'prefixed' },
        { events: { table: 'steps', fields: [`variable:${name}`] }, omit: [`variable:${name}`] },
        { columns: ['processInstanceId', `variable:${name}`] },
      ] as Partial<LoadOptions>[])
        await t.rejects(load({ [name]: '1' }, options), {
          code: 'ERR_CELL_TYPE',
          message: `postgres: column "${shown}": expected a name that PostgreSQL can store, got one with U+0000 or half of a surrogate pair; use invalidText: 'replace', or omit the column`,
        })
    await t.rejects(load({}, { columns: ['processInstanceId', 'variable:\0'] }), { code: 'ERR_CELL_TYPE' })
    t.match(await load({ 'a\0b': '1' }, { omit: ['variable:a\0b'], table: 'omitted' }), { rows: 1 })
  })

  await t.test("is stored with U+FFFD if invalidText is 'replace', also by the next load", async (t) => {
    const variables = { 'a\0b': '007', '\ud800': '1.5', '': '2' }
    const fields = ['variable:a\0b', 'variable:\ud800']
    for (const [index, naming] of (
      ['snake', 'prefixed', 'plain', (id: string) => `\0${id}`] as readonly Naming[]
    ).entries()) {
      const table = `orders_${index}`
      const options = { table, naming, events: { table: `steps_${index}`, fields } }
      const first = await load(variables, options, 'replace')
      t.match(
        first.schema.filter(({ source }) => source.startsWith('variable:')).map(({ source, type }) => [source, type]),
        [
          ['variable:a\ufffdb', 'string'],
          ['variable:\ufffd', 'double'],
          ['variable:', 'int64'],
        ],
      )
      const { changes, schema } = await load({ ...variables, 'a\0b': '1' }, { ...options, mode: 'merge' }, 'replace')
      t.strictSame(changes, [], 'the same columns')
      t.strictSame(schema, first.schema)
      const name = schema.find(({ source }) => source === 'variable:a\ufffdb')!.name
      for (const each of [table, `steps_${index}`])
        t.strictSame(await target.query(`SELECT "${name}" AS v FROM ${each}`), [{ v: '1' }], each)
    }
    t.strictSame(await target.query(`SELECT "variable:a\ufffdb" AS v, "variable:\ufffd" AS w FROM orders_1`), [
      { v: '1', w: 1.5 },
    ])
  })

  await t.test("is stored with U+FFFD if invalidText is 'replace', also if no record has it", async (t) => {
    const columns = ['processInstanceId', 'variable:a\0b', 'variable:none\0']
    const options = { table: 'listed', naming: 'prefixed', columns } as const
    await load({ 'a\0b': '1' }, options, 'replace')
    t.strictSame(await target.query('SELECT "variable:a\ufffdb" AS v, "variable:none\ufffd" AS w FROM listed'), [
      { v: 1, w: null },
    ])
    const fake = await startFakeOptimize({ data: createData({ 'a\0b': '1.5' }) })
    t.teardown(() => fake.close())
    const source = { baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token }
    t.match(await compareReport({ source, into: target.into({ invalidText: 'replace' }), ...options }), {
      changes: [{ kind: 'type-changed', subject: 'variable:a\ufffdb' }],
      problem: undefined,
    })
    await t.rejects(load({ 'a\0': '1', 'a\ud800': '2' }, {}, 'replace'), {
      code: 'ERR_COLUMN_COLLISION',
      message:
        'loadReport: columns "variable:a\\u0000" and "variable:a\\ud800" would have the same name, "variable:a\ufffd"; use omit to leave one out',
    })
  })
})

t.test('DuckDB stores such a name with U+FFFD', async (t) => {
  const target = createDuckdbTarget()
  t.teardown(() => target.close())
  const load = (options: Partial<LoadOptions>) =>
    loadFromFake(target.into(), { data: createData({ 'a\0b': '007', '\ud800': '1.5' }) }, options)
  for (const naming of ['snake', 'prefixed'] as const) {
    const options = { table: naming, naming, events: { table: `${naming}_steps`, fields: ['variable:a\0b'] } }
    const { schema } = await load(options)
    t.strictSame((await load(options)).changes, [])
    const name = schema.find(({ source }) => source === 'variable:a\ufffdb')!.name
    for (const table of [naming, `${naming}_steps`])
      t.strictSame(await target.query(`SELECT "${name}" AS v FROM ${table}`), [{ v: '007' }], table)
  }
  t.strictSame(await target.query('SELECT "variable:\ufffd" AS v FROM prefixed'), [{ v: 1.5 }])
})
