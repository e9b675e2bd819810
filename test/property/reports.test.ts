// With every option and for each kind of report, an encoder writes the same bytes from whole pages and from single records.
import fc from 'fast-check'
import t from 'tap'
import { flowNodeEvents, toCsv, toNdjson, toParquet, type ParquetOptions } from '../../lib/index.js'
import { assertSameBothWays } from '../support/encode/encode-both-ways.js'
import { csvOptions, parquetOptions } from '../support/random/encoder-options.js'
import { renderPage } from '../support/random/hostile-pages.js'
import { runs } from '../support/random/property.js'

const scalar = fc.constantFrom('null', '"a"', '"\\u0061\\n"', '1.50', '12', 'true', '"2.0"', '{"a":1}', '[1,2]', '""')
const list = fc.array(scalar, { maxLength: 3 }).map((values) => `[${values.join()}]`)
/** The forms of an output, without its id. */
const outputForms: readonly ((values: string) => string)[] = [
  (values) => `"values":${values}`,
  (values) => `"value":${values}`,
  (values) => `"values":${values},"value":"other"`,
]

/** A decision instance with outputs whose number and content vary. */
const createDecision = (forms: typeof outputForms) =>
  fc
    .tuple(fc.nat(1000), fc.array(fc.tuple(list, fc.constantFrom(...forms)), { minLength: 1, maxLength: 3 }), scalar)
    .map(
      ([id, outputs, input]) =>
        `{"decisionInstanceId":"${id}","evaluationDateTime":"2021-12-02T17:21:49.330+0200","inputVariables":{"in":{"id":"in","value":${input}}},"outputVariables":{${outputs
          .map(([values, format], index) => `"o${index}":{"id":"o${index}",${format(values)}}`)
          .join()}},"flowNodeInstances":[{"id":"f${id}"}]}`,
    )

/** A process instance with few fields, so that most fields first appear in a later record, some of them in other upper or lower case. */
const growingProcess = fc
  .tuple(
    fc.nat(1000),
    fc.subarray(['businessKey', 'Businesskey', 'counts', 'Counts', 'variables', 'Variables']),
    scalar,
  )
  .map(
    ([id, fields, cell]) =>
      `{"processInstanceId":"${id}"${fields
        .map((field) => `,"${field}":${/s$/.test(field) ? `{"amount":${cell},"Amount":1}` : cell}`)
        .join('')}}`,
  )

const pair = fc
  .tuple(scalar, scalar, fc.boolean())
  .map(([key, value, hasLabel]) => `{"key":${key},${hasLabel ? '"label":"x",' : ''}"value":${value}}`)
const group = fc
  .tuple(
    scalar,
    fc.oneof(
      scalar,
      list,
      fc.array(pair, { maxLength: 3 }).map((pairs) => `[${pairs.join()}]`),
    ),
  )
  .map(([key, value]) => `{"key":${key},"value":${value},"label":null}`)

const recordsOf = (record: fc.Arbitrary<string>) => fc.array(record, { minLength: 1, maxLength: 8 })

const reports = {
  'decision reports': fc.oneof(
    ...[outputForms, ...outputForms.map((form) => [form])].map(createDecision).map(recordsOf),
  ),
  'process reports whose records get more fields': recordsOf(growingProcess),
  'map and hyper-map reports': recordsOf(group),
}

const lateMapOptions = parquetOptions.map((options): ParquetOptions => ({
  ...options,
  columns: 'sample',
  sampleSize: 1,
  lateColumns: 'drop',
  variables: 'map',
}))

for (const [title, records] of Object.entries(reports)) {
  t.test(title, async (t) => {
    const anyParquetOptions = fc.oneof(parquetOptions, lateMapOptions)
    await fc.assert(
      fc.asyncProperty(records, csvOptions, anyParquetOptions, async (records, csv, parquet) => {
        const pages = [renderPage(records, records.length, '')]
        await assertSameBothWays(pages, () => toCsv(csv))
        await assertSameBothWays(pages, () => toParquet(parquet))
        for (const options of [{ pick: ['key', 'value', 'outputVariables', 'input:in', 'variables'] }, {}])
          await assertSameBothWays(pages, () => toNdjson(options))
        await assertSameBothWays(
          pages,
          () => toNdjson(),
          () => [flowNodeEvents({ fields: ['output:o0', 'input:in', 'distributedKey'] })],
        )
      }),
      runs(15, 10),
    )
    t.pass()
  })
}
