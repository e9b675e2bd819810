// Fields that no version of Optimize has: whatever their names and values, pages and records become the same rows, and a record
// becomes one row, unless it is a group of a hyper-map report.
import fc from 'fast-check'
import t from 'tap'
import { flattenVariables, toCsv, toNdjson, toParquet, type CsvOptions, type ParquetOptions } from '../../lib/index.js'
import { createExport, encodeBothWays } from '../support/encode/encode-both-ways.js'
import { readCsv } from '../support/encode/encode-csv.js'
import { renderPage } from '../support/random/hostile-pages.js'
import { runs } from '../support/random/property.js'
import { readFooter, readWithHyparquet } from '../support/readers/read-parquet.js'

const names = fc.constantFrom(
  'key',
  'value',
  'label',
  'distributedKey',
  'distributedValue',
  'values',
  'overflow',
  'x',
  '7',
  '__proto__',
)
const values = fc.constantFrom(
  '[]',
  '[{"key":"a","value":1},{"key":"b","value":2}]',
  '[{"key":"a","value":1,"label":"A"}]',
  '[{"key":"a"}]',
  '[[]]',
  '{}',
  '{"key":"a","value":[]}',
  'null',
  '"text"',
  '1.50',
  'true',
)
const extras = fc.dictionary(names, values, { maxKeys: 4, noNullPrototype: true })

const objectText = (known: readonly string[], extra: Record<string, string>) =>
  `{${[...known, ...Object.entries(extra).map(([name, value]) => `${JSON.stringify(name)}:${value}`)].join()}}`

const plainBody = (records: readonly string[]) =>
  `{"numberOfRecordsInResponse":${records.length},"totalNumberOfRecords":${records.length},"reportId":"r","data":[${records.join()}]}`

/** The known fields of the records of a kind, and the text of a page. */
const kinds = {
  process: {
    known: (at: number) => [`"processInstanceId":"${at}"`, '"variables":{"v":"x"}'],
    page: (records: readonly string[]) => renderPage(records, records.length, 'c'),
  },
  processWithoutVariables: {
    known: (at: number) => [`"processInstanceId":"${at}"`],
    page: (records: readonly string[]) => renderPage(records, records.length, 'c'),
  },
  decision: {
    known: (at: number) => [`"decisionInstanceId":"${at}"`, '"inputVariables":{"i":{"value":"x"}}'],
    page: (records: readonly string[]) => renderPage(records, records.length, 'c'),
  },
  map: { known: (at: number) => [`"key":"${at}"`, '"value":1', '"label":"L"'], page: plainBody },
  hyperMap: {
    known: (at: number) => [`"key":"${at}"`, '"value":[{"key":"p","value":1,"label":"P"}]'],
    page: plainBody,
  },
} as const

const kind = fc.constantFrom<(keyof typeof kinds)[]>(
  'process',
  'processWithoutVariables',
  'decision',
  'map',
  'hyperMap',
)
const options = fc.constantFrom<CsvOptions[]>(
  {},
  { columns: 'all' },
  { sampleSize: 1, lateColumns: 'overflow' },
  { preset: 'optimize' },
)

function pageOf(name: keyof typeof kinds, all: readonly Record<string, string>[]): string {
  const { known, page } = kinds[name]
  const isMapReport = name === 'map' || name === 'hyperMap'
  const knownFields = new Set(isMapReport ? ['key', 'value', 'label'] : [])
  const others = (extra: Record<string, string>) =>
    Object.fromEntries(Object.entries(extra).filter(([field]) => !knownFields.has(field)))
  return page(all.map((extra, at) => objectText(known(at), others(extra))))
}

t.test('CSV, NDJSON and Parquet have the same rows from pages and from records', async (t) => {
  await fc.assert(
    fc.asyncProperty(kind, fc.array(extras, { minLength: 1, maxLength: 5 }), options, async (name, all, csv) => {
      const pages = [pageOf(name, all)]
      for (const createEncoder of [() => toCsv(csv), () => toNdjson()]) {
        const [byPages, byRecords] = await encodeBothWays(pages, createEncoder)
        t.equal(byPages.toString(), byRecords.toString())
      }
      const read = async (bytes: Buffer) =>
        bytes.subarray(0, 4).toString() === 'PAR1' ? await readWithHyparquet(bytes) : bytes.toString()
      const [byPages, byRecords] = await encodeBothWays(pages, () => toParquet({ columns: 'all' }))
      t.strictSame(await read(byPages), await read(byRecords))
    }),
    runs(15),
  )
})

t.test('a record is one row, in CSV and after flattenVariables', async (t) => {
  await fc.assert(
    fc.asyncProperty(kind, fc.array(extras, { minLength: 1, maxLength: 5 }), async (name, all) => {
      const pages = [pageOf(name, all)]
      const [csv] = await encodeBothWays(pages, () => toCsv({ columns: 'all' }))
      const rows = readCsv(csv.toString()).length - 1
      t.equal(rows, all.length)
      let flat = 0
      // eslint-disable-next-line @typescript-eslint/no-unused-vars -- they are counted
      for await (const _ of createExport(pages).pipe(flattenVariables())) flat++
      t.equal(flat, all.length)
    }),
    runs(15),
  )
})

t.test('a process record with the fields of a group is not a group', async (t) => {
  const record =
    '{"processInstanceId":"1","key":"k","value":[{"key":"a","value":1},{"key":"b","value":2}],"variables":{"v":"x"}}'
  for (const bytes of await encodeBothWays([renderPage([record], 1, 'c')], () => toCsv()))
    t.equal(
      bytes.toString(),
      'processInstanceId,variable:v,key,value\n1,x,k,"[{""key"":""a"",""value"":1},{""key"":""b"",""value"":2}]"\n',
    )
})

t.test('a group among process instances has the same rows from pages and from records', async (t) => {
  const records = ['{"processInstanceId":"1","key":"a","value":"x"}', '{"key":"k","value":[{"key":"a","value":1}]}']
  const [byPages, byRecords] = await encodeBothWays([renderPage(records, 2, 'c')], () => toCsv({ columns: 'all' }))
  t.equal(byPages.toString(), byRecords.toString())
})

const fieldValues = fc.constantFrom(
  '1',
  '-0',
  '1.5',
  '1e2',
  '9999999999999998',
  '9007199254740993',
  '12345678901234567890',
  'true',
  'null',
  '"x"',
  '""',
  '"7"',
  '"\\u0037"',
  '{}',
  '[1.5]',
)

/** Returns the type of the field `x` and the rows of a Parquet file, or the code of the failure. */
async function readField(bytes: Buffer): Promise<{ type: unknown; rows: unknown[][] } | string> {
  if (bytes.subarray(0, 4).toString() !== 'PAR1') return bytes.toString().replace(/ .*/s, '')
  const element = readFooter(bytes).schema.find(({ name }) => name === 'x')
  return { type: element && [element.type, element.converted_type], rows: (await readWithHyparquet(bytes)).rows }
}

t.test('unknown fields of flow nodes have the types of fields of other lists, both ways', async (t) => {
  const text = ['BYTE_ARRAY', 'UTF8']
  const lists = fc
    .array(fc.array(fieldValues, { maxLength: 3 }), { minLength: 1, maxLength: 5 })
    .filter(([first]) => first!.length > 0)
  const settings = fc.constantFrom<ParquetOptions[]>({}, { columns: 'all', sampleSize: 1 }, { sampleSize: 2 })
  await fc.assert(
    fc.asyncProperty(lists, settings, async (all, parquet) => {
      const encode = async (field: string) => {
        const records = all.map((values, at) => {
          const list = values.map((value) => `{"id":"a","name":"","startDate":null,"endDate":null,"x":${value}}`)
          return `{"processInstanceId":"${at}","variables":{},"${field}":[${list.join()}]}`
        })
        const files = await encodeBothWays([renderPage(records, records.length, 'c')], () => toParquet(parquet))
        const [byPages, byRecords] = [await readField(files[0]), await readField(files[1])]
        t.strictSame(byPages, byRecords)
        // a list whose elements have no common type is JSON, without a field
        return typeof byPages === 'string' ? byPages : (byPages.type ?? text)
      }
      t.strictSame(await encode('flowNodeInstances'), await encode('items'))
    }),
    runs(60),
  )
})
