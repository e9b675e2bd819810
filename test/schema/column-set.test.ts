import t from 'tap'
import { ColumnSet } from '../../lib/schema/column-set.js'
import { createSelection, type FlattenOptions } from '../../lib/schema/selection.js'
import type { Row } from '../../lib/shared/types.js'
import { catchError } from '../support/catch-error.js'

const setOf = (options: FlattenOptions = {}, singleColumnFields?: string[]) =>
  new ColumnSet(createSelection('toCsv', options), singleColumnFields)
const idsOf = (columns: readonly { id: string }[]) => columns.map(({ id }) => id)

t.test('a record with the keys of the previous one adds no column', async (t) => {
  const set = setOf()
  t.strictSame(idsOf(set.discover({ a: 1, b: 2 })), ['a', 'b'])
  t.strictSame(set.discover({ a: 3, b: 4 }), [])
})

t.test('a late column is found, whatever the order of the keys', async (t) => {
  const keys = ['a', 'b', 'c', 'd']
  for (const [at, late] of keys.entries()) {
    for (const order of [keys, keys.toReversed(), [...keys.slice(at), ...keys.slice(0, at)]]) {
      const set = setOf()
      set.discover(Object.fromEntries(keys.filter((key) => key !== late).map((key) => [key, 1])))
      t.strictSame(idsOf(set.discover(Object.fromEntries(order.map((key) => [key, 1])))), [late])
    }
  }
})

t.test('a late nested column is found, also if the number of keys is the same', async (t) => {
  const set = setOf()
  set.discover({ processInstanceId: '1', variables: { a: '', b: '' } })
  t.strictSame(idsOf(set.discover({ processInstanceId: '2', variables: { a: '', c: '' } })), ['variable:c'])
})

t.test('keys in another order, or fewer keys, add no column', async (t) => {
  const set = setOf()
  set.discover({ a: 1, b: 2, variables: { x: '', y: '' } })
  t.strictSame(set.discover({ b: 2, a: 1, variables: { y: '', x: '' } }), [])
  t.strictSame(set.discover({ b: 2 }), [])
  t.strictSame(set.discover({ b: 2, a: 1, variables: { y: '' } }), [])
})

t.test('a nested field that is null at first gets its columns when it has a value', async (t) => {
  const set = setOf()
  t.strictSame(idsOf(set.discover({ processInstanceId: '1', variables: null })), ['processInstanceId'])
  t.strictSame(idsOf(set.discover({ processInstanceId: '1', variables: { a: '' } })), ['variable:a'])
  t.strictSame(set.discover({ processInstanceId: '1', variables: null }), [])
})

t.test('a nested field that becomes a text is one column, returned once', async (t) => {
  const set = setOf()
  set.discover({ processInstanceId: '1', variables: { a: '' } })
  t.strictSame(idsOf(set.discover({ processInstanceId: '1', variables: 'none' })), ['variables'])
  t.strictSame(set.discover({ processInstanceId: '1', variables: 'none' }), [])
  const { read } = set.getOrderedColumns().find(({ id }) => id === 'variables')!
  t.equal(read({ variables: 'none' }), 'none')
  t.equal(read({ variables: { a: '' } }), undefined)
})

t.test('a nested field in a single column has the selected keys; a text in its place does not change', async (t) => {
  const [column] = setOf({ omit: ['variable:a'] }, ['variables']).discover({ variables: { a: '1', b: '2' } })
  t.strictSame(column!.read({ variables: { a: '1', b: '2' } }), { b: '2' })
  t.equal(column!.read({ variables: 'none' }), 'none')
})

t.test('columns are grouped as in the download of Optimize, whatever the order of the records', async (t) => {
  const set = setOf()
  set.discover({ processInstanceId: '1', variables: { b: '' }, unknown: 1 })
  set.discover({ processInstanceId: '1', flowNodeDurations: { s: { value: 1 } }, variables: { a: '' }, endDate: null })
  set.discover({ processInstanceId: '1', processDefinitionKey: 'p', counts: { incidents: 1 }, variables: {} })
  t.strictSame(idsOf(set.getOrderedColumns()), [
    'processDefinitionKey',
    'processInstanceId',
    'endDate',
    'count:incidents',
    'dur:s',
    'variable:b',
    'variable:a',
    'unknown',
  ])
})

t.test('columns of flat rows keep their own order', async (t) => {
  const set = setOf()
  set.discover({ z: 1, startDate: 2, a: 3 })
  set.discover({ m: 1, z: 1 })
  t.strictSame(idsOf(set.getOrderedColumns()), ['z', 'startDate', 'a', 'm'])
})

t.test('declared columns keep their order, and a record with the same columns adds none', async (t) => {
  const set = setOf()
  for (const [rank, id] of ['b', 'variable:x', 'a'].entries()) set.add(id, rank)
  t.strictSame(set.discover({ a: 1, b: 2, variables: { x: '' } }), [])
  t.strictSame(idsOf(set.getOrderedColumns()), ['b', 'variable:x', 'a'])
})

t.test('a column reads its cell from nested and from flat records', async (t) => {
  const column = setOf().add('variable:amount')
  t.equal(column.read({ variables: { amount: '12' } }), '12')
  t.equal(column.read({ 'variable:amount': '13' }), '13')
  t.equal(column.read({ variables: { other: '' }, 'variable:amount': '14' }), '14')
  t.equal(column.read({ variables: { amount: null } }), null)
  t.equal(column.read({ variables: {} }), undefined)
  t.equal(column.read({ variables: null }), undefined)
})

t.test('inherited properties are not cells', async (t) => {
  const set = setOf()
  const row: Row = {}
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    t.equal(set.add(name).read(row), undefined, name)
    t.equal(set.add(`variable:${name}`).read({ variables: {} }), undefined, name)
  }
  t.strictSame(set.discover(Object.create({ inherited: 1 }) as Row), [])
})

t.test('a nested field of singleColumnFields is one column', async (t) => {
  const set = setOf({}, ['variables'])
  t.strictSame(idsOf(set.discover({ processInstanceId: '1', variables: { a: '' }, counts: { incidents: 1 } })), [
    'processInstanceId',
    'count:incidents',
    'variables',
  ])
  t.strictSame(set.discover({ processInstanceId: '1', variables: { b: '' }, counts: { incidents: 1 } }), [])
  const [flat] = set.discover({ processInstanceId: '1', variables: {}, counts: {}, 'variable:a': 'flat' })
  t.equal(flat?.read({ 'variable:a': 'flat' }), 'flat')
  t.equal(flat?.read({ variables: { a: 'in the map' } }), undefined, 'a flat column does not read the nested field')
})

t.test('columns are selected by their prefixed names, and the naming gives their names in the output', async (t) => {
  const set = setOf({ naming: 'plain', pick: ['a', 'variable:b'], omit: ['a'] })
  const columns = set.discover({ a: 1, c: 2, variables: { b: '', d: '' } })
  t.strictSame(
    columns.map(({ id, name }) => [id, name]),
    [['variable:b', 'b']],
  )
})

t.test('two columns with the same name are a collision; the message has both', async (t) => {
  const set = setOf({ naming: 'plain' })
  set.discover({ processInstanceId: '1', variables: { amount: '' } })
  t.match(
    catchError(() => set.discover({ processInstanceId: '1', inputVariables: { amount: { value: '' } } })),
    {
      code: 'ERR_COLUMN_COLLISION',
      message:
        'toCsv: columns "variable:amount" and "input:amount" would have the same name, "amount"; use naming or omit to tell them apart',
    },
  )
})

t.test('a flat and a nested cell for one column in the same record are a collision', async (t) => {
  t.match(
    catchError(() => setOf().discover({ 'variable:a': 1, variables: { a: 2 } })),
    {
      code: 'ERR_COLUMN_COLLISION',
      message:
        /columns "variable:a" and "variable:a" would have the same name, "variable:a"; omit would leave out both, so rename one in a transform/,
    },
  )
})
