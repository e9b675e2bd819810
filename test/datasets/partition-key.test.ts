import t from 'tap'
import { toDataset } from '../../lib/index.js'
import {
  escapeSegment,
  getPartitionName,
  parsePartitionColumn,
  PartitionFinder,
} from '../../lib/datasets/partition-key.js'
import { parseManifest, isDatasetPath, listJournalFiles } from '../../lib/datasets/dataset-manifest.js'

function pathOf(text: string, record: Record<string, unknown>): string {
  const column = parsePartitionColumn(text)
  return new PartitionFinder('toDataset', [column], ['x']).findForRecord(record as never, 7).folder
}

t.test('the text of a column may end with a period, unless that is the name of a variable', async (t) => {
  t.match(parsePartitionColumn('startDate:month'), { id: 'startDate', period: 'month' })
  t.match(parsePartitionColumn('variable:due:year'), { id: 'variable:due', period: 'year' })
  t.match(parsePartitionColumn('variable:month'), { id: 'variable:month', period: undefined })
  t.match(parsePartitionColumn(':day'), { id: ':day', period: undefined })
  t.match(parsePartitionColumn('tenantId'), { id: 'tenantId', period: undefined })
})

t.test('a date of the API with an unknown period is an OptionError; other names may have any end', async (t) => {
  const create = (...partitionBy: string[]) => toDataset({ path: t.testdir(), partitionBy })
  for (const text of ['startDate:week', 'endDate:Month', 'evaluationDateTime:', 'startDate:week:day'])
    t.throws(() => create('tenantId', text), {
      code: 'ERR_OPTION',
      message: `toDataset: partitionBy: expected a date with :day, :month or :year, got "${text}"`,
    })
  const names = ['startDate:day', 'variable:week', 'variable:startDate:week', 'due:week', 'startDate']
  for (const text of names) t.doesNotThrow(() => create(text).destroy())
  t.equal(pathOf('variable:week', { variables: { week: 7 } }), 'x=7')
  t.equal(pathOf('due:week', { 'due:week': 7 }), 'x=7')
})

t.test('names of partition columns are in lower case with _ for other characters, or snake names', async (t) => {
  t.equal(getPartitionName(parsePartitionColumn('startDate:month'), false), 'startdate_month')
  t.equal(getPartitionName(parsePartitionColumn('startDate:month'), true), 'start_date_month')
  t.equal(getPartitionName(parsePartitionColumn('variable:Order-No'), false), 'variable_order_no')
})

t.test('values are escaped as by Hive and Spark; null and empty texts are in the default partition', async (t) => {
  t.equal(escapeSegment('a/b=c%d:é "x"\u0001\n'), 'a%2Fb%3Dc%25d%3Aé %22x%22%01%0A')
  t.equal(pathOf('tenantId', { tenantId: 'a/b' }), 'x=a%2Fb')
  t.equal(pathOf('tenantId', { tenantId: '..' }), 'x=..')
  t.equal(pathOf('tenantId', { tenantId: 12.5 }), 'x=12.5')
  t.equal(pathOf('variable:v', { variables: { v: true } }), 'x=true')
  for (const tenantId of [null, undefined, ''])
    t.equal(pathOf('tenantId', { tenantId }), 'x=__HIVE_DEFAULT_PARTITION__')
  t.throws(() => pathOf('tenantId', { tenantId: 'é'.repeat(127) }), {
    code: 'ERR_ENCODE',
    message: /partitionBy: expected values of at most 255 bytes as a folder name, got "x=é/,
  })
})

t.test('a date has its day, month or year in UTC; another value is an error that names the record', async (t) => {
  const startDate = '2026-05-01T01:30:00.000+0200'
  t.equal(pathOf('startDate:day', { startDate }), 'x=2026-04-30')
  t.equal(pathOf('startDate:month', { startDate }), 'x=2026-04')
  t.equal(pathOf('startDate:year', { startDate: new Date('2026-12-31T23:00:00Z') }), 'x=2026')
  t.equal(pathOf('startDate:month', { startDate: null }), 'x=__HIVE_DEFAULT_PARTITION__')
  for (const wrong of ['soon', 7, new Date(NaN)])
    t.throws(() => pathOf('startDate:month', { startDate: wrong }), {
      code: 'ERR_CELL_TYPE',
      message: /^toDataset: partitionBy "startDate:month": row 7: expected a date, got /,
    })
})

t.test('a path is that of a dataset file only if a dataset gives such names', async (t) => {
  const name = 'part-00000-20261129t184807z-39659e96.parquet'
  t.ok(isDatasetPath(`a=1/b=2/${name}`))
  t.ok(isDatasetPath(name))
  for (const path of [7, `../${name}`, `/${name}`, 'orders.parquet', `a=1/../${name}`]) t.notOk(isDatasetPath(path))
  t.strictSame(listJournalFiles('no JSON'), [])
  t.strictSame(listJournalFiles('[]'), [])
  t.strictSame(listJournalFiles(JSON.stringify({ adds: [name], removes: ['../x', `a/${name}`] })), [name, `a/${name}`])
})

t.test('a text that is not a manifest is an error', async (t) => {
  const run = { id: 'x' }
  for (const text of ['', 'null', '{}', JSON.stringify({ manifestVersion: 2, files: [], partitionBy: [], run })])
    t.throws(() => parseManifest(text), { message: /_manifest.json is not the manifest of a dataset; remove it first/ })
  for (const [file, found] of [
    [7, '7'],
    [{ path: '../../etc/passwd' }, '"../../etc/passwd"'],
  ] as const)
    t.throws(() => parseManifest(JSON.stringify({ manifestVersion: 1, files: [file], partitionBy: [], run })), {
      message: `_manifest.json lists the path ${found}, which no file of a dataset has; remove _manifest.json first, or choose another folder`,
    })
  t.throws(() => parseManifest(JSON.stringify({ manifestVersion: 1, files: [], partitionBy: [], run, schema: [7] })), {
    code: 'ERR_OPTION',
  })
})
