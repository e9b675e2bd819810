import t from 'tap'
import { collectionIdOf, listReports, reportIdOf } from '../../lib/index.js'
import { resolveExportOptions } from '../../lib/api/export-options.js'

const base = { baseUrl: 'https://h', accessToken: 'demo' }
const idOf = (reportId: string) => resolveExportOptions('exportStream', { ...base, reportId }).reportId

t.test('a report is given by its id or by its address in the browser, with white space around it', async (t) => {
  for (const given of [
    'r-1',
    '\ufeff r-1 \r\n',
    'https://h/#/report/r-1',
    'https://h/optimize/#/collection/c-1/report/r-1/',
    'https://h/optimize/?x=1#/collection/c-1/report/r-1?filter=%7B%7D',
    'http://h:8090/0123-cluster/#/report/r-1/edit',
    '#/report/r-1',
  ])
    for (const id of [idOf, reportIdOf]) t.equal(id(given), 'r-1', given)
  t.equal(idOf('a b/?#%'), 'a b/?#%', 'any other text is an id')
})

t.test('the address of another page is refused', async (t) => {
  for (const given of ['https://h/report/r-1', 'https://h', ' ', '..', 'https://h/#/report/..'])
    t.throws(
      () => idOf(given),
      { code: 'ERR_OPTION', message: /reportId: expected the id of a report, or its address/ },
      given,
    )
  t.throws(() => idOf('https://h/#/collection/c/dashboard/d/'), {
    message: /reportId: expected the address of a report, got that of a dashboard/,
  })
})

t.test('a collection too is given by its id or by its address in the browser', async (t) => {
  const collectionIds: string[] = []
  const fetch = async (url: string) => {
    collectionIds.push(new URL(url).searchParams.get('collectionId')!)
    return new Response('[]')
  }
  for (const collectionId of ['c-1\r', 'https://h/#/collection/c-1/', 'https://h/#/collection/c-1/dashboard/d/'])
    for await (const id of listReports({ ...base, collectionId, fetch })) t.fail(id)
  t.strictSame(collectionIds, ['c-1', 'c-1', 'c-1'])
  t.throws(() => listReports({ ...base, collectionId: 'https://h/#/report/r' }), { code: 'ERR_OPTION' })
})

t.test('reportIdOf refuses a text that is not an id', async (t) => {
  t.throws(() => reportIdOf('https://h/#/processes/'), {
    name: 'OptionError',
    message: /^reportIdOf: reportId: expected the id of a report, or its address in the browser/,
  })
})

t.test('the message for an address that looks like that of a report says what to do', async (t) => {
  const problems = {
    'https://h/#/share/report/s-1/': 'a shared link; open the report itself and copy that address',
    'https://h/optimize/#/collection/c-1/': 'a collection; open one of its reports',
    'https://h/#/report/new/edit': 'a report that is not saved yet; save it first, then copy the address',
    'https://h/#/collection/c-1/report/new-combined/edit':
      'a report that is not saved yet; save it first, then copy the address',
  }
  for (const [given, problem] of Object.entries(problems))
    t.throws(() => idOf(given), {
      message: `exportStream: reportId: expected the address of a report, got that of ${problem}`,
    })
  t.equal(reportIdOf('new'), 'new', 'an id that is not an address')
  t.equal(collectionIdOf('https://h/#/collection/c-1/report/new/edit'), 'c-1')
  t.throws(() => collectionIdOf('https://h/#/share/dashboard/d-1/'), { message: /open the collection itself/ })
})
