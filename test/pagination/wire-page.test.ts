import fc from 'fast-check'
import t from 'tap'
import { BodyFailure } from '../../lib/http/failure.js'
import { readPage } from '../../lib/pagination/wire-page.js'
import { toRecords } from '../../lib/pages/record-batch.js'
import { runs } from '../support/random/property.js'

const JSON_TYPE = 'application/json'
const answer = (body: string | Buffer, type: string | null = JSON_TYPE) => ({
  status: 200,
  headers: { get: (name: string) => (name === 'content-type' ? type : null) },
  body: Buffer.from(body),
  proxySuffix: '',
})
const read = (body: unknown) => readPage(answer(typeof body === 'string' ? body : JSON.stringify(body)))

const record = { processInstanceId: '1', tenantId: null, variables: { a: 'b' } }
const page = {
  searchRequestId: 'c==',
  numberOfRecordsInResponse: 1,
  totalNumberOfRecords: 11,
  reportId: 'r',
  data: [record],
}

/** Returns the failure of readPage for a body. */
function readFailure(body: unknown): { message: string; isBroken: boolean } {
  try {
    read(body)
  } catch (error) {
    if (error instanceof BodyFailure) return { message: error.message, isBroken: error.isBroken }
    throw error
  }
  return { message: 'none', isBroken: false }
}

t.test('a page has the records, the total, the cursor and the size of the answer', async (t) => {
  const body = JSON.stringify(page)
  t.strictSame(read(body), {
    records: [record],
    total: 11,
    cursor: 'c==',
    message: undefined,
    kind: 'process',
    bytes: body.length,
  })
})

t.test('the size is counted in bytes, not in characters', async (t) =>
  t.equal(read({ ...page, reportId: '€' }).bytes, JSON.stringify(page).length + 2),
)

t.test('a page whose cursor is missing, empty or null has no next page', async (t) => {
  for (const searchRequestId of [undefined, null, '']) t.equal(read({ ...page, searchRequestId }).cursor, undefined)
})

t.test('a page has the message of the server', async (t) => {
  t.equal(read({ ...page, message: 'All records are delivered' }).message, 'All records are delivered')
  t.equal(read({ ...page, message: null }).message, undefined)
  t.equal(read({ ...page, message: '' }).message, '')
})

t.test('the number of records may be absent, as in the oldest versions', async (t) => {
  t.equal(read({ ...page, numberOfRecordsInResponse: undefined }).records.length, 1)
})

t.test('the data of a page decides the kind of the report', async (t) => {
  const kind = (data: unknown, searchRequestId?: string) => {
    const count = data === undefined || data === null ? 0 : Array.isArray(data) ? data.length : 1
    return read({ searchRequestId, numberOfRecordsInResponse: count, totalNumberOfRecords: count, data }).kind
  }
  t.equal(kind([record], 'c'), 'process')
  t.equal(kind([record]), 'process')
  t.equal(kind([{ variables: {} }], 'c'), 'process')
  t.equal(kind([{ decisionInstanceId: 'd', processInstanceId: 'p' }], 'c'), 'decision')
  t.equal(kind([{ decisionInstanceId: 'd' }]), 'decision')
  t.equal(kind(1.5), 'number')
  t.equal(kind(0), 'number')
  t.equal(kind([{ key: 'a', value: 1, label: 'A' }]), 'map')
  t.equal(kind([{ key: 'a', value: null, label: 'A' }]), 'map')
  t.equal(kind([{ key: 'g', value: [{ key: 'd', value: 3, label: 'D' }], label: 'G' }]), 'hyperMap')
  t.equal(
    kind([
      { key: 'g', value: null },
      { key: 'h', value: [] },
    ]),
    'hyperMap',
  )
  for (const nothing of [[], null, undefined]) t.equal(kind(nothing, 'c'), 'empty')
  for (const nothing of [[], null, undefined]) t.equal(kind(nothing), 'empty')
})

t.test('a number report is one record, with all its digits', async (t) => {
  const number = (text: string) => read(`{"numberOfRecordsInResponse":1,"totalNumberOfRecords":1,"data":${text}}`)
  t.strictSame(number('1.0').records, [{ value: 1 }])
  t.strictSame(number('9007199254740993').records, [{ value: 9007199254740993n }])
  t.equal(number('9007199254740993').kind, 'number')
  t.strictSame(number('1e20').records, [{ value: 1e20 }])
})

t.test('records have the values of the server: unknown fields, null, long integers, digits in strings', async (t) => {
  const text =
    '{"processInstanceId":"2251799813685249","duration":9007199254740993,"neu":{"x":[1,null,-0]},"tenantId":null,"variables":{"n":"9007199254740993"}}'
  t.strictSame(read(`{"totalNumberOfRecords":1,"searchRequestId":"c","data":[${text}]}`).records, [
    {
      processInstanceId: '2251799813685249',
      duration: 9007199254740993n,
      neu: { x: [1, null, -0] },
      tenantId: null,
      variables: { n: '9007199254740993' },
    },
  ])
})

t.test('variables called __proto__ and constructor are read like other variables', async (t) => {
  for (const extra of ['1', '9007199254740993']) {
    const variables = '{"__proto__":"p","constructor":"c","toString":"t"}'
    const body = `{"totalNumberOfRecords":1,"data":[{"processInstanceId":"1","d":${extra},"variables":${variables}}]}`
    const found = toRecords(read(body).records)[0]!['variables'] as object
    t.strictSame(Object.entries(found), [
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['toString', 't'],
    ])
  }
})

t.test('the message for a wrong structure says where, what was expected and what came', async (t) => {
  for (const [body, message] of [
    ['[]', 'the body: expected an object, got an array'],
    ['null', 'the body: expected an object, got null'],
    ['7', 'the body: expected an object, got a number'],
    ['"text"', 'the body: expected an object, got a string'],
    ['true', 'the body: expected an object, got a boolean'],
    ['{}', 'totalNumberOfRecords: expected a whole number, got nothing'],
    [{ ...page, totalNumberOfRecords: -1 }, 'totalNumberOfRecords: expected a whole number, got a number'],
    [{ ...page, totalNumberOfRecords: 1.5 }, 'totalNumberOfRecords: expected a whole number, got a number'],
    [{ ...page, totalNumberOfRecords: '11' }, 'totalNumberOfRecords: expected a whole number, got a string'],
    [{ ...page, totalNumberOfRecords: null }, 'totalNumberOfRecords: expected a whole number, got null'],
    [
      '{"data":[],"totalNumberOfRecords":9007199254740993}',
      'totalNumberOfRecords: expected a whole number, got a bigint',
    ],
    [{ ...page, numberOfRecordsInResponse: '1' }, 'numberOfRecordsInResponse: expected a whole number, got a string'],
    [{ ...page, numberOfRecordsInResponse: null }, 'numberOfRecordsInResponse: expected a whole number, got null'],
    [{ ...page, searchRequestId: 7 }, 'searchRequestId: expected a string, got a number'],
    [{ ...page, searchRequestId: ['c'] }, 'searchRequestId: expected a string, got an array'],
    [{ ...page, message: {} }, 'message: expected a string, got an object'],
    [{ ...page, data: 'text' }, 'data: expected an array or a number, got a string'],
    [{ ...page, data: {} }, 'data: expected an array or a number, got an object'],
    [{ ...page, data: true }, 'data: expected an array or a number, got a boolean'],
    [{ ...page, data: [null] }, 'data[0]: expected an object, got null'],
    [{ ...page, data: [record, 1] }, 'data[1]: expected an object, got a number'],
    [{ ...page, data: [record, record, []] }, 'data[2]: expected an object, got an array'],
    [{ ...page, data: ['x'] }, 'data[0]: expected an object, got a string'],
  ] as const)
    t.strictSame(readFailure(body), { message, isBroken: false })
})

t.test('a page with fewer or more records than announced counts as truncated', async (t) => {
  for (const [count, got] of [
    [2, [record]],
    [0, [record]],
    [1, []],
    [1, null],
  ] as const) {
    t.strictSame(readFailure({ ...page, numberOfRecordsInResponse: count, data: got }), {
      message: `expected ${count} records as the answer announces, got ${got?.length ?? 0}`,
      isBroken: true,
    })
  }
})

t.test('a body that is not JSON is unreadable, and the message does not show it', async (t) => {
  const body = JSON.stringify(page)
  for (const bad of [
    '',
    ' ',
    '{"data":[',
    body.slice(0, -1),
    `${body}x`,
    '<html>sesame-text</html>',
    '{"data":[NaN]}',
    '\u0000',
  ])
    t.strictSame(readFailure(bad), {
      message: `the body is not valid JSON (${bad.length} bytes, possibly truncated)`,
      isBroken: true,
    })
})

t.test('invalid UTF-8 is unreadable, not a record with replacement characters', async (t) => {
  const body = Buffer.from(JSON.stringify({ ...page, data: [{ ...record, variables: { a: 'ü' } }] }))
  body[body.indexOf(0xc3) + 1] = 0x28
  t.throws(() => readPage(answer(body)), { name: 'Error', isBroken: true })
})

t.test('JSON is accepted with a JSON content type or without one, and refused with any other', async (t) => {
  const body = JSON.stringify(page)
  for (const type of ['application/problem+json', '', null, 'application/json;charset=UTF-8'])
    t.equal(readPage(answer(body, type)).total, 11)
  for (const type of ['text/html', 'TEXT/HTML; charset=utf-8', 'text/plain', 'application/octet-stream'])
    t.throws(() => readPage(answer(body, type)), {
      message: `expected JSON, got ${type.split(';')[0]!}`,
      isBroken: false,
    })
})

const DEEP = 100_000
t.test('a value that is nested 100,000 deep is read or refused, and never overflows the stack', async (t) => {
  const deep = `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`
  t.match(readFailure(deep), { message: 'the body: expected an object, got an array' })
  const body = (extra: string) =>
    `{"totalNumberOfRecords":1,"searchRequestId":"c","data":[{"processInstanceId":"1","x":${deep},"n":${extra}}]}`
  t.equal(read(body('1')).records.length, 1)
  t.match(readFailure(body('9007199254740993')), { isBroken: true })
  t.match(readFailure('{"data":'.repeat(DEEP)), { isBroken: true })
})

/** One way to damage a text. */
const mutation = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 6 }),
  insert: fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      'null',
      '-',
      '1e999',
      '9007199254740993',
      '__proto__',
      '\\u',
      '\ud800',
    ),
  ),
})

t.test('a damaged body becomes a page or a BodyFailure', async (t) => {
  const parameters = runs(4000)
  const bodies = [
    JSON.stringify(page),
    '{"numberOfRecordsInResponse":1,"totalNumberOfRecords":1,"data":1.0,"n":9007199254740993}',
    '{"totalNumberOfRecords":1,"message":"m","data":[{"key":"g","value":[{"key":"d","value":3}],"label":"G"}]}',
  ]
  let pages = 0
  let failures = 0
  const damaged = fc.tuple(fc.constantFrom(...bodies), fc.array(mutation, { minLength: 1, maxLength: 3 }))
  const property = fc.property(damaged, fc.boolean(), ([body, mutations], asLatin1) => {
    const text = mutations.reduce((before, { at, remove, insert }) => {
      const index = at % before.length
      return `${before.slice(0, index)}${insert}${before.slice(index + remove)} `
    }, body)
    try {
      const { records, total } = readPage(answer(Buffer.from(text, asLatin1 ? 'latin1' : 'utf8')))
      pages++
      return Array.isArray(records) && Number.isSafeInteger(total)
    } catch (error) {
      failures++
      return error instanceof BodyFailure
    }
  })
  const outcome = fc.check(property, parameters)
  t.notOk(outcome.failed, fc.defaultReportMessage(outcome) ?? `${parameters.numRuns} bodies`)
  t.equal(pages + failures, parameters.numRuns)
  const isMixed = pages > parameters.numRuns / 40 && failures > parameters.numRuns / 4
  t.ok(isMixed, `${pages} pages, ${failures} failures`)
})
