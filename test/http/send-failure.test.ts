import t from 'tap'
import { isConnectError, toSendFailure, describeProxy, createTimeoutFailure } from '../../lib/http/send-failure.js'

const coded = (code: string, more: object = {}) => Object.assign(new Error(`sesame-text ${code}`), { code, ...more })
const connect = (code: string) => coded(code, { syscall: 'connect' })

t.test('an error of a system call that opens a connection means that nothing was sent', async (t) => {
  for (const error of [
    connect('ECONNREFUSED'),
    connect('ETIMEDOUT'),
    connect('ECONNRESET'),
    connect('ENETUNREACH'),
    coded('ENOTFOUND', { syscall: 'getaddrinfo' }),
    coded('ETIMEDOUT', { erroredSysCall: 'connect' }),
    coded('UND_ERR_CONNECT_TIMEOUT'),
    Object.assign(new Error('x'), { syscall: 'connect' }),
  ])
    t.equal(isConnectError(error), true, error.message)
})

t.test('any other error may come after the request was sent, whatever its code', async (t) => {
  for (const code of [
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EADDRNOTAVAIL',
    'EPROTO',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'CERT_HAS_EXPIRED',
    'UND_ERR_SOCKET',
  ]) {
    t.equal(isConnectError(coded(code)), false, code)
    for (const syscall of ['read', 'write']) t.equal(isConnectError(coded(code, { syscall })), false, code)
  }
  for (const error of [new Error('x'), 'connect', undefined, null, { syscall: 'connect' }])
    t.equal(isConnectError(error), false)
})

t.test('an aggregate error means that nothing was sent if all of its errors mean that', async (t) => {
  const aggregate = (...parts: unknown[]) => Object.assign(new AggregateError(parts), { code: 'ETIMEDOUT' })
  t.equal(isConnectError(aggregate(connect('ETIMEDOUT'), connect('ENETUNREACH'))), true)
  t.equal(isConnectError(aggregate(connect('ETIMEDOUT'), coded('ECONNRESET', { syscall: 'read' }))), false)
  t.equal(isConnectError(aggregate(connect('ETIMEDOUT'), 'text')), false)
  t.equal(isConnectError(aggregate()), false)
})

t.test('the cause of an undici error decides', async (t) => {
  const error = new TypeError('fetch failed', { cause: new Error('x', { cause: connect('ECONNREFUSED') }) })
  t.equal(isConnectError(error), true)
  t.equal(isConnectError(new TypeError('fetch failed', { cause: coded('EPROTO') })), false)
  const later = coded('ECONNRESET', { syscall: 'read', cause: connect('ECONNREFUSED') })
  t.equal(isConnectError(later), false, 'the error that came last decides')
})

t.test('a cyclic chain of causes is read to its fifth cause only', async (t) => {
  const error = new Error('x')
  error.cause = error
  t.equal(isConnectError(error), false)
  t.equal(toSendFailure(error).message, 'the connection broke (Error)')
})

t.test('the reason in the message is the code, the name or the type of the error, never its text', async (t) => {
  t.match(toSendFailure(coded('EPIPE')), { kind: 'cut', message: 'the connection broke (EPIPE)' })
  t.match(toSendFailure(coded('EPIPE'), true), { kind: 'connect', message: 'could not connect (EPIPE)' })
  t.equal(toSendFailure(new RangeError('sesame-text')).message, 'the connection broke (RangeError)')
  t.equal(toSendFailure(Object.assign(new Error('sesame-text'), { code: 7 })).message, 'the connection broke (Error)')
  t.equal(toSendFailure('sesame-text').message, 'the connection broke (string)')
  t.equal(toSendFailure(undefined).message, 'the connection broke (undefined)')
  const error = new Error('x')
  t.equal(toSendFailure(error).cause, error)
  for (const [code, message] of [
    ['HPE_INVALID_CHUNK_SIZE', 'the answer is not valid HTTP'],
    ['HPE_INVALID_EOF_STATE', 'the connection broke'],
    ['HPE_HEADER_OVERFLOW', 'the connection broke'],
  ] as const)
    t.equal(toSendFailure(coded(code)).message, `${message} (${code})`)
})

t.test('the message of a timeout says whether the connection was opened', async (t) => {
  t.match(createTimeoutFailure(50), { kind: 'timeout', message: 'no complete answer within 50 ms' })
  t.match(createTimeoutFailure(50, true), { kind: 'connectTimeout', message: 'could not connect within 50 ms' })
})

t.test('a proxy is named without its user and password', async (t) => {
  const via = describeProxy({ proxy: new URL('http://user:sesame-text@proxy.example:3128/') })
  t.equal(via, ' through the proxy http://proxy.example:3128')
  t.equal(toSendFailure(coded('X'), true, via).message, `could not connect${via} (X)`)
  t.equal(toSendFailure(coded('X'), false, via).message, `the connection${via} broke (X)`)
  t.equal(createTimeoutFailure(5, false, via).message, `no complete answer${via} within 5 ms`)
  t.equal(createTimeoutFailure(5, true, via).message, `could not connect${via} within 5 ms`)
  for (const agent of [undefined, {}, { proxy: 'http://user:sesame-text@h' }]) t.equal(describeProxy(agent), '')
})
