import type { ValueType } from '../../lib/schema/types/column-type.js'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import {
  inferTypeOfVariables,
  inferTypeOfValues,
  keepsTextAsNumber,
  getVariableSignature,
  getValueSignature,
} from '../../lib/schema/types/infer-type.js'
import type { Cell } from '../../lib/shared/types.js'
import { runs, seed } from '../support/random/property.js'

const checkTexts = (expected: string, ...cells: Cell[]) =>
  t.equal(inferTypeOfVariables(cells), expected, cells.map(String).join())

t.test('texts are int64 only if all are canonical integers within 2^53', (t) => {
  checkTexts('int64', '0', '-1', '42', '9007199254740991', '-9007199254740991')
  checkTexts('string', '9007199254740992')
  checkTexts('string', '-9007199254740992')
  checkTexts('string', '12345678901234567890')
  for (const other of ['007', '+5', '-0', '1e5', '1_000', ' 1', '1 ', '0x10', '１', '1.'])
    checkTexts('string', '1', other)
  t.end()
})

t.test('texts are double only if JavaScript writes each number with the same digits', (t) => {
  checkTexts(
    'double',
    '12.5',
    '100.0',
    '-0.0',
    '50.0',
    '12345678.1234567',
    '0.30000000000000004',
    '100000000000000000000.0',
  )
  checkTexts('double', '1.5', '2', '')
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
    checkTexts('string', '1.5', other)
  t.end()
})

t.test('version numbers are text, and so are whole numbers in two notations', (t) => {
  checkTexts('string', '1.1', '1.10', '1.100')
  checkTexts('string', '2', '2.0')
  checkTexts('string', '2', '1.5', '3.0')
  checkTexts('double', '2.0', '1.5')
  t.end()
})

t.test('texts are boolean only if all are true or false', (t) => {
  checkTexts('boolean', 'true', 'false', true)
  for (const other of ['True', 'TRUE', 'yes', '1', 't']) checkTexts('string', 'true', other)
  t.end()
})

t.test('texts are timestamps only if all are dates in the format of the API', (t) => {
  checkTexts(
    'timestamp',
    '2021-12-02T17:21:49.330+0200',
    '2021-12-02T17:21:49.330+02:00',
    '2021-12-02T17:21:49.330Z',
    new Date(),
  )
  for (const other of ['2021-12-02', '2021-12-02T17:21:49Z', '2021-13-02T17:21:49.330Z', '0'])
    checkTexts('string', '2021-12-02T17:21:49.330Z', other)
  t.end()
})

t.test('null, missing and empty cells do not count, and without other cells the type is text', (t) => {
  checkTexts('int64', null, '', undefined, '1')
  checkTexts('string', null, '', undefined)
  checkTexts('string')
  t.end()
})

t.test('inferTypeOfVariables accepts cells that are not text', (t) => {
  checkTexts('int64', 1, '2')
  checkTexts('double', 1.5, 2)
  checkTexts('string', 2n ** 60n, '1')
  checkTexts('string', ['1'], '1')
  checkTexts('string', { a: 1 })
  t.end()
})

t.test('cells of different types are text', (t) => {
  checkTexts('string', 'true', '1')
  checkTexts('string', '1', '1.5', 'true')
  t.end()
})

t.test('a number is canonical if JavaScript writes it with the same digits; a whole number may end with .0', (t) => {
  for (const number of ['0', '12', '-1.5', '0.000001', '100.0', '-0.0']) t.ok(keepsTextAsNumber(number), number)
  for (const other of ['007', '1e5', '9007199254740993', '1.5.5', 'abc', '', '-1.50', '100.00', '-0', '00.0'])
    t.notOk(keepsTextAsNumber(other), other)
  t.end()
})

const checkValues = (expected: ValueType, ...cells: Cell[]) => t.strictSame(inferTypeOfValues(cells), expected)

t.test('JSON numbers are doubles, but integers with a bigint among them are int64', (t) => {
  checkValues('double', 1, 2, null)
  checkValues('double', 1.5, 2, undefined)
  checkValues('double', Number.MAX_VALUE)
  checkValues('int64', 2n ** 60n, 1)
  checkValues('int64', -(2n ** 63n), 2n ** 63n - 1n)
  checkValues('string', 2n ** 63n)
  checkValues('string', -(2n ** 63n) - 1n, 1)
  checkValues('string', 2n ** 60n, 1.5)
  t.end()
})

t.test('booleans are boolean, Dates are timestamps, strings and mixtures are text', (t) => {
  checkValues('boolean', true, false, null)
  checkValues('timestamp', new Date(0), null)
  checkValues('string', 'a', 'true')
  checkValues('string', true, 1)
  checkValues('string', 1, '')
  checkValues('string', [], 1)
  checkValues('string', { a: 1 }, 'a')
  checkValues('string', null, undefined)
  checkValues('string')
  t.end()
})

t.test('arrays of one kind of scalar are lists', (t) => {
  checkValues({ list: 'string' }, ['a'], [], [null], null)
  checkValues({ list: 'double' }, [1, 2.5], [3])
  checkValues({ list: 'int64' }, [1, null], [3])
  checkValues({ list: 'int64' }, [1, 2n ** 60n])
  checkValues({ list: 'boolean' }, [true])
  checkValues('json', [1], ['a'])
  checkValues('json', [true, 1])
  checkValues('json', [[1]])
  checkValues('json', [2n ** 70n])
  checkValues('json', [], [null])
  t.end()
})

t.test('objects with the same keys and scalar values are structs, also in lists', (t) => {
  checkValues(
    {
      struct: [
        { name: 'a', type: 'double' },
        { name: 'b', type: 'string' },
      ],
    },
    { a: 1, b: 'x' },
    { b: null, a: 2.5 },
  )
  checkValues({ struct: [{ name: 'a', type: 'int64' }] }, { a: 1 }, { a: null }, { a: -2 })
  checkValues({ list: { struct: [{ name: 'a', type: 'int64' }] } }, [{ a: 1 }, { a: 2n ** 60n }])
  checkValues({ list: { struct: [{ name: 'a', type: 'string' }] } }, [{ a: 'x' }, null], [], [{ a: null }])
  checkValues({ struct: [{ name: 'a', type: 'string' }] }, { a: null })
  checkValues('json', { a: 1 }, { b: 1 })
  checkValues('json', { a: 1 }, { a: 1, b: 1 })
  checkValues('json', { a: 1 }, { a: 'x' })
  checkValues('json', { a: { b: 1 } })
  checkValues('json', { a: [1] })
  checkValues('json', {})
  checkValues('json', [{ a: 1 }, 1])
  checkValues('json', [{ a: 1 }, { b: 1 }])
  checkValues('json', { a: 1 }, [1])
  t.end()
})

t.test('an inherited property does not count as a key of an object', (t) => {
  checkValues('json', { constructor: 'x' }, { a: 'x' })
  checkValues({ struct: [{ name: '__proto__', type: 'string' }] }, JSON.parse('{"__proto__":"x"}') as Cell)
  t.end()
})

t.test(`one cell per type signature is enough to infer the type (seed ${seed})`, (t) => {
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
      const keepOnePerSignature = (getSignature: (cell: Cell) => string) => {
        const signatures = cells.map(getSignature)
        return cells.filter((_, at) => signatures.indexOf(signatures[at]!) === at)
      }
      return (
        isDeepStrictEqual(inferTypeOfValues(keepOnePerSignature(getValueSignature)), inferTypeOfValues(cells)) &&
        isDeepStrictEqual(inferTypeOfVariables(keepOnePerSignature(getVariableSignature)), inferTypeOfVariables(cells))
      )
    }),
    runs(1000),
  )
  t.end()
})
