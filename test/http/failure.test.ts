import { constants } from 'node:buffer'
import t from 'tap'
import {
  BodyFailure,
  classifyResponse,
  classifyRequestError,
  parseJsonBody,
  RequestFailure,
} from '../../lib/http/failure.js'
import { SendFailure, type SendFailureKind } from '../../lib/http/send-failure.js'

const answer = (status: number, body = '', headers: Record<string, string> = {}) => ({
  status,
  headers: { get: (name: string) => headers[name] ?? null },
  body: Buffer.from(body),
  proxySuffix: '',
})

/** An error body as Optimize writes it. */
const createErrorBody = (detailedMessage: string, errorCode = 'serverError') =>
  JSON.stringify({ errorCode, errorMessage: 'something', detailedMessage, reportDefinition: null })

/** Returns the category of an answer for a request without a cursor, that for one with a cursor, and the code. */
function describeCategories(status: number, body = ''): string {
  const [first, cursor] = [classifyResponse(answer(status, body), false), classifyResponse(answer(status, body), true)]
  const codes = [...new Set([first.code, cursor.code])].join(' or ')
  return `${first.category} ${cursor.category} ${codes}`
}

const jakarta = 'jakarta.ws.rs.'
const spring = 'io.camunda.optimize.rest.exceptions.'
const unknownReport = 'Was not able to retrieve report with id [x]from Elasticsearch. Report does not exist.'
const combined = 'Combined reports cannot be exported as Json'
const expired = 'No search context found for id [123]'
const olderExpired = `Elasticsearch exception [type=search_context_missing_exception, reason=${expired}]`

t.test('status and body decide the category, for a request without a cursor and for one with a cursor', async (t) => {
  const rows: [status: number, body: string, expected: string][] = [
    [401, '', 'refresh refresh ERR_AUTH'],
    [401, createErrorBody('x', 'notAuthorizedError'), 'refresh refresh ERR_AUTH'],
    [401, createErrorBody(expired), 'refresh refresh ERR_AUTH'],
    [403, '', 'final final ERR_AUTH'],
    [403, createErrorBody('x', 'forbiddenError'), 'final final ERR_AUTH'],

    [400, createErrorBody(olderExpired, 'badRequestError'), 'safe expired ERR_CURSOR_EXPIRED'],
    [400, createErrorBody(expired, 'badRequestError'), 'safe expired ERR_CURSOR_EXPIRED'],
    [500, createErrorBody(`${jakarta}BadRequestException: ${expired}`), 'safe expired ERR_CURSOR_EXPIRED'],
    [500, createErrorBody(`${spring}BadRequestException: ${expired}`), 'safe expired ERR_CURSOR_EXPIRED'],
    [404, createErrorBody(expired), 'safe expired ERR_CURSOR_EXPIRED'],

    [404, '', 'final final ERR_REPORT_NOT_FOUND'],
    [404, '<html>Not Found</html>', 'final final ERR_REPORT_NOT_FOUND'],
    [404, createErrorBody(unknownReport, 'notFoundError'), 'final final ERR_REPORT_NOT_FOUND'],
    [500, createErrorBody(`${jakarta}NotFoundException: ${unknownReport}`), 'final final ERR_REPORT_NOT_FOUND'],
    [
      500,
      createErrorBody(`${spring}NotFoundException: ${unknownReport.replace('from Elasticsearch', ' from Database')}`),
      'final final ERR_REPORT_NOT_FOUND',
    ],

    [400, createErrorBody(combined, 'badRequestError'), 'final final ERR_REPORT_NOT_EXPORTABLE'],
    [500, createErrorBody(`${jakarta}BadRequestException: ${combined}`), 'final final ERR_REPORT_NOT_EXPORTABLE'],
    [500, createErrorBody(`${spring}BadRequestException: ${combined}`), 'final final ERR_REPORT_NOT_EXPORTABLE'],

    [400, createErrorBody('anything', 'reportEvaluationError'), 'final final ERR_REPORT_NOT_EXPORTABLE'],
    [500, createErrorBody('anything', 'reportEvaluationError'), 'safe ambiguous ERR_HTTP'],
    [500, createErrorBody('definitionKey is not allowed to be null'), 'final final ERR_REPORT_NOT_EXPORTABLE'],
    [500, createErrorBody('definitionVersions is not allowed to be empty'), 'final final ERR_REPORT_NOT_EXPORTABLE'],
    [
      400,
      createErrorBody('view is not allowed to be null', 'badRequestError'),
      'final final ERR_REPORT_NOT_EXPORTABLE',
    ],
    [
      500,
      createErrorBody('definition of the report is not allowed to be null'),
      'final final ERR_REPORT_NOT_EXPORTABLE',
    ],
    [500, createErrorBody('preview is not allowed to be null'), 'safe ambiguous ERR_HTTP'],

    [500, createErrorBody('Validation failed for argument [0] in ...'), 'final final ERR_HTTP'],
    [400, '{"errorMessage":"The request body was invalid.","validationErrors":[]}', 'final final ERR_HTTP'],

    [429, '', 'safe safe ERR_HTTP'],
    [501, '', 'final final ERR_HTTP'],
    [505, '', 'final final ERR_HTTP'],
    [408, '', 'safe ambiguous ERR_HTTP'],
    [500, '', 'safe ambiguous ERR_HTTP'],
    [500, createErrorBody('NoSoupForYou!'), 'safe ambiguous ERR_HTTP'],
    [500, createErrorBody('x', 'elasticsearchError'), 'safe ambiguous ERR_HTTP'],
    [502, '<html>Bad Gateway</html>', 'safe ambiguous ERR_HTTP'],
    [503, '', 'safe ambiguous ERR_HTTP'],
    [504, '', 'safe ambiguous ERR_HTTP'],
    [599, '', 'safe ambiguous ERR_HTTP'],
    [413, '', 'final final ERR_HTTP'],
    [414, '', 'final final ERR_HTTP'],
    [431, '', 'final final ERR_HTTP'],
    [400, '', 'final final ERR_HTTP'],
    [402, '', 'final final ERR_HTTP'],
    [418, '', 'final final ERR_HTTP'],
    [204, '', 'final final ERR_RESPONSE'],
    [206, '', 'final final ERR_RESPONSE'],
    [304, '', 'final final ERR_RESPONSE'],
  ]
  for (const [status, body, expected] of rows) t.equal(describeCategories(status, body), expected, `${status} ${body}`)
})

t.test('the message has the reason and the status', async (t) => {
  const message = (status: number) => classifyResponse(answer(status), true).message
  t.equal(message(401), 'the token was refused, got status 401')
  t.equal(message(414), 'the request is too large for the server, most likely its cursor, got status 414')
  t.equal(message(204), 'expected status 200, got status 204')
})

t.test('the message names the proxy that the answer came through', async (t) => {
  const proxySuffix = ' through the proxy http://proxy.example:3128'
  const { message } = classifyResponse({ ...answer(503), proxySuffix }, true)
  t.equal(message, `the server failed, got status 503${proxySuffix}`)
})

t.test('a 403 is an answer of the proxy if there is a proxy and the body is not JSON', async (t) => {
  const proxySuffix = ' through the proxy http://proxy.example:3128'
  const classify = (status: number, body: string, suffix = proxySuffix) =>
    classifyResponse({ ...answer(status, body), proxySuffix: suffix }, true)
  for (const body of ['<html>', ' Access denied'])
    t.match(classify(403, body), {
      ...{ code: 'ERR_HTTP', category: 'final', status: 403, isFromProxy: true },
      message: `refused; the answer is not JSON, so it is most likely from the proxy, got status 403${proxySuffix}`,
    })
  for (const [status, body, suffix] of [
    [403, '<html>', ''],
    [403, '', proxySuffix],
    [403, ' {"errorCode":"forbiddenError"}', proxySuffix],
    [401, '<html>', proxySuffix],
  ] as const)
    t.match(classify(status, body, suffix), { code: 'ERR_AUTH', isFromProxy: false })
  t.match(classify(407, '', ''), { code: 'ERR_HTTP', category: 'final', isFromProxy: true, message: /user name/ })
})

t.test('a request for which a proxy refused to connect is repeated only if the status may change', async (t) => {
  const classify = (status: number, retryAfter: string | null = null) =>
    classifyRequestError(new SendFailure('proxy', 'm', undefined, { status, retryAfter }), true)
  for (const status of [408, 429, 500, 502, 503, 504])
    t.match(classify(status), { category: 'safe', code: 'ERR_HTTP', status, isFromProxy: true, retryAfterMs: 0 })
  for (const status of [302, 401, 403, 404, 407, 501, 505])
    t.match(classify(status), { category: 'final', code: 'ERR_HTTP' })
  t.equal(classify(503, '7').retryAfterMs, 7000)
})

t.test('the detail is the text of the server, whatever the name of its field', async (t) => {
  const detail = (body: string) => classifyResponse(answer(500, body), false).detail
  t.equal(detail(createErrorBody('a "quoted" \\ text\n')), 'a "quoted" \\ text\n')
  t.equal(detail('{"message":"m","error_description":"e","detailedMessage":"d"}'), 'd')
  t.equal(detail('{"error":"invalid_client","error_description":"e"}'), 'e')
  t.equal(detail('{"message" : "m"}'), 'm')
  t.equal(detail('{"detailedMessage":"","message":"m"}'), 'm')
  t.equal(detail('{"detailedMessage":null}'), undefined)
  t.equal(detail('{"detailedMessage":"cut of'), undefined)
  t.equal(detail('{"detailedMessage":"not \\x JSON"}'), undefined)
  t.equal(detail('<html>'), undefined)
  t.equal(detail(''), undefined)
})

t.test('the detail of a truncated error body is read', async (t) => {
  const cut = createErrorBody('definitionKey is not allowed to be null').replace('null}', `"${'<bpmn/>'.repeat(5000)}`)
  t.equal(describeCategories(500, cut), 'final final ERR_REPORT_NOT_EXPORTABLE')
})

t.test('the failure has the milliseconds of Retry-After', async (t) => {
  t.equal(classifyResponse(answer(503, '', { 'retry-after': '7' }), false).retryAfterMs, 7000)
  t.equal(classifyResponse(answer(503), false).retryAfterMs, 0)
})

t.test('with a cursor, a request without an answer may be repeated only if no connection was opened', async (t) => {
  const rows: [kind: SendFailureKind, expected: string][] = [
    ['connect', 'safe safe ERR_NETWORK'],
    ['connectTimeout', 'safe safe ERR_TIMEOUT'],
    ['cut', 'safe ambiguous ERR_NETWORK'],
    ['timeout', 'safe ambiguous ERR_TIMEOUT'],
    ['certificate', 'final final ERR_NETWORK'],
    ['agent', 'final final ERR_NETWORK'],
    ['size', 'final final ERR_RESPONSE'],
    ['redirect', 'final final ERR_RESPONSE'],
  ]
  for (const [kind, expected] of rows) {
    const cause = new Error('below')
    const error = new SendFailure(kind, 'what happened', cause)
    const [first, cursor] = [classifyRequestError(error, false), classifyRequestError(error, true)]
    t.equal(`${first.category} ${cursor.category} ${first.code}`, expected)
    t.equal(cursor.code, first.code)
    t.equal(first.message, 'what happened')
    t.equal(first.cause, cause)
    t.equal(first.status, undefined)
    t.equal(first.retryAfterMs, 0)
  }
})

t.test('an unreadable body has the category of a broken connection; a wrong structure is not repeated', async (t) => {
  const getCategory = (isBroken: boolean, hasCursor: boolean) =>
    classifyRequestError(new BodyFailure('m', isBroken), hasCursor).category
  t.equal(getCategory(true, false), 'safe')
  t.equal(getCategory(true, true), 'ambiguous')
  t.equal(getCategory(false, false), 'final')
  t.equal(getCategory(false, true), 'ambiguous')
  const cause = new SyntaxError('s')
  t.match(classifyRequestError(new BodyFailure('m', true, cause), true), { code: 'ERR_RESPONSE', status: 200, cause })
})

t.test('an error that is not a failure of a request is rethrown', async (t) => {
  const bug = new TypeError('a bug')
  t.throws(() => classifyRequestError(bug, false), bug)
})

t.test('a failure has only the given fields', async (t) => {
  const bare = new RequestFailure('final', 'ERR_HTTP', 'm')
  t.strictSame([bare.status, bare.detail, bare.retryAfterMs, 'cause' in bare], [undefined, undefined, 0, false])
  t.equal('cause' in new BodyFailure('m', false), false)
  t.equal('cause' in new SendFailure('cut', 'm'), false)
})

t.test('a body that is too long for one text of Node.js is named so, and is not a broken connection', async (t) => {
  t.throws(() => parseJsonBody(Buffer.alloc(constants.MAX_STRING_LENGTH + 1)), {
    message: /^the body has \d+ bytes, more than Node\.js can parse; lower limit$/,
    isBroken: false,
  })
})
