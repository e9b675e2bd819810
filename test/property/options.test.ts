// With every option, an encoder writes the same bytes from whole pages and from single records.
import fc from 'fast-check'
import t from 'tap'
import { flowNodeEvents, toCsv, toNdjson, toParquet } from '../../lib/index.js'
import { assertSameBothWays } from '../support/encode/encode-both-ways.js'
import { csvOptions, parquetOptions } from '../support/random/encoder-options.js'
import { HostileRecords, renderPage, type PageStyle } from '../support/random/hostile-pages.js'
import { runs } from '../support/random/property.js'

const style: fc.Arbitrary<PageStyle> = fc.record({ isNonCanonical: fc.boolean(), hasUnusualValues: fc.boolean() })

function pagesOf(from: number, look: PageStyle): string[] {
  const records = new HostileRecords(from, look)
  return Array.from({ length: 3 }, (_, at) => renderPage(records.take(12), 36, `cursor${at}`))
}

const names = [
  'processInstanceId',
  'startDate',
  'variables',
  'variable:amount',
  'variable:a.b',
  'flowNodeDurations',
  'dur:start',
  'flowNodeInstances',
  'nothing',
]
const someNames = fc.subarray(names, { minLength: 1 })

t.test('an event log, in every format', async (t) => {
  const fields = fc.option(fc.subarray(['businessKey', 'variable:amount', 'dur:start', 'variables']), {
    nil: undefined,
  })
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, fields, async (from, look, fields) => {
      const pages = pagesOf(from, look)
      for (const createEncoder of [() => toCsv(), () => toNdjson(), () => toParquet()])
        await assertSameBothWays(pages, createEncoder, () => [flowNodeEvents({ fields })])
    }),
    runs(30, 10),
  )
  t.pass()
})

t.test('pick and omit in NDJSON', async (t) => {
  const selection = fc.record({ pick: someNames, omit: someNames }, { requiredKeys: [] })
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, selection, async (from, look, options) => {
      if (options.pick && options.omit && options.pick.every((name) => options.omit!.includes(name))) return
      try {
        toNdjson(options)
      } catch {
        return
      }
      await assertSameBothWays(pagesOf(from, look), () => toNdjson(options))
    }),
    runs(60, 5),
  )
  t.pass()
})

t.test('CSV with any options', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, csvOptions, async (from, look, options) => {
      await assertSameBothWays(pagesOf(from, look), () => toCsv(options))
    }),
    runs(60, 5),
  )
  t.pass()
})

t.test('Parquet with any options', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), style, parquetOptions, async (from, look, options) => {
      await assertSameBothWays(pagesOf(from, look), () => toParquet(options))
    }),
    runs(60, 10),
  )
  t.pass()
})
