import nodeFetch from 'node-fetch'
import t from 'tap'
import { exportErrorOf } from '../../lib/http/export-error.js'
import { RequestFailure } from '../../lib/http/failure.js'
import { Secrets } from '../../lib/http/secrets.js'

const holding = (...values: string[]) => {
  const secrets = new Secrets()
  for (const [slot, value] of values.entries()) secrets.keep(String(slot), value)
  return secrets
}

/** Everything an error would print, all the way down. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.name, error.message, error.stack, JSON.stringify(error), everything(error.cause)].join('\n')
}

t.test('a secret is masked wherever it stands, as often as it stands there', async (t) => {
  t.equal(holding('sesame').mask('sesame, opensesame and sesame'), '…, open… and …')
  t.equal(holding('sesame').mask('nothing here'), 'nothing here')
})

t.test('a secret is masked as it is, percent-encoded and as a query has it', async (t) => {
  const secrets = holding("a+b/c=='!( )~")
  t.equal(secrets.mask("raw a+b/c=='!( )~ raw"), 'raw … raw')
  t.equal(secrets.mask(`encoded ${encodeURIComponent("a+b/c=='!( )~")} encoded`), 'encoded … encoded')
  const inQuery = new URLSearchParams({ t: "a+b/c=='!( )~" }).toString()
  t.equal(secrets.mask(`query ${inQuery} query`), 'query t=… query')
})

t.test('a secret that begins with another one is masked to its end', async (t) => {
  t.equal(holding('sesame', 'sesameOpen').mask('sesameOpen sesame'), '… …')
  t.equal(holding('sesameOpen', 'sesame').mask('sesameOpen sesame'), '… …')
})

t.test('a secret is no pattern', async (t) => {
  t.equal(holding('a.*b').mask('a.*b aXXb'), '… aXXb')
  t.equal(holding('$&$1').mask('$&$1'), '…')
})

t.test('a slot holds its newest secret', async (t) => {
  const secrets = new Secrets()
  secrets.keep('token', 'older')
  secrets.keep('token', 'newer')
  secrets.keep('cursor', 'other')
  t.equal(secrets.mask('newer other'), '… …')
})

t.test('fewer than four characters are no secret', async (t) => {
  t.equal(holding('abc').mask('abc'), 'abc')
  t.equal(holding('abcd').mask('abcd'), '…')
})

t.test('a secret that is not well-formed is kept all the same', async (t) => {
  t.equal(holding('abc\ud800').mask('abc\ud800 and abc%EF%BF%BD'), '… and …')
})

t.test('the query of a URL goes, with whatever is in it', async (t) => {
  t.equal(
    new Secrets().mask('request to https://h:1/a/b?access_token=x&y#z failed, http://h/?q'),
    'request to https://h:1/a/b?… failed, http://h/?…',
  )
  t.equal(new Secrets().mask('https://h/a what? no query'), 'https://h/a what? no query')
})

t.test('the copy of an error is masked down its causes and keeps names and codes', async (t) => {
  const inner = Object.assign(new RangeError('sesame inside', { cause: 'sesame as text' }), {
    code: 'EINNER',
    errno: 7,
  })
  const outer = Object.assign(new TypeError('sesame outside', { cause: inner }), { sesame: 'sesame', code: 42 })
  const copy = holding('sesame').maskError(outer) as Error
  t.notMatch(everything(copy), 'sesame')
  t.equal(copy.name, 'TypeError')
  t.equal(copy.message, '… outside')
  t.equal(copy.stack, 'TypeError: … outside')
  t.notOk('code' in copy || 'sesame' in copy)
  t.match(copy.cause, { name: 'RangeError', message: '… inside', code: 'EINNER', cause: '… as text' })
  t.equal(outer.message, 'sesame outside', 'the error itself is left alone')
})

t.test('the chain of causes ends, also one that bites its tail', async (t) => {
  const error = new Error('sesame')
  error.cause = error
  let at: unknown = holding('sesame').maskError(error)
  let depth = 0
  for (; at instanceof Error; at = at.cause) depth++
  t.equal(depth, 5)
})

t.test('a cause that is neither an error nor a text is left out', async (t) => {
  for (const cause of [{ token: 'sesame' }, 7, null, Symbol('s')])
    t.equal(holding('sesame').maskError(cause), undefined)
  t.notOk('cause' in (new Secrets().maskError(new Error('x')) as Error))
})

t.test("nothing of the URL's query is left of a node-fetch error", async (t) => {
  const url = 'http://127.0.0.1:1/path?access_token=sesame&searchRequestId=abc%3D%3D'
  const error: unknown = await nodeFetch(url).catch((reason: unknown) => reason)
  t.match(everything(error), 'access_token=sesame')
  const copy = new Secrets().maskError(error)
  t.notMatch(everything(copy), /sesame|abc%3D/)
  t.match(copy, {
    name: 'FetchError',
    code: 'ECONNREFUSED',
    message: /^request to http:\/\/127\.0\.0\.1:1\/path\?… failed/,
  })
})

t.test('the error of a failure is masked and says where', async (t) => {
  const failure = new RequestFailure('final', 'ERR_HTTP', 'no sesame', {
    status: 500,
    detail: 'about sesame',
    cause: new Error('sesame below'),
  })
  const error = exportErrorOf(failure, 'report sesame', holding('sesame'), { reportId: 'r', page: 3 })
  t.match(error, { name: 'ExportError', code: 'ERR_HTTP', message: 'report …: no …', reportId: 'r', page: 3 })
  t.match(error, { status: 500, detail: 'about …', cause: { message: '… below' } })
  t.notMatch(everything(error), 'sesame')
})

t.test('what is around a failure replaces what it knows', async (t) => {
  const failure = new RequestFailure('ambiguous', 'ERR_HTTP', 'm', { status: 500, detail: 'd' })
  const error = exportErrorOf(failure, 'w', new Secrets(), {
    code: 'ERR_INCOMPLETE',
    message: 'n',
    cause: failure,
    status: 200,
  })
  t.match(error, { code: 'ERR_INCOMPLETE', message: 'w: n', status: 200, detail: 'd', cause: { message: 'm' } })
})

t.test('what is not known of a failure is no property of its error', async (t) => {
  const error = exportErrorOf(new RequestFailure('final', 'ERR_AUTH', 'm'), 'w', new Secrets())
  t.strictSame(Object.keys(error).sort(), ['code', 'name'])
  t.notOk('cause' in error)
})

t.test('a detail has 500 characters, and a secret across the cut is masked', async (t) => {
  const cursor = 'cursor'.repeat(100)
  const failure = new RequestFailure('final', 'ERR_HTTP', 'm', {
    detail: `${'x'.repeat(490)}${cursor}${'y'.repeat(500)}`,
  })
  const { detail } = exportErrorOf(failure, 'w', holding(cursor))
  t.equal(detail, `${'x'.repeat(490)}…${'y'.repeat(9)}`)
})
