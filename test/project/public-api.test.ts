import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as publicApi from '../../lib/index.js'
import * as duckdb from '../../lib/destinations/duckdb/index.js'
import * as postgres from '../../lib/destinations/postgres/index.js'
import * as s3 from '../../lib/stores/s3/index.js'
import * as arrow from '../../lib/formats/arrow/index.js'
import * as mining from '../../lib/formats/mining/index.js'
import * as singer from '../../lib/formats/singer/index.js'
import * as xlsx from '../../lib/formats/xlsx/index.js'
import * as testing from '../../lib/testing/index.js'

t.test('the public entry point has the listed exports, and nothing else', async (t) => {
  t.strictSame(Object.keys(publicApi).sort(), [
    'ExportError',
    'OptionError',
    'VERSION',
    'atomicFile',
    'atomicFiles',
    'clientCredentials',
    'collectionIdOf',
    'compareReceipts',
    'compareReport',
    'exportPages',
    'exportStream',
    'findLastLoad',
    'flattenRecord',
    'flattenVariables',
    'flowNodeEventRows',
    'flowNodeEvents',
    'listNamedReports',
    'listReports',
    'loadReport',
    'parquetCodecs',
    'parquetTypes',
    'profileColumns',
    'reportIdOf',
    'toCsv',
    'toDataset',
    'toNdjson',
    'toParquet',
  ])
})

t.test('the testing entry point has the fake server', async (t) => {
  t.strictSame(Object.keys(testing).sort(), ['createSampleReports', 'startFakeOptimize'])
})

t.test('each destination has an entry point of its own', async (t) => {
  t.strictSame(Object.keys(duckdb), ['duckdb'])
  t.strictSame(Object.keys(postgres), ['postgres'])
  t.strictSame(Object.keys(s3).sort(), ['s3', 's3File'])
})

t.test('some formats have an entry point of their own', async (t) => {
  t.strictSame(Object.keys(arrow), ['toArrow'])
  t.strictSame(Object.keys(mining).sort(), ['toOcel', 'toXes'])
  t.strictSame(Object.keys(singer), ['toSinger'])
  t.strictSame(Object.keys(xlsx), ['toXlsx'])
})

t.test('the public entry point only re-exports', async (t) => {
  const text = readFileSync(join(import.meta.dirname, '../../lib/index.ts'), 'utf8')
  const statements = text.replace(/\/\/.*/g, '').match(/^(?!export|\s|\}|$).*/gm) ?? []
  t.strictSame(statements, [])
})

t.test('wrong use is a TypeError with a code, and a runtime failure is not a TypeError', async (t) => {
  t.throws(() => publicApi.toCsv({ delimitr: ';' } as never), { name: 'OptionError', code: 'ERR_OPTION' })
  t.ok(new publicApi.OptionError('toCsv', 'x', 'y') instanceof TypeError)
  t.notOk(new publicApi.ExportError('ERR_HTTP', 'x') instanceof TypeError)
})
