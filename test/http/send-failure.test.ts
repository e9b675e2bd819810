import t from 'tap'
import { sendFailureOf } from '../../lib/http/send-failure.js'

const coded = (code: string, more: object = {}) => Object.assign(new Error(`geheim ${code}`), { code, ...more })

t.test('a request never reached the server for these codes', async (t) => {
  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EAI_FAIL',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EADDRNOTAVAIL',
    'EPROTO',
    'UND_ERR_CONNECT_TIMEOUT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ]) {
    const failure = sendFailureOf(coded(code))
    t.equal(failure.kind, 'connect')
    t.equal(failure.message, `could not connect (${code})`)
  }
})

t.test('for any other code nobody knows', async (t) => {
  for (const code of [
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ERR_STREAM_PREMATURE_CLOSE',
    'UND_ERR_SOCKET',
    'XCERT_',
    'Z_DATA_ERROR',
  ]) {
    const failure = sendFailureOf(coded(code))
    t.equal(failure.kind, 'cut')
    t.equal(failure.message, `the connection broke (${code})`)
  }
})

t.test('a time-out counts as never connected only while connecting', async (t) => {
  t.equal(sendFailureOf(coded('ETIMEDOUT', { syscall: 'connect' })).kind, 'connect')
  t.equal(sendFailureOf(coded('ETIMEDOUT', { erroredSysCall: 'connect' })).kind, 'connect')
  t.equal(sendFailureOf(coded('ETIMEDOUT', { syscall: 'read' })).kind, 'cut')
  t.equal(sendFailureOf(coded('ECONNRESET', { syscall: 'connect' })).kind, 'cut')
})

t.test('a code in a cause counts, as undici has it', async (t) => {
  const error = new TypeError('fetch failed', { cause: new Error('x', { cause: coded('ECONNREFUSED') }) })
  t.equal(sendFailureOf(error).kind, 'connect')
  t.equal(sendFailureOf(error).cause, error)
})

t.test('the search for a code ends', async (t) => {
  const error = new Error('x')
  error.cause = error
  t.equal(sendFailureOf(error).message, 'the connection broke (Error)')
})

t.test('without a code the reason is the name or the type, never the text', async (t) => {
  t.equal(sendFailureOf(new RangeError('geheim')).message, 'the connection broke (RangeError)')
  t.equal(sendFailureOf(Object.assign(new Error('geheim'), { code: 7 })).message, 'the connection broke (Error)')
  t.equal(sendFailureOf('geheim').message, 'the connection broke (string)')
  t.equal(sendFailureOf(undefined).message, 'the connection broke (undefined)')
})
