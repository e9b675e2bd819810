import fc from 'fast-check'
import { performance } from 'node:perf_hooks'
import t from 'tap'
import { getDigits } from '../../lib/shared/json/digits.js'
import { isJsonObject, parseJson, stringifyJson } from '../../lib/shared/json/json.js'
import { toPlainValue } from '../../lib/shared/json/json-text.js'
import { runs } from '../support/random/property.js'

const parse = (text: string) => parseJson(Buffer.from(text))

t.test('an integer that a double cannot hold is a bigint with all its digits', async (t) => {
  for (const [text, value] of [
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['123456789012345678901234567890', 123456789012345678901234567890n],
    ['1234567890123456', 1234567890123456],
  ] as const) {
    t.equal(parse(text), value, text)
    t.strictSame(parse(`[${text}]`), [value])
    t.strictSame(parse(`{"a":${text}}`), { a: value })
    t.strictSame(parse(`{"a" :\t${text} , "b":\r\n${text}\n}`), { a: value, b: value })
    t.strictSame(parse(`[0,${text},[1, ${text}]]`), [0, value, [1, value]])
  }
})

t.test('the position of the digits in the text does not matter', async (t) => {
  for (let blanks = 0; blanks < 40; blanks++) {
    t.strictSame(parse(`[${' '.repeat(blanks)}9007199254740993]`), [9007199254740993n])
    t.strictSame(parse(`["${'x'.repeat(blanks)}",9007199254740993]`), ['x'.repeat(blanks), 9007199254740993n])
  }
})

t.test('a number with a point or an exponent is a double, and so is -0', async (t) => {
  t.equal(parse('1e20'), 1e20)
  t.equal(parse('-0'), -0)
  t.strictSame(parse('[-0,9007199254740993]'), [-0, 9007199254740993n])
  t.strictSame(parse('[1e20,12345678901234567890.5,1.00000000000000000001,9007199254740993]'), [
    1e20,
    12345678901234567890.5,
    1,
    9007199254740993n,
  ])
})

t.test('digits in a string do not change, even if a bigint is beside the string', async (t) => {
  t.strictSame(parse('["9007199254740993","id 2251799813685249"]'), ['9007199254740993', 'id 2251799813685249'])
  t.strictSame(parse('{"2251799813685249":"9007199254740993","n":9007199254740993}'), {
    '2251799813685249': '9007199254740993',
    n: 9007199254740993n,
  })
  t.strictSame(parse('["a,2251799813685249999"]'), ['a,2251799813685249999'])
})

t.test('a long run of digits in a string takes little time', async (t) => {
  const digits = '7'.repeat(4_000_000)
  const startedAt = performance.now()
  t.equal((parse(`{"a":"${digits}"}`) as { a: string }).a.length, digits.length)
  t.ok(performance.now() - startedAt < 5000)
})

t.test('__proto__ is a key like others, with and without a bigint beside it', async (t) => {
  for (const number of ['1', '9007199254740993']) {
    const value = parse(`{"__proto__":{"polluted":true},"constructor":"c","n":${number}}`) as object
    t.strictSame(Object.keys(value), ['__proto__', 'constructor', 'n'])
    t.equal(Object.getPrototypeOf(value), Object.prototype)
    t.equal('polluted' in value, false)
  }
})

t.test('the last of two equal keys wins, with and without a bigint', async (t) => {
  t.strictSame(parse('{"a":1,"a":2}'), { a: 2 })
  t.strictSame(parse('{"a":1,"a":9007199254740993}'), { a: 9007199254740993n })
  t.strictSame(parse('{"a":9007199254740993,"a":2}'), { a: 2 })
})

t.test('text that is not JSON is a SyntaxError', async (t) => {
  for (const text of [
    '',
    '{',
    '[1,]',
    '{"a":1',
    'NaN',
    '01',
    '9007199254740993x',
    '[9007199254740993',
    '\ufeff1',
    "'a'",
  ])
    t.throws(() => parse(text), SyntaxError)
  t.throws(() => parse('\ufeff{}'), { message: /^the text begins with a byte order mark/ })
})

t.test('invalid UTF-8 is a SyntaxError, not a replacement character', async (t) => {
  t.throws(() => parseJson(Buffer.from([0x22, 0xc3, 0x28, 0x22])), new SyntaxError('invalid UTF-8'))
  t.throws(() => parseJson(Buffer.from('"ü"', 'latin1')), SyntaxError)
  t.throws(() => parseJson(Buffer.from('"é€"').subarray(0, 5)), SyntaxError)
})

t.test('null, an array and a Date are not JSON objects', async (t) => {
  t.strictSame([{}, Object.create(null), null, [], new Date(), 'x', 1, undefined].map(isJsonObject), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ])
})

t.test('stringifyJson and parseJson keep all integers', async (t) => {
  const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.bigInt({ min: 2n ** 53n }))
  const value = fc.array(fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string({ minLength: 1 }), leaf)))
  fc.assert(
    fc.property(value, (given) => {
      const text = stringifyJson(given)
      t.equal(stringifyJson(parse(text)), text)
    }),
    runs(300),
  )
})

t.test('a bigint is written with its digits', async (t) => {
  t.equal(
    stringifyJson({ a: [9007199254740993n], b: 1.5, c: 'x', d: undefined }),
    '{"a":[9007199254740993],"b":1.5,"c":"x"}',
  )
  t.equal(stringifyJson({ a: 1 }), '{"a":1}')
})

t.test('a value without JSON text is a TypeError', async (t) => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  t.throws(() => stringifyJson(undefined), new TypeError('a value without JSON text'))
  t.throws(() => stringifyJson(() => 1), TypeError)
  t.throws(() => stringifyJson(cyclic), TypeError)
  const own = new Error('my toJSON failed')
  const failing = {
    toJSON: () => {
      throw own
    },
  }
  t.throws(() => stringifyJson(failing), own)
})

t.test('the message of a SyntaxError does not quote the text', async (t) => {
  for (const text of ['{"searchRequestId":"sesame",}', 'sesame', '{"a":"sesame'])
    t.throws(() => parse(text), { name: 'SyntaxError', message: /^(?!.*sesame)/s })
})

t.test('a plain value has no methods toJSON and no wrappers, and keeps dates and digits', async (t) => {
  const url = new URL('http://localhost/')
  const date = new Date(0)
  const plain = { a: [1, { b: date }], ['__proto__']: null }
  t.equal(toPlainValue(plain, ''), plain, 'the same object')
  t.strictSame(toPlainValue({ a: [url, { b: date, c: Object(5) as unknown }] }, ''), {
    a: ['http://localhost/', { b: date, c: 5 }],
  })
  const parsed = parse('{"n":1.50,"__proto__":1}') as Record<string, unknown>
  const copy = toPlainValue({ list: [Object.assign(parsed, { url })] }, '') as { list: [typeof parsed] }
  t.not(copy.list[0], parsed)
  t.equal(getDigits(copy.list[0], 'n'), '1.50')
  t.ok(Object.hasOwn(copy.list[0], '__proto__'))
  for (const [value, path, message] of [
    [{ a: { b: () => 1 } }, '', 'a.b: expected a value that JSON can hold, got a function'],
    [Symbol('x'), 'v', 'v: expected a value that JSON can hold, got a symbol'],
  ] as const)
    t.throws(() => toPlainValue(value, path), { message })
})
