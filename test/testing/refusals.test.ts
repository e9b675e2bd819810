import t from 'tap'
import type { Era } from '../../lib/testing/index.js'
import { ask, askPage, exportUrl, page, refusal, start } from './support/client.js'

const eras: readonly Era[] = ['3.7', '8.6', '8.7', '8.8']
const wraps: Partial<Record<Era, string>> = { '8.7': 'jakarta.ws.rs.', '8.8': 'io.camunda.optimize.rest.exceptions.' }

for (const era of eras) {
  const wrapped = wraps[era]

  t.test(`${era} refuses an unknown report`, async (t) => {
    const { url } = await start(t, { era })
    const answer = await ask(exportUrl({ url, reportId: 'x y' }), { headers: { authorization: 'Bearer demo' } })
    const detail = 'Was not able to retrieve report with id [x y]from Elasticsearch. Report does not exist.'
    t.equal(answer.status, wrapped ? 500 : 404)
    t.same(refusal(answer), {
      errorCode: wrapped ? 'serverError' : 'notFoundError',
      errorMessage: wrapped
        ? 'An internal server error occurred.'
        : 'The server could not find the requested resource.',
      detailedMessage: wrapped ? `${wrapped}NotFoundException: ${detail}` : detail,
      reportDefinition: null,
    })
    t.equal(answer.headers['cache-control'], 'no-store')
  })

  t.test(`${era} refuses a combined report`, async (t) => {
    const answer = await askPage(await start(t, { era, report: 'combined' }))
    const detail = 'Combined reports cannot be exported as Json'
    t.equal(answer.status, wrapped ? 500 : 400)
    t.match(refusal(answer), {
      errorCode: wrapped ? 'serverError' : 'badRequestError',
      detailedMessage: wrapped ? `${wrapped}BadRequestException: ${detail}` : detail,
    })
  })

  t.test(`${era} refuses a report without a definition`, async (t) => {
    const answer = await askPage(await start(t, { era, report: 'incomplete' }))
    const { errorCode, detailedMessage, reportDefinition } = refusal(answer)
    t.match(detailedMessage, /definitionKey is not allowed to be null/)
    if (era === '8.7') {
      t.equal(answer.status, 500)
      t.match({ errorCode, reportDefinition }, { errorCode: 'serverError', reportDefinition: null })
    } else {
      t.equal(answer.status, 400)
      t.equal(errorCode, 'reportEvaluationError')
      t.ok(JSON.stringify(reportDefinition).length > 100_000, 'the definition is in the body')
    }
  })

  t.test(`${era} refuses a search that has ended`, async (t) => {
    const optimize = await start(t, { era })
    const { searchRequestId } = await page(optimize, { limit: 2 })
    optimize.expireContexts()
    const answer = await askPage(optimize, { searchRequestId })
    const reason = 'No search context found for id [1]'
    t.equal(answer.status, wrapped ? 500 : 400)
    t.match(refusal(answer), {
      errorCode: wrapped ? 'serverError' : 'badRequestError',
      detailedMessage: wrapped
        ? `${wrapped}BadRequestException: ${reason}`
        : era === '3.7'
          ? `Elasticsearch exception [type=search_context_missing_exception, reason=${reason}]`
          : reason,
    })
  })

  t.test(`${era} answers 500 to an id that no search ever had`, async (t) => {
    const optimize = await start(t, { era })
    for (const searchRequestId of ['NoScrollId!', 'FGluY2x1ZGVfY29udGV4dF91dWlkDXF1ZXJ5VGhlbkZldGNoARQW']) {
      const answer = await askPage(optimize, { searchRequestId })
      t.equal(answer.status, 500)
      t.equal(refusal(answer).errorCode, 'serverError')
    }
  })

  t.test(`${era} names an invalid parameter`, async (t) => {
    const optimize = await start(t, { era })
    for (const [name, value, problem] of [
      ['limit', -1, 'must be greater than or equal to 0'],
      ['limit', 10_001, 'must be less than or equal to 10000'],
      ['paginationTimeout', 59, 'must be greater than or equal to 60'],
    ] as const) {
      const answer = await askPage(optimize, { [name]: value })
      t.equal(answer.status, 400)
      t.same(JSON.parse(answer.body.toString()), {
        errorMessage: 'The request body was invalid.',
        validationErrors: [{ property: era === '8.8' ? name : `exportReportData.arg1.${name}`, errorMessage: problem }],
      })
    }
    t.equal(optimize.openContexts, 0)
  })

  t.test(`${era} answers 500 to a limit that is not a number`, async (t) => {
    const optimize = await start(t, { era })
    for (const limit of ['ten', '1.5', '0x10', '9999999999']) {
      const answer = await askPage(optimize, { limit })
      t.equal(answer.status, 500)
      t.equal(refusal(answer).errorCode, 'serverError')
    }
  })
}

t.test('early 8.8 answers 500 to an invalid parameter', async (t) => {
  const answer = await askPage(await start(t, { era: '8.8', invalidParameterStatus: 500 }), { limit: 10_001 })
  t.equal(answer.status, 500)
  t.match(refusal(answer), { errorCode: 'serverError', detailedMessage: /^Validation failed for argument \[0\]/ })
})

t.test(
  'a blank number is 500, except for a raw report of 8.8, which has the defaults of the user interface',
  async (t) => {
    for (const era of ['3.7', '8.6', '8.7'] as const) {
      t.equal((await askPage(await start(t, { era }), { limit: '' })).status, 500)
    }
    t.equal((await page(await start(t, { era: '8.8' }), { limit: '', paginationTimeout: '' })).data!.length, 20)
    t.equal((await askPage(await start(t, { era: '8.8', report: 'number' }), { limit: '' })).status, 500)
  },
)

t.test('a limit of 0 passes the validation, and the search fails with 500', async (t) => {
  const optimize = await start(t)
  const answer = await askPage(optimize, { limit: 0 })
  t.equal(answer.status, 500)
  t.match(refusal(answer).detailedMessage, /\[size\] cannot be \[0\]/)
  const { searchRequestId } = await page(optimize, { limit: 5 })
  t.equal((await askPage(optimize, { limit: 0, searchRequestId })).status, 200, 'later pages ignore it')
})

t.test('the smallest and the largest parameters are valid, and a keep-alive of more than a day is a 500', async (t) => {
  const optimize = await start(t, { records: 3 })
  t.equal((await askPage(optimize, { limit: 10_000, paginationTimeout: 60 })).status, 200)
  t.equal((await askPage(optimize, { limit: 1, paginationTimeout: 86_400 })).status, 200)
  t.equal((await askPage(optimize, { paginationTimeout: 86_401 })).status, 500)
})

t.test('other methods are 405, a trailing slash and an unknown path are 404', async (t) => {
  const optimize = await start(t, { oauth: { clientId: 'c', clientSecret: 's' } })
  const headers = { authorization: 'Bearer demo' }
  const { url, reportId } = optimize
  const path = `${url}/api/public/export/report/${reportId}/result/json`
  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) t.equal((await ask(path, { method, headers })).status, 405)
  t.equal((await ask(`${url}/api/public/export/report/definition/json`, { headers })).headers['allow'], 'POST')
  t.equal((await ask(`${url}/oauth/token`)).status, 405)
  t.equal((await ask(`${path}/`, { headers })).status, 404)
  t.equal((await ask(`${url}//api/public/report`, { headers })).status, 404)
  t.equal((await ask(`${url}/elsewhere`, { headers })).status, 404)
  t.equal((await ask(`${url}/elsewhere`)).status, 401)
  t.ok(optimize.requests.slice(0, 4).every(({ page }) => page === undefined))
})

t.test('a context path stands before every endpoint', async (t) => {
  const optimize = await start(t, { contextPath: '/optimize/cluster-1' })
  t.match(optimize.url, /^http:\/\/127\.0\.0\.1:\d+\/optimize\/cluster-1$/)
  t.equal((await askPage(optimize)).status, 200)
  const bare = optimize.url.replace('/optimize/cluster-1', '')
  t.equal((await ask(exportUrl({ ...optimize, url: bare }), { headers: { authorization: 'Bearer demo' } })).status, 404)
})

t.test('a report id is one percent-encoded segment', async (t) => {
  const optimize = await start(t, { reportId: 'a/b c%' })
  t.equal((await page(optimize)).reportId, 'a/b c%')
  const broken = await ask(`${optimize.url}/api/public/export/report/%E0/result/json`, {
    headers: { authorization: 'Bearer demo' },
  })
  t.equal(broken.status, 404)
})
