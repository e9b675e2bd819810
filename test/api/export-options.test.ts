import http from 'node:http'
import t from 'tap'
import { OptionError } from '../../lib/shared/errors.js'
import { exportPages, exportStream } from '../../lib/index.js'
import { resolveExportOptions, type ExportOptions } from '../../lib/api/export-options.js'

const required = { baseUrl: 'https://optimize.example.com', reportId: 'r', accessToken: 'mySecret' }

/** Returns the message of the OptionError for these options. */
function getOptionMessage(
  options: object,
  make = (given: ExportOptions): unknown => resolveExportOptions('f', given),
): string {
  try {
    make({ ...required, ...options })
  } catch (error) {
    if (error instanceof OptionError) return error.message
    throw error
  }
  return 'no error'
}

const url = 'expected an http or https URL without user, query or hash, got a'
const id = 'expected the id of a report, or its address in the browser, got'
const token = 'expected a token of printable ASCII characters or a function, got'
const headers = 'expected an object of header names and values, without Authorization, got'
const header = 'expected a header name and a value that HTTP allows, and not Authorization; the header'
const any = 'an object'
const timer = 2 ** 31 - 1

/** Each option, invalid values for it, and the messages. */
const bad: readonly [option: string, value: unknown, says: string][] = [
  ['baseUrl', '', url.replace(/a$/, 'an empty string')],
  ['baseUrl', 'optimize.example.com', `${url} string`],
  ['baseUrl', 'ftp://example.com', `${url} string`],
  ['baseUrl', 'https://user@example.com', `${url} string`],
  ['baseUrl', 'https://:pass@example.com', `${url} string`],
  ['baseUrl', 'https://example.com?x=1', `${url} string`],
  ['baseUrl', 'https://example.com/#x', `${url} string`],
  ['baseUrl', 'https://example.com/#/report/r', 'expected the address of Optimize; leave out /#/ and what follows'],
  ['baseUrl', new URL('file:///x'), `${url} URL`],
  ['baseUrl', 7, `${url} number`],
  ['baseUrl', null, url.replace(/a$/, 'null')],
  ['reportId', '', `${id} ""`],
  ['reportId', '.', `${id} "."`],
  ['reportId', '..', `${id} ".."`],
  ['reportId', 'a\ud800', `${id} "a\\ud800"`],
  ['reportId', 7, `${id} 7`],
  ['reportId', null, `${id} null`],
  ['reportId', ['r'], `${id} an array`],
  ['accessToken', '', `${token} an empty string`],
  ['accessToken', 'Bearer ', `${token} a string`],
  ['accessToken', 'töken', `${token} a string`],
  ['accessToken', 'a\nb', `${token} a string`],
  ['accessToken', null, `${token} null`],
  ['accessToken', 7, `${token} a number`],
  ['accessToken', Promise.resolve('x'), `${token} a Promise`],
  ['tokenIn', 'body', `expected 'header' or 'query', got "body"`],
  ['tokenIn', true, `expected 'header' or 'query', got true`],
  ['limit', 0, 'expected an integer from 1 to 10000, got 0'],
  ['limit', 10_001, 'expected an integer from 1 to 10000, got 10001'],
  ['limit', 1.5, 'expected an integer from 1 to 10000, got 1.5'],
  ['limit', '10', 'expected an integer from 1 to 10000, got "10"'],
  ['limit', NaN, 'expected an integer from 1 to 10000, got NaN'],
  ['limit', 10n, 'expected an integer from 1 to 10000, got 10n'],
  ['paginationTimeout', 59, 'expected an integer of at least 60, got 59'],
  ['paginationTimeout', Infinity, 'expected an integer of at least 60, got Infinity'],
  ['maxPaginationTimeout', 59, 'expected an integer of at least 60, got 59'],
  ['maxPaginationTimeout', 119, 'expected at least paginationTimeout (120), got 119'],
  ['prefetch', -1, 'expected an integer from 0 to 1000, got -1'],
  ['prefetch', 1001, 'expected an integer from 0 to 1000, got 1001'],
  ['prefetch', true, 'expected an integer from 0 to 1000, got true'],
  ['timezone', '', 'expected the name of a time zone, or null, got ""'],
  ['timezone', 'UTC\r\nX: y', 'expected the name of a time zone, or null, got "UTC\\r\\nX: y"'],
  ['timezone', 'Berlin', 'unknown time zone "Berlin", did you mean Europe/Berlin'],
  ['timezone', 'utc', 'unknown time zone "utc", did you mean UTC'],
  ['timezone', 'europe/berlin', 'unknown time zone "europe/berlin", did you mean Europe/Berlin'],
  ['timezone', 'us/eastern', 'unknown time zone "us/eastern", did you mean US/Eastern'],
  ['timezone', 'ASIA/KOLKATA', 'unknown time zone "ASIA/KOLKATA", did you mean Asia/Kolkata'],
  ['timezone', 'EST', 'unknown time zone "EST", did you mean America/Panama'],
  ['timezone', 'IST', 'unknown time zone "IST", did you mean Asia/Calcutta'],
  ['timezone', 'Europe/Berln', 'unknown time zone "Europe/Berln", did you mean Europe/Berlin'],
  ['timezone', ' Europe/Berlin ', 'unknown time zone " Europe/Berlin ", did you mean Europe/Berlin'],
  ['timezone', 1, 'expected the name of a time zone, or null, got 1'],
  ['requestTimeout', 0, `expected an integer from 1 to ${timer}, got 0`],
  ['requestTimeout', 2 ** 31, `expected an integer from 1 to ${timer}, got ${2 ** 31}`],
  ['requestTimeout', Infinity, `expected an integer from 1 to ${timer}, got Infinity`],
  ['retry', 5, 'expected an object of attempts, minDelay, maxDelay, got 5'],
  ['retry', null, 'expected an object of attempts, minDelay, maxDelay, got null'],
  ['retry', [], 'expected an object of attempts, minDelay, maxDelay, got an array'],
  ['recovery', 'retry', `expected 'restart' or 'fail', got "retry"`],
  ['recovery', false, `expected 'restart' or 'fail', got false`],
  ['maxRestarts', -1, 'expected an integer of at least 0, got -1'],
  ['maxRestarts', Infinity, 'expected an integer of at least 0, got Infinity'],
  ['verifyTotal', 'yes', 'expected true or false, got "yes"'],
  ['maxRecords', 0, 'expected an integer of at least 1, got 0'],
  ['maxRecords', null, 'expected an integer of at least 1, got null'],
  ['maxPageBytes', 0, 'expected an integer from 1 to 1073741824, got 0'],
  ['maxPageBytes', 1024 ** 3 + 1, 'expected an integer from 1 to 1073741824, got 1073741825'],
  ['maxPageBytes', '1MB', 'expected an integer from 1 to 1073741824, got "1MB"'],
  ['headers', { Authorization: 'Bearer x' }, `${header} "Authorization" is wrong`],
  ['headers', { good: '1', 'bad name': 'x' }, `${header} "bad…" is wrong`],
  ['headers', { '': 'x' }, `${header} "" is wrong`],
  ['headers', { x: 'a\r\nb' }, `${header} "x" is wrong`],
  ['headers', { x: 1 }, 'expected text as the value of the header "x", got a number'],
  ['headers', { x: undefined }, 'expected text as the value of the header "x", got nothing'],
  ['headers', { 'Cookie: a=b': 'x' }, `${header} "Cookie…" is wrong`],
  [
    'headers',
    { 'X-Optimize-Client-Timezone': 'UTC' },
    'expected no header "X-Optimize-Client-Timezone"; use the option timezone',
  ],
  ['headers', new Map(), `${headers} a Map`],
  ['headers', [['x', 'y']], `${headers} an array`],
  ['agent', {}, `expected a node http(s) Agent, got ${any}`],
  ['agent', null, 'expected a node http(s) Agent, got null'],
  ['agent', 'agent', 'expected a node http(s) Agent, got "agent"'],
  ['fetch', 'fetch', 'expected a function, got "fetch"'],
  ['fetch', {}, `expected a function, got ${any}`],
  ['signal', { aborted: false }, `expected an AbortSignal, got ${any}`],
  ['signal', new AbortController(), 'expected an AbortSignal, got an AbortController'],
  ['highWaterMark', 0, 'expected an integer from 1 to 1000000, got 0'],
  ['highWaterMark', 1_000_001, 'expected an integer from 1 to 1000000, got 1000001'],
]

t.test('the message for a bad value says what was expected and what came', async (t) => {
  for (const [option, value, says] of bad) t.equal(getOptionMessage({ [option]: value }), `f: ${option}: ${says}`)
})

t.test('every option is in the table of bad values', async (t) => {
  t.strictSame(
    Object.keys(resolveExportOptions('f', required)).sort(),
    [...new Set(bad.map(([option]) => option))].sort(),
  )
})

t.test('the message for a bad value inside retry has its path', async (t) => {
  const says = (retry: object) => getOptionMessage({ retry })
  t.equal(says({ attempts: 0 }), 'f: retry.attempts: expected an integer of at least 1, got 0')
  t.equal(says({ minDelay: -1 }), `f: retry.minDelay: expected an integer from 0 to ${timer}, got -1`)
  t.equal(says({ maxDelay: 2 ** 31 }), `f: retry.maxDelay: expected an integer from 0 to ${timer}, got ${2 ** 31}`)
  t.equal(says({ attempt: 1 }), 'f: retry.attempt: unknown option, did you mean attempts')
})

t.test('a required option that is absent is refused, also as undefined', async (t) => {
  t.equal(getOptionMessage({ baseUrl: undefined }), `f: baseUrl: ${url.replace(/a$/, 'nothing')}`)
  t.equal(getOptionMessage({ reportId: undefined }), `f: reportId: ${id} nothing`)
  t.equal(getOptionMessage({ accessToken: undefined }), `f: accessToken: ${token} nothing`)
})

t.test('an unknown option is refused, with a similar name if there is one', async (t) => {
  for (const [given, meant] of [
    ['limits', 'limit'],
    ['reportID', 'reportId'],
    ['baseURL', 'baseUrl'],
    ['paginationTimeOut', 'paginationTimeout'],
    ['acessToken', 'accessToken'],
    ['timeZone', 'timezone'],
  ] as const)
    t.equal(getOptionMessage({ [given]: undefined }), `f: ${given}: unknown option, did you mean ${meant}`)
  t.match(getOptionMessage({ constructor: 1 }), /^f: constructor: unknown option, expected one of baseUrl, reportId, /)
  t.match(getOptionMessage(JSON.parse('{"x":1}') as object), /^f: x: unknown option, expected one of baseUrl, /)
})

t.test('options must be a plain object', async (t) => {
  for (const [given, got] of [
    [undefined, 'nothing'],
    [null, 'null'],
    [[], 'an array'],
    ['https://x', '"https://x"'],
    [new Date(), 'a Date'],
  ] as const) {
    t.throws(() => resolveExportOptions('f', given as unknown as ExportOptions), {
      name: 'OptionError',
      message: `f: options: expected an object, got ${got}`,
    })
  }
})

const defaults = {
  tokenIn: 'header',
  limit: 1000,
  paginationTimeout: 120,
  maxPaginationTimeout: 3600,
  prefetch: 0,
  timezone: 'UTC',
  requestTimeout: 120_000,
  retry: { attempts: 5, minDelay: 500, maxDelay: 30_000 },
  recovery: 'restart',
  maxRestarts: 3,
  verifyTotal: false,
  maxRecords: Infinity,
  maxPageBytes: 536_870_912,
  headers: {},
  agent: undefined,
  fetch: undefined,
  signal: undefined,
  highWaterMark: 16,
}

t.test('an option that is absent has its documented default, and so has one that is undefined', async (t) => {
  const undefineds = Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]))
  for (const given of [required, { ...required, ...undefineds }]) {
    const { baseUrl, ...rest } = resolveExportOptions('f', given)
    t.equal(baseUrl.href, 'https://optimize.example.com/')
    t.strictSame(rest, { reportId: 'r', accessToken: 'mySecret', ...defaults })
  }
})

t.test('fields of retry that are not given have their defaults', async (t) => {
  t.strictSame(resolveExportOptions('f', { ...required, retry: { attempts: 1 } }).retry, {
    attempts: 1,
    minDelay: 500,
    maxDelay: 30_000,
  })
  t.strictSame(resolveExportOptions('f', { ...required, retry: { minDelay: undefined } }).retry, defaults.retry)
})

t.test('the extremes of every range are accepted', async (t) => {
  for (const extreme of [
    { limit: 1, paginationTimeout: 60, prefetch: 0, requestTimeout: 1, maxRestarts: 0, maxRecords: 1, maxPageBytes: 1 },
    { limit: 10_000, prefetch: 1000, requestTimeout: timer, highWaterMark: 1_000_000, maxPaginationTimeout: 120 },
    { retry: { attempts: 1, minDelay: 0, maxDelay: 0 }, highWaterMark: 1 },
    { tokenIn: 'query', recovery: 'fail', timezone: null },
    { timezone: 'Europe/Berlin' },
    { timezone: 'US/Pacific' },
  ] as const)
    t.match(resolveExportOptions('f', { ...required, ...extreme }), extreme)
})

t.test('a paginationTimeout above the default maximum raises it; above a given maximum it is an error', async (t) => {
  t.equal(resolveExportOptions('f', { ...required, paginationTimeout: 7200 }).maxPaginationTimeout, 7200)
  t.ok(Object.isFrozen(resolveExportOptions('f', { ...required, paginationTimeout: 7200 })))
  t.equal(
    getOptionMessage({ paginationTimeout: 7200, maxPaginationTimeout: 3600 }),
    'f: maxPaginationTimeout: expected at least paginationTimeout (7200), got 3600',
  )
  t.equal(
    resolveExportOptions('f', { ...required, paginationTimeout: 60, maxPaginationTimeout: 60 }).maxPaginationTimeout,
    60,
  )
})

t.test("the caller's objects are neither changed nor shared", async (t) => {
  const baseUrl = new URL('https://optimize.example.com/a//b/')
  const given = Object.freeze({
    ...required,
    baseUrl,
    retry: Object.freeze({ attempts: 2 }),
    headers: { 'X-A': 'b' },
  })
  const resolved = resolveExportOptions('f', given)
  given.headers['X-A'] = 'changed'
  baseUrl.pathname = '/changed'
  t.equal(resolved.baseUrl.href, 'https://optimize.example.com/a/b')
  t.strictSame(resolved.headers, { 'x-a': 'b' })
  t.strictSame(given.retry, { attempts: 2 })
  t.ok(Object.isFrozen(resolved) && Object.isFrozen(resolved.retry) && Object.isFrozen(resolved.headers))
})

t.test('agent, fetch, signal and a token function are not copied', async (t) => {
  const given = {
    agent: new http.Agent(),
    fetch: () => Promise.reject(new Error('never')),
    signal: new AbortController().signal,
    accessToken: () => 'x',
  }
  const resolved = resolveExportOptions('f', { ...required, ...given })
  for (const name of ['agent', 'fetch', 'signal', 'accessToken'] as const) t.equal(resolved[name], given[name])
})

t.test('no secret shows in the message of a bad option', async (t) => {
  for (const options of [
    { baseUrl: 'https://user:sesame@example.com' },
    { baseUrl: 'https://example.com/?access_token=sesame' },
    { baseUrl: 'sesame' },
    { accessToken: ['sesame'] },
    { accessToken: { token: 'sesame' } },
    { headers: { authorization: 'Bearer sesame' } },
    { headers: 'sesame' },
    { headers: { cookie: 'sesame\n' } },
  ])
    t.notMatch(getOptionMessage(options), 'sesame')
})

t.test('exportStream and exportPages check the options at the call, not at the first read', async (t) => {
  const says = (make: (options: ExportOptions) => unknown) => getOptionMessage({ limit: 0 }, make)
  t.equal(says(exportStream), 'exportStream: limit: expected an integer from 1 to 10000, got 0')
  t.equal(says(exportPages), 'exportPages: limit: expected an integer from 1 to 10000, got 0')
})
