import t from 'tap'
import { describeValue } from '../../lib/shared/describe-value.js'
import * as rule from '../../lib/shared/options.js'

const resolve = <T extends object>(rules: rule.Rules<T>, given: unknown) => rule.resolveOptions<T>('f', given, rules)
const parse = <T>(tested: rule.Rule<T>, value: unknown) => tested.parse(value, { where: 'f', option: 'x' })
const listAccepted = <T>(tested: rule.Rule<T>, values: unknown[]) =>
  values.filter((value) => parse(tested, value) !== undefined)

t.test('every option is in the result, whether it was given or not, and the result is frozen', async (t) => {
  const rules = { a: rule.optional(rule.text), b: rule.withDefault(rule.boolean, false), c: rule.anyText }
  const resolved = resolve<{ a: string | undefined; b: boolean; c: string }>(rules, { c: '' })
  t.strictSame(resolved, { a: undefined, b: false, c: '' })
  t.ok(Object.isFrozen(resolved))
})

t.test('an object without a prototype is a plain object, an instance of a class is not', async (t) => {
  t.strictSame(resolve({ a: rule.text }, Object.assign(Object.create(null) as object, { a: 'x' })), { a: 'x' })
  t.ok(rule.isPlainObject({}))
  for (const value of [null, undefined, [], new Date(), new Map(), 'x', () => 1]) t.notOk(rule.isPlainObject(value))
})

t.test('`__proto__` in JSON is an unknown option', async (t) => {
  t.throws(() => resolve({ a: rule.optional(rule.text) }, JSON.parse('{"__proto__":1}')), {
    option: '__proto__',
    message: 'f: __proto__: unknown option, expected one of a',
  })
})

t.test('the message suggests the most similar name, or lists all names if none is similar', async (t) => {
  const rules = {
    delimiter: rule.optional(rule.text),
    header: rule.optional(rule.boolean),
    headers: rule.optional(rule.boolean),
    eol: rule.optional(rule.text),
  }
  const getMessage = (name: string) => {
    try {
      return resolve(rules, { [name]: 1 })
    } catch (error) {
      return (error as Error).message
    }
  }
  t.equal(getMessage('HEADER_'), 'f: HEADER_: unknown option, did you mean header')
  t.equal(getMessage('delimeters'), 'f: delimeters: unknown option, did you mean delimiter')
  t.equal(getMessage('ol'), 'f: ol: unknown option, did you mean eol')
  t.equal(getMessage('something'), 'f: something: unknown option, expected one of delimiter, header, headers, eol')
})

t.test('the message for a missing option has its name', async (t) => {
  t.throws(() => resolve({ a: rule.text }, {}), { message: 'f: a: expected a non-empty string, got nothing' })
})

t.test('a nested object is resolved by its own rules, with dotted names', async (t) => {
  const rules = { inner: rule.nested<{ n: number }>({ n: rule.withDefault(rule.integer(1), 7) }) }
  t.strictSame(resolve(rules, { inner: {} }), { inner: { n: 7 } })
  t.ok(Object.isFrozen(resolve(rules, { inner: {} }).inner))
  t.throws(() => resolve(rules, { inner: { n: 0 } }), {
    message: 'f: inner.n: expected an integer of at least 1, got 0',
  })
  t.throws(() => resolve(rules, { inner: 'x' }), { message: 'f: inner: expected an object of n, got "x"' })
  t.throws(() => rule.resolveOptions('f', 1, {}, 'inner'), { message: 'f: inner: expected an object, got 1' })
})

t.test('integers are safe, whole and in range', async (t) => {
  const values = [0, 1, 2, 3, 1.5, -1, NaN, Infinity, '1', 1n, null, 2 ** 53, [1]]
  t.strictSame(listAccepted(rule.integer(1, 2), values), [1, 2])
  t.strictSame(listAccepted(rule.integer(1), values), [1, 2, 3])
  t.equal(rule.integer(1, 2).expected, 'an integer from 1 to 2')
  t.equal(rule.integer(1).expected, 'an integer of at least 1')
})

t.test('the rules for texts and booleans accept no other types', async (t) => {
  const values = ['', 'x', 0, 1, true, false, null, new String('x')]
  t.strictSame(listAccepted(rule.text, values), ['x'])
  t.strictSame(listAccepted(rule.anyText, values), ['', 'x'])
  t.strictSame(listAccepted(rule.boolean, values), [true, false])
})

t.test('the message of oneOf lists the choices', async (t) => {
  t.equal(rule.oneOf('a').expected, "'a'")
  t.equal(rule.oneOf('a', 'b').expected, "'a' or 'b'")
  t.equal(rule.oneOf('a', 'b', 'c').expected, "'a', 'b' or 'c'")
  t.strictSame(listAccepted(rule.oneOf('a', 'b'), ['a', 'b', 'c', 'A', 0, ['a']]), ['a', 'b'])
})

t.test('names are distinct strings, copied and frozen', async (t) => {
  const given = ['b', 'a']
  const names = parse(rule.names, given)
  t.strictSame(names, ['b', 'a'])
  t.not(names, given)
  t.ok(Object.isFrozen(names))
  t.strictSame(listAccepted(rule.names, [['a', 'a'], [1], 'a', null, { length: 0 }]), [])
  t.strictSame(parse(rule.names, []), [])
})

t.test('a record of strings is copied and frozen', async (t) => {
  const given = { a: 'b' }
  const strings = parse(rule.stringRecord, given)
  t.strictSame(strings, given)
  t.not(strings, given)
  t.ok(Object.isFrozen(strings))
  t.strictSame(listAccepted(rule.stringRecord, [{ a: 1 }, ['a'], null, 'a', new Map()]), [])
})

t.test('either accepts what the first or the second rule accepts', async (t) => {
  const tested = rule.either(rule.integer(1), rule.oneOf('all'))
  t.equal(tested.expected, "an integer of at least 1 or 'all'")
  t.strictSame(listAccepted(tested, [1, 'all', 0, 'x']), [1, 'all'])
})

t.test('the rules for a function, an agent, a signal and a URL accept only such values', async (t) => {
  const agent = { addRequest: () => undefined }
  const signal = AbortSignal.abort()
  const values = [() => 1, agent, signal, 'x', null, 1, {}]
  t.strictSame(listAccepted(rule.callable('a function'), values), [values[0]])
  t.strictSame(listAccepted(rule.agent, values), [agent])
  t.strictSame(listAccepted(rule.signal, values), [signal])
  t.strictSame(
    ['http://a', 'https://a/b?c#d', new URL('http://a'), 'ws://a', 'http://u@a', 'http://:p@a', 'a', 1, null].map(
      (value) => parse(rule.httpUrl, value)?.href,
    ),
    ['http://a/', 'https://a/b?c#d', 'http://a/', ...Array<undefined>(6).fill(undefined)],
  )
})

t.test('a value is described in one short line', async (t) => {
  for (const [value, text] of [
    ['a\n"b"', '"a\\n\\"b\\""'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    [null, 'null'],
    [undefined, 'nothing'],
    [1.5, '1.5'],
    [true, 'true'],
    [12n, '12n'],
    [[1, 2], 'an array'],
    [{ a: 1 }, 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
  ] as const)
    t.equal(describeValue(value), text)
})

t.test('no message contains the value of a secret option', async (t) => {
  const rules = { key: rule.secret(rule.oneOf('a')) }
  t.throws(() => resolve(rules, { key: 'sesame' }), { message: "f: key: expected 'a', got a string" })
  t.throws(() => resolve(rules, { key: '' }), { message: "f: key: expected 'a', got an empty string" })
  t.throws(() => resolve(rules, { key: ['sesame'] }), { message: "f: key: expected 'a', got an array" })
  t.throws(() => resolve(rules, { key: null }), { message: "f: key: expected 'a', got null" })
})
