import type { ValueType } from '../../lib/schema/types/column-type.js'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import {
  inferTypeOfTexts,
  inferTypeOfValues,
  isCanonicalNumber,
  getTextSignature,
  getValueSignature,
} from '../../lib/schema/types/infer-type.js'
import type { Cell } from '../../lib/shared/types.js'
import { runs, seed } from '../support/property.js'

const text = (expected: string, ...cells: Cell[]) =>
  t.equal(inferTypeOfTexts(cells), expected, cells.map(String).join())

t.test('only canonical integers within 2^53 make an int64 of text', (t) => {
  text('int64', '0', '-1', '42', '9007199254740991', '-9007199254740991')
  text('string', '9007199254740992')
  text('string', '-9007199254740992')
  text('string', '12345678901234567890')
  for (const other of ['007', '+5', '-0', '1e5', '1_000', ' 1', '1 ', '0x10', '１', '1.']) text('string', '1', other)
  t.end()
})

t.test('only decimals that a double writes back make a double of text', (t) => {
  text('double', '12.5', '100.0', '-0.0', '50.0', '12345678.1234567', '0.30000000000000004', '100000000000000000000.0')
  text('double', '1.5', '2', '')
  for (const other of [
    '1.10',
    '-1.50',
    '1.00',
    '.5',
    '01.5',
    '+1.5',
    '1.5e3',
    '1.0E7',
    '1,5',
    '12345678901234567.5',
    '0.1234567890123456789',
    '9007199254740993.0',
    '0.0000001',
    'NaN',
    'Infinity',
  ])
    text('string', '1.5', other)
  t.end()
})

t.test('versions are text, and so are two ways to write one number', (t) => {
  text('string', '1.1', '1.10', '1.100')
  text('string', '2', '2.0')
  text('string', '2', '1.5', '3.0')
  text('double', '2.0', '1.5')
  t.end()
})

t.test('only true and false make a boolean of text', (t) => {
  text('boolean', 'true', 'false', true)
  for (const other of ['True', 'TRUE', 'yes', '1', 't']) text('string', 'true', other)
  t.end()
})

t.test('only dates as the API writes them make a timestamp of text', (t) => {
  text(
    'timestamp',
    '2021-12-02T17:21:49.330+0200',
    '2021-12-02T17:21:49.330+02:00',
    '2021-12-02T17:21:49.330Z',
    new Date(),
  )
  for (const other of ['2021-12-02', '2021-12-02T17:21:49Z', '2021-13-02T17:21:49.330Z', '0'])
    text('string', '2021-12-02T17:21:49.330Z', other)
  t.end()
})

t.test('null, missing and empty cells have no type signature, and without signatures the type is text', (t) => {
  text('int64', null, '', undefined, '1')
  text('string', null, '', undefined)
  text('string')
  t.end()
})

t.test('cells that are not text have the signature of their text', (t) => {
  text('int64', 1, '2')
  text('double', 1.5, 2)
  text('string', 2n ** 60n, '1')
  text('string', ['1'], '1')
  text('string', { a: 1 })
  t.end()
})

t.test('cells of different types are text', (t) => {
  text('string', 'true', '1')
  text('string', '1', '1.5', 'true')
  t.end()
})

t.test('a plain number is one that a double writes back, whole numbers also with .0', (t) => {
  for (const number of ['0', '12', '-1.5', '0.000001', '100.0', '-0.0']) t.ok(isCanonicalNumber(number), number)
  for (const other of ['007', '1e5', '9007199254740993', '1.5.5', 'abc', '', '-1.50', '100.00', '-0', '00.0'])
    t.notOk(isCanonicalNumber(other), other)
  t.end()
})

const value = (expected: ValueType, ...cells: Cell[]) => t.strictSame(inferTypeOfValues(cells), expected)

t.test('JSON numbers are doubles, unless a bigint among integers shows that they are not', (t) => {
  value('double', 1, 2, null)
  value('double', 1.5, 2, undefined)
  value('double', Number.MAX_VALUE)
  value('int64', 2n ** 60n, 1)
  value('int64', -(2n ** 63n), 2n ** 63n - 1n)
  value('string', 2n ** 63n)
  value('string', -(2n ** 63n) - 1n, 1)
  value('string', 2n ** 60n, 1.5)
  t.end()
})

t.test('booleans and Dates have their types, strings and mixtures are text', (t) => {
  value('boolean', true, false, null)
  value('timestamp', new Date(0), null)
  value('string', 'a', 'true')
  value('string', true, 1)
  value('string', 1, '')
  value('string', [], 1)
  value('string', { a: 1 }, 'a')
  value('string', null, undefined)
  value('string')
  t.end()
})

t.test('arrays of one kind of scalar are lists', (t) => {
  value({ list: 'string' }, ['a'], [], [null], null)
  value({ list: 'double' }, [1, 2.5], [3])
  value({ list: 'int64' }, [1, null], [3])
  value({ list: 'int64' }, [1, 2n ** 60n])
  value({ list: 'boolean' }, [true])
  value('json', [1], ['a'])
  value('json', [true, 1])
  value('json', [[1]])
  value('json', [2n ** 70n])
  value('json', [], [null])
  t.end()
})

t.test('objects with the same keys and scalar values are structs, also in lists', (t) => {
  value(
    {
      struct: [
        { name: 'a', type: 'double' },
        { name: 'b', type: 'string' },
      ],
    },
    { a: 1, b: 'x' },
    { b: null, a: 2.5 },
  )
  value({ struct: [{ name: 'a', type: 'int64' }] }, { a: 1 }, { a: null }, { a: -2 })
  value({ list: { struct: [{ name: 'a', type: 'int64' }] } }, [{ a: 1 }, { a: 2n ** 60n }])
  value({ list: { struct: [{ name: 'a', type: 'string' }] } }, [{ a: 'x' }, null], [], [{ a: null }])
  value({ struct: [{ name: 'a', type: 'string' }] }, { a: null })
  value('json', { a: 1 }, { b: 1 })
  value('json', { a: 1 }, { a: 1, b: 1 })
  value('json', { a: 1 }, { a: 'x' })
  value('json', { a: { b: 1 } })
  value('json', { a: [1] })
  value('json', {})
  value('json', [{ a: 1 }, 1])
  value('json', [{ a: 1 }, { b: 1 }])
  value('json', { a: 1 }, [1])
  t.end()
})

t.test('a key that objects inherit is not taken for one they have', (t) => {
  value('json', { constructor: 'x' }, { a: 'x' })
  value({ struct: [{ name: '__proto__', type: 'string' }] }, JSON.parse('{"__proto__":"x"}') as Cell)
  t.end()
})

t.test(`cells that say the same need only one of them to infer from (seed ${seed})`, (t) => {
  const scalar = fc.constantFrom<Cell>(
    null,
    '',
    'x',
    '12',
    '1.5',
    '2.0',
    'true',
    '2021-12-02T17:21:49.330+0200',
    1,
    1.5,
    true,
    9n,
  )
  const object = fc.dictionary(
    fc.constantFrom('a', 'b', '__proto__'),
    fc.oneof(scalar, fc.constant([1]), fc.constant({ c: 1 })),
  )
  const deep = fc.constant(JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as Cell)
  const cell = fc.oneof(scalar, object, fc.array(fc.oneof(scalar, object, fc.constant([]))), {
    arbitrary: deep,
    weight: 1,
  })
  fc.assert(
    fc.property(fc.array(cell as fc.Arbitrary<Cell>), (cells) => {
      const one = (getSignature: (cell: Cell) => string) => {
        const signatures = cells.map(getSignature)
        return cells.filter((_, at) => signatures.indexOf(signatures[at]!) === at)
      }
      return (
        isDeepStrictEqual(inferTypeOfValues(one(getValueSignature)), inferTypeOfValues(cells)) &&
        isDeepStrictEqual(inferTypeOfTexts(one(getTextSignature)), inferTypeOfTexts(cells))
      )
    }),
    runs(1000),
  )
  t.end()
})
