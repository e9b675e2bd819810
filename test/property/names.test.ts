// For any records and any selection, each given name selects a column or is reported, and nothing else changes. Records come as
// objects and as the bytes of a page.
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Encoder } from '../../lib/encode/encoder.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { toNdjson } from '../../lib/encode/ndjson/to-ndjson.js'
import type { ExportError } from '../../lib/shared/errors.js'
import { ArrayScanner } from '../../lib/fastpath/scan/array-scanner.js'
import { PageInFlight } from '../../lib/pages/page-hand-over.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { recordMapping } from '../../lib/spans/key-mapping.js'
import { encodeRecords, readCsv } from '../support/encode/encode-csv.js'
import { runs, seed } from '../support/random/property.js'

const nested = { counts: 'count:', variables: 'variable:' } as const
type Nested = keyof typeof nested
const isNested = (key: string): key is Nested => Object.hasOwn(nested, key)

const unusualNames = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  '__proto__',
  'constructor',
  'a,b',
  'a"b',
  'a\nb',
  '\u00e9',
  'e\u0301',
  '😀',
  'overflow',
  'all',
]
const name = fc.constantFrom(...unusualNames)
const holder = fc.option(
  fc.dictionary(fc.oneof(name, fc.constant('variables')), fc.constantFrom('x', '', null), { maxKeys: 4 }),
)
const record = fc
  .tuple(fc.dictionary(name, fc.constantFrom('x', null, 1), { maxKeys: 4 }), fc.option(holder), fc.option(holder))
  .map(([top, variables, counts]) =>
    JSON.stringify({ ...top, ...(variables && { variables }), ...(counts && { counts }) }),
  )

const id = fc.oneof(
  name,
  name.map((key) => `variable:${key}`),
  name.map((key) => `count:${key}`),
  fc.constantFrom('variables', 'counts', 'variable:variables', 'nothing'),
)
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 6 })
const selection = fc.record({ pick: ids, omit: ids }, { requiredKeys: [] })

type Selected = { pick?: string[]; omit?: string[] }
type Json = Record<string, unknown>

const fieldOf = (column: string) => (Object.keys(nested) as Nested[]).find((field) => column.startsWith(nested[field]))
const has = (names: readonly string[], column: string) =>
  names.includes(column) || names.includes(fieldOf(column) ?? column)
const isSelected = ({ pick, omit = [] }: Selected, column: string) => (!pick || has(pick, column)) && !has(omit, column)

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null
const columnsOf = (one: Json) =>
  Object.keys(one).flatMap((key) => {
    if (!isNested(key)) return [key]
    const inside = one[key]
    return isObject(inside) ? Object.keys(inside).map((own) => nested[key] + own) : []
  })
const namesOf = (one: Json) => [...Object.keys(one), ...columnsOf(one)]

/** Returns the names in the options that no record has, each after its option. */
function unmatchedOf(records: readonly Json[], { pick = [], omit = [] }: Selected): string[] {
  const known = new Set(records.flatMap(namesOf))
  if (known.size === 0) return []
  const missing = (option: string, names: string[]) =>
    names.filter((one) => !known.has(one)).map((one) => `${option} ${JSON.stringify(one)}`)
  return [...missing('pick', pick), ...missing('omit', omit)]
}

interface Outcome {
  readonly text?: string
  readonly unmatched?: readonly string[]
  readonly code?: string
}

async function outcome(input: unknown[], createEncoder: () => Encoder): Promise<Outcome> {
  try {
    const encoder = createEncoder()
    const text = (await encodeRecords(input, encoder)).toString()
    return {
      text,
      unmatched: encoder.stats.unmatched.map(({ option, name: one }) => `${option} ${JSON.stringify(one)}`),
    }
  } catch (error) {
    return { code: (error as ExportError).code }
  }
}

/** Returns the records as objects, and as the bytes of a page if the scanner accepts them. */
function inputsOf(texts: readonly string[]): unknown[][] {
  const objects = texts.map((text) => JSON.parse(text) as unknown)
  const spans = new RecordSpans(Buffer.from(`[${texts.join()}]`))
  const isScanned = new ArrayScanner(recordMapping).scan(0, spans) === spans.bytes.length
  return isScanned ? [objects, [new PageInFlight(spans, () => undefined)]] : [objects]
}

const checkProperty = (holds: (texts: string[], options: Selected) => Promise<void>) =>
  fc.assert(fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 5 }), selection, holds), runs(25))

const isEmptySelection = ({ pick, omit = [] }: Selected) => pick !== undefined && pick.every((one) => has(omit, one))

/** Returns true if a selection leaves no column of records that have names. */
function leavesNothing(records: readonly Json[], options: Selected, unmatched: readonly string[]): boolean {
  const { pick, omit } = options
  const hasColumn = records.flatMap(columnsOf).some((column) => isSelected(options, column))
  const isNothing = !hasColumn || (pick?.every((one) => unmatched.includes(`pick ${JSON.stringify(one)}`)) ?? false)
  return isNothing && (pick ?? omit) !== undefined && records.some((one) => namesOf(one).length > 0)
}

t.test('CSV has exactly the selected columns', async (t) => {
  await checkProperty(async (texts, options) => {
    const records = texts.map((text) => JSON.parse(text) as Json)
    const unmatched = unmatchedOf(records, options)
    const columns = [...new Set(records.flatMap(columnsOf))].filter((column) => isSelected(options, column))
    for (const input of inputsOf(texts)) {
      for (const how of [{ sampleSize: 10 }, { columns: 'all', sampleSize: 1 }] as const) {
        const found = await outcome(input, () => toCsv({ ...options, ...how }))
        if (isEmptySelection(options)) deepStrictEqual(found, { code: 'ERR_OPTION' })
        else if (leavesNothing(records, options, unmatched)) deepStrictEqual(found, { code: 'ERR_UNMATCHED_NAME' })
        else {
          const [header = []] = readCsv(found.text!)
          deepStrictEqual([...header].sort(), [...columns].sort())
          deepStrictEqual(found.unmatched, unmatched)
        }
      }
    }
  })
  t.pass(`seed ${seed}`)
})

t.test('a list of columns is the header, and each of its names is matched or reported', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 5 }), ids, async (texts, columns) => {
      fc.pre(columns.length === 1 || !columns.includes('all'))
      const records = texts.map((text) => JSON.parse(text) as Json)
      const known = new Set(records.flatMap(namesOf))
      const unmatched = columns.filter((one) => known.size > 0 && !known.has(one))
      for (const input of inputsOf(texts)) {
        const found = await outcome(input, () => toCsv({ columns }))
        if (unmatched.length === columns.length) deepStrictEqual(found, { code: 'ERR_UNMATCHED_NAME' })
        else {
          deepStrictEqual(readCsv(found.text!)[0], columns)
          deepStrictEqual(
            found.unmatched,
            unmatched.map((one) => `columns ${JSON.stringify(one)}`),
          )
        }
      }
    }),
    runs(25),
  )
  t.pass(`seed ${seed}`)
})

function filterRecord(one: Json, options: Selected): Json {
  const { pick, omit = [] } = options
  const entries = Object.entries(one).flatMap(([key, value]): [string, unknown][] => {
    if (!isNested(key) || !isObject(value)) return isSelected(options, key) ? [[key, value]] : []
    const prefix = nested[key]
    if (omit.includes(key) || (pick && !pick.some((name) => name === key || name.startsWith(prefix)))) return []
    return [[key, Object.fromEntries(Object.entries(value).filter(([own]) => isSelected(options, prefix + own)))]]
  })
  return Object.fromEntries(entries)
}

t.test('NDJSON has exactly the selected fields', async (t) => {
  await checkProperty(async (texts, options) => {
    const records = texts.map((text) => JSON.parse(text) as Json)
    const unmatched = unmatchedOf(records, options)
    const kept = records.map((one) => filterRecord(one, options))
    for (const input of inputsOf(texts)) {
      const found = await outcome(input, () => toNdjson(options))
      if (isEmptySelection(options)) deepStrictEqual(found, { code: 'ERR_OPTION' })
      else if (leavesNothing(records, options, unmatched)) deepStrictEqual(found, { code: 'ERR_UNMATCHED_NAME' })
      else deepStrictEqual(found, { text: kept.map((one) => `${JSON.stringify(one)}\n`).join(''), unmatched })
    }
  })
  t.pass(`seed ${seed}`)
})

t.test('with strict there is an output only if every name is matched', async (t) => {
  await checkProperty(async (texts, options) => {
    const unmatched = unmatchedOf(
      texts.map((text) => JSON.parse(text) as Json),
      options,
    )
    for (const input of inputsOf(texts))
      for (const strict of [true, 'omit'] as const) {
        const { code } = await outcome(input, () => toNdjson({ ...options, strict }))
        const isWrong = unmatched.some((one) => strict === true || one.startsWith('omit '))
        if (isWrong && !isEmptySelection(options)) deepStrictEqual(code, 'ERR_UNMATCHED_NAME')
        const lenient = await outcome(input, () => toNdjson(options))
        if (isWrong) continue
        // alike names are an error only with `strict: true`
        const isCollision = strict === true && code === 'ERR_COLUMN_COLLISION' && lenient.code === undefined
        if (!isCollision) deepStrictEqual(code, lenient.code)
      }
  })
  t.pass(`seed ${seed}`)
})
