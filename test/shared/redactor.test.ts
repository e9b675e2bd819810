import fc from 'fast-check'
import nodeFetch from 'node-fetch'
import t from 'tap'
import { toExportError } from '../../lib/http/export-error.js'
import { RequestFailure } from '../../lib/http/failure.js'
import { Redactor } from '../../lib/shared/secrets/redactor.js'
import { runs } from '../support/random/property.js'

const createRedactor = (...values: string[]) => {
  const secrets = new Redactor()
  for (const value of values) secrets.register(value)
  return secrets
}

/** Returns everything that an error and its causes could print. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.name, error.message, error.stack, JSON.stringify(error), everything(error.cause)].join('\n')
}

t.test('every occurrence of a secret is redacted', async (t) => {
  t.equal(createRedactor('sesame').redact('sesame, opensesame and sesame'), '…, open… and …')
  t.equal(createRedactor('sesame').redact('nothing here'), 'nothing here')
})

t.test('a secret is redacted plain, percent-encoded and form-encoded', async (t) => {
  const secrets = createRedactor("a+b/c=='!( )~")
  t.equal(secrets.redact("raw a+b/c=='!( )~ raw"), 'raw … raw')
  t.equal(secrets.redact(`encoded ${encodeURIComponent("a+b/c=='!( )~")} encoded`), 'encoded … encoded')
  const inQuery = new URLSearchParams({ t: "a+b/c=='!( )~" }).toString()
  t.equal(secrets.redact(`query ${inQuery} query`), 'query t=… query')
})

t.test('a secret that begins with another secret is redacted to its end', async (t) => {
  t.equal(createRedactor('sesame', 'sesameOpen').redact('sesameOpen sesame'), '… …')
  t.equal(createRedactor('sesameOpen', 'sesame').redact('sesameOpen sesame'), '… …')
})

t.test('a secret is not used as a regular expression', async (t) => {
  t.equal(createRedactor('a.*b').redact('a.*b aXXb'), '… aXXb')
  t.equal(createRedactor('$&$1').redact('$&$1'), '…')
})

t.test('a secret is redacted in every encoding, also a mixed or a double one', async (t) => {
  const secret = 'kö+y/=="<a>\\&b'
  const secrets = createRedactor(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const html = secret.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  for (const form of [
    secret,
    json,
    json.replace(/[^ -~]/g, '\\u00f6'),
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    encodeURIComponent(encodeURIComponent(secret)),
    new URLSearchParams([['', secret]]).toString().slice(1),
    html,
    html.replace(/&#(\d+);/g, (_, code: string) => `&#x${Number(code).toString(16)};`),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ])
    t.equal(secrets.redact(`{"a":"${form}"} ${form}`), '{"a":"…"} …', form)
})

t.test('a secret that looks like an encoding of another text is redacted', async (t) => {
  for (const secret of ['ab%2Fcd', 'ab\\ncd', 'ab&amp;cd', 'ab\\u0041cd', '%%%%', '&#99999999;', '&#9999999;'])
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
      t.equal(createRedactor(secret).redact(`x ${form} y`), 'x … y', `${secret} as ${form}`)
})

t.test('text around a secret stays as it is, also encoded text', async (t) => {
  const around = String.raw`100% %zz %41 \\n \q &amp; &x; + ö \u00e4 😀`
  t.equal(createRedactor('sesame').redact(`${around} sesame ${around}`), `${around} … ${around}`)
  t.equal(createRedactor('sesame').redact('sesame1sesamesesame'), '…1……')
})

t.test('the beginning of a long secret is redacted, a short secret only as a whole', async (t) => {
  const long = createRedactor('SECRETCURSORabcdefghijklmnop')
  t.equal(long.redact('id [SECRETCURSORabcdefgh...]'), 'id […...]')
  t.equal(long.redact('id SECRETCU, SECRETC'), 'id …, SECRETC')
  t.equal(long.redact('SECRETCURSORx SECRETCURSORabcdefghijklmnopq'), '…x …q')
  t.equal(createRedactor('fifteen-letters').redact('fifteen-letter and fifteen-letters'), 'fifteen-letter and …')
})

t.test('a secret is forgotten after a million characters of other secrets, unless registered again', async (t) => {
  const secrets = createRedactor('first token')
  for (let page = 0; page < 1000; page++) secrets.register(`cursor ${page} ${'x'.repeat(2000)}`)
  t.match(secrets.redact(`cursor 999 ${'x'.repeat(2000)} cursor 700 ${'x'.repeat(2000)}`), /^… …$/)
  t.equal(secrets.redact('first token'), 'first token', 'a secret is forgotten after a million characters')
  for (let page = 0; page < 1000; page++) {
    secrets.register('the token')
    secrets.register(`${page} ${'x'.repeat(2000)}`)
  }
  t.equal(secrets.redact('the token'), '…', 'a secret that is in use is not forgotten')
  const huge = 'y'.repeat(2 ** 21)
  secrets.register(huge)
  t.equal(secrets.redact(huge), '…')
})

t.test('a user in a URL is removed', async (t) => {
  t.equal(
    new Redactor().redact('via http://me:sesame-text@proxy:3128/ and https://h/a@b'),
    'via http://…@proxy:3128/ and https://h/a@b',
  )
})

t.test('a text of fewer than four characters is not a secret, unless it is registered as one', async (t) => {
  const redactor = new Redactor()
  for (const secret of ['', 'x']) redactor.register(secret, 1)
  t.equal(redactor.redact('axa'), 'a…a')
  t.equal(createRedactor('abc').redact('abc'), 'abc')
  t.equal(createRedactor('abcd').redact('abcd'), '…')
})

t.test('a secret with a lone surrogate is redacted', async (t) => {
  t.equal(createRedactor('abc\ud800').redact('abc\ud800 and abc%EF%BF%BD'), '… and …')
})

t.test('the query of a URL is removed', async (t) => {
  t.equal(
    new Redactor().redact('request to https://h:1/a/b?access_token=x&y#z failed, http://h/?q'),
    'request to https://h:1/a/b?… failed, http://h/?…',
  )
  t.equal(new Redactor().redact('https://h/a what? no query'), 'https://h/a what? no query')
})

t.test('the copy of an error and of its causes is redacted, and keeps names and codes', async (t) => {
  const inner = Object.assign(new RangeError('sesame inside', { cause: 'sesame as text' }), {
    code: 'EINNER',
    errno: 7,
  })
  const outer = Object.assign(new TypeError('sesame outside', { cause: inner }), { sesame: 'sesame', code: 42 })
  const copy = createRedactor('sesame').redactError(outer) as Error
  t.notMatch(everything(copy), 'sesame')
  t.equal(copy.name, 'TypeError')
  t.equal(copy.message, '… outside')
  t.equal(copy.stack, 'TypeError: … outside')
  t.notOk('code' in copy || 'sesame' in copy)
  t.match(copy.cause, { name: 'RangeError', message: '… inside', code: 'EINNER', cause: '… as text' })
  t.equal(outer.message, 'sesame outside', 'the error itself is left alone')
})

t.test('the copy of a cyclic chain of causes ends', async (t) => {
  const error = new Error('sesame')
  error.cause = error
  let at: unknown = createRedactor('sesame').redactError(error)
  let depth = 0
  for (; at instanceof Error; at = at.cause) depth++
  t.equal(depth, 5)
})

t.test('a cause that is neither an error nor a text is left out', async (t) => {
  for (const cause of [{ token: 'sesame' }, 7, null, Symbol('s')])
    t.equal(createRedactor('sesame').redactError(cause), undefined)
  t.notOk('cause' in (new Redactor().redactError(new Error('x')) as Error))
})

t.test('the copy of an error of node-fetch has no part of the query of its URL', async (t) => {
  const url = 'http://127.0.0.1:1/path?access_token=sesame&searchRequestId=abc%3D%3D'
  const error: unknown = await nodeFetch(url).catch((reason: unknown) => reason)
  t.match(everything(error), 'access_token=sesame')
  const copy = new Redactor().redactError(error)
  t.notMatch(everything(copy), /sesame|abc%3D/)
  t.match(copy, {
    name: 'FetchError',
    code: 'ECONNREFUSED',
    message: /^request to http:\/\/127\.0\.0\.1:1\/path\?… failed/,
  })
})

t.test('the error of a failure is redacted, and its message begins with the place', async (t) => {
  const failure = new RequestFailure('final', 'ERR_HTTP', 'no sesame', {
    status: 500,
    detail: 'about sesame',
    cause: new Error('sesame below'),
  })
  const error = toExportError(failure, 'report sesame', createRedactor('sesame'), { reportId: 'r', page: 3 })
  t.match(error, { name: 'ExportError', code: 'ERR_HTTP', message: 'report …: no …', reportId: 'r', page: 3 })
  t.match(error, { status: 500, detail: 'about …', cause: { message: '… below' } })
  t.notMatch(everything(error), 'sesame')
})

t.test('the context replaces fields of the failure', async (t) => {
  const failure = new RequestFailure('ambiguous', 'ERR_HTTP', 'm', { status: 500, detail: 'd' })
  const error = toExportError(failure, 'w', new Redactor(), {
    code: 'ERR_INCOMPLETE',
    message: 'n',
    cause: failure,
    status: 200,
  })
  t.match(error, { code: 'ERR_INCOMPLETE', message: 'w: n', status: 200, detail: 'd', cause: { message: 'm' } })
})

t.test('fields that a failure does not have are not properties of its error', async (t) => {
  const error = toExportError(new RequestFailure('final', 'ERR_AUTH', 'm'), 'w', new Redactor())
  t.strictSame(Object.keys(error).sort(), ['code', 'name'])
  t.notOk('cause' in error)
})

t.test('a detail has 500 characters, and a secret across the cut is redacted', async (t) => {
  const cursor = 'cursor'.repeat(100)
  const failure = new RequestFailure('final', 'ERR_HTTP', 'm', {
    detail: `${'x'.repeat(490)}${cursor}${'y'.repeat(500)}`,
  })
  const { detail } = toExportError(failure, 'w', createRedactor(cursor))
  t.equal(detail, `${'x'.repeat(490)}…${'y'.repeat(9)}`)
})

t.test('a secret in base64 is redacted, whatever is before and after it', async (t) => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const token = 'eyJhbGciOi.abcDEF123456.sig_-99'
  for (const text of [token, `Bearer ${token}`, `user:${token}`, `a:${token}:b`]) {
    const shown = createRedactor(token).redact(`got ${base64(text)}, wrapped ${base64(text).replace(/.{20}/g, '$&\n')}`)
    for (const part of base64(text).match(/.{8}/g)!.slice(2)) t.notOk(shown.includes(part), `${text}: ${shown}`)
  }
  t.equal(createRedactor('sesame').redact(`"${base64('sesame')}"`), '"…"')
})

t.test('a secret with line breaks inside is redacted; the line breaks around it stay', async (t) => {
  const redactor = createRedactor('Sup3rSecretValue-XYZ', '\n\n\n\n')
  for (const text of ['Sup3rSecre\ntValue-XYZ', 'Sup3rSecre\r\ntValue-\\nXYZ', 'Sup3rSe%0AcretValue-XYZ'])
    t.equal(redactor.redact(`one\n${text}\ntwo`), 'one\n…\ntwo')
})

t.test('property: no part of a secret is shown, in any encoding and at any place', () => {
  const textOf = (units: string, minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...units.split(' ')), minLength, maxLength })
  const secretOf = textOf('a b c X Y Z 0 1 9 + / = - _ . ~ ! ü', 16, 40)
  const around = textOf('a b : / = -', 0, 9)
  fc.assert(
    fc.property(secretOf, around, around, fc.nat(), (secret, before, after, at) => {
      const whole = Buffer.from(`${before}${secret}${after}`)
      const wrap = (text: string) => `${text.slice(0, at % text.length)}\n${text.slice(at % text.length)}`
      const redactor = createRedactor(secret)
      for (const encoding of ['base64', 'base64url'] as const) {
        const shown = redactor.redact(wrap(whole.toString(encoding))).replace('\n', '')
        const rest = shown.split('…').map((part) => Buffer.from(part, encoding).toString('latin1'))
        const inside = Buffer.from(secret).toString('latin1').slice(2, -2)
        if (rest.some((part) => part.includes(inside)) || !shown.includes('…')) return false
      }
      return redactor.redact(wrap(secret)).replace('\n', '') === '…'
    }),
    runs(500),
  )
  return Promise.resolve()
})
