// CSV of any records: csv-parse reads the same cells from it, and csv-stringify writes the same bytes.
import fc from 'fast-check'
import t from 'tap'
import type { CsvOptions } from '../../lib/encode/csv/dialect.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { defaultColumnsWithoutRows } from '../../lib/shared/reports/report-kinds.js'
import { encodeCsv, encodeRecords, readCsv } from '../support/encode/encode-csv.js'
import { runs, seed } from '../support/random/property.js'

const checkProperty = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => Promise<void>, standard = 40) =>
  fc.assert(fc.asyncProperty(arbitrary, holds), runs(standard, 5))

const awkward = fc.constantFrom(
  '',
  '"',
  '""',
  ',',
  ';',
  '\n',
  '\r',
  '\r\n',
  '"\n"',
  '|',
  '||',
  '\t',
  ' ',
  "'",
  '=1',
  '-1.5',
  '+x',
  '@',
  'NULL',
  '😀',
  '\uFEFF',
  '\0',
  '__proto__',
)
const text = fc.oneof(
  awkward,
  fc.array(awkward, { maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const scalar = fc.oneof(
  { weight: 4, arbitrary: text },
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
)
const cell = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 2 }),
  fc.dictionary(fc.string(), fc.integer(), { maxKeys: 2 }),
)

const hostileName = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'a.b',
  'a,b',
  'a"b',
  'a\nb',
  '',
  ' ',
  '0',
  '10',
  '2',
  'x',
  'overflow',
  'variable:x',
  '😀',
  '=x',
)
const name = fc.oneof(hostileName, fc.string({ unit: 'binary', maxLength: 4 }))
const canBeTopLevel = (field: string) =>
  !/^(count|dur|variable|input|output):/.test(field) && !['variables', 'counts', 'value'].includes(field)

interface Nested {
  readonly top: Readonly<Record<string, unknown>>
  readonly variables: Readonly<Record<string, unknown>> | null | undefined
}

/** Records whose keys change, so that late columns appear at every position. */
const nested: fc.Arbitrary<Nested> = fc.record({
  top: fc.dictionary(name.filter(canBeTopLevel), cell, { maxKeys: 4 }),
  variables: fc.oneof(
    { weight: 5, arbitrary: fc.dictionary(name, cell, { maxKeys: 5 }) },
    fc.constantFrom(null, undefined),
  ),
})
const records = fc.array(nested, { maxLength: 12 })

const recordOf = ({ top, variables }: Nested) => (variables === undefined ? { ...top } : { ...top, variables })

/** Returns the cells of a record by column, as text, without code of the library. */
function cellsOf({ top, variables }: Nested): Map<string, string> {
  const named = [
    ...Object.entries(top),
    ...Object.entries(variables ?? {}).map(([key, value]) => [`variable:${key}`, value] as const),
  ]
  return new Map(named.map(([id, value]) => [id, textOf(value)]))
}

function textOf(value: unknown): string {
  if (value === null) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean | bigint).toString()
}

/** Returns the columns of a file; without records it has the documented fields. */
const columnsOf = (given: readonly Nested[]) =>
  given.length === 0 ? defaultColumnsWithoutRows : [...new Set(given.flatMap((record) => [...cellsOf(record).keys()]))]

function expectTable(given: readonly Nested[], lines: string[][], title: string): void {
  const [header = [], ...rows] = lines
  const columns = columnsOf(given)
  const same = JSON.stringify([...header].sort()) === JSON.stringify([...columns].sort())
  if (!same) throw new Error(`${title}: expected columns ${JSON.stringify(columns)}, got ${JSON.stringify(header)}`)
  if (columns.length > 0 && rows.length !== given.length)
    throw new Error(`expected ${given.length} rows, got ${rows.length}`)
  for (const [at, row] of rows.entries()) {
    const cells = cellsOf(given[at]!)
    for (const [index, id] of header.entries())
      if (row[index] !== (cells.get(id) ?? ''))
        throw new Error(
          `row ${at}, ${JSON.stringify(id)}: expected ${JSON.stringify(cells.get(id))}, got ${JSON.stringify(row[index])}`,
        )
  }
}

const delimiter = fc.constantFrom(',', ';', '\t', '|', '||', '::', '<>', 'aa', '.')
const dialect: fc.Arbitrary<CsvOptions & { delimiter: string }> = fc.record(
  {
    delimiter,
    quote: fc.constantFrom('minimal' as const, 'always' as const),
    eol: fc.constantFrom('\n' as const, '\r\n' as const),
    bom: fc.boolean(),
  },
  { requiredKeys: ['delimiter'] },
)

/** The dialect for readers; a byte order mark is removed only if the encoder wrote it. */
const reading = ({ delimiter, bom = false }: CsvOptions & { delimiter: string }) => ({ delimiter, bom })

t.test('a file with the columns of the sample, read back, has the cells of the records', async (t) => {
  await checkProperty(fc.tuple(records, dialect), async ([given, options]) => {
    expectTable(given, readCsv(await encodeCsv(given.map(recordOf), options), reading(options)), 'sample')
  })
  t.pass(`seed ${seed}`)
})

t.test(
  'a file with `columns: all` and late columns at every position, read back, has the cells of the records',
  async (t) => {
    const ways = fc.constantFrom<CsvOptions>({}, { stringify: {} })
    await checkProperty(
      fc.tuple(records, dialect, fc.integer({ min: 1, max: 5 }), ways),
      async ([given, options, sampleSize, way]) => {
        const text = await encodeCsv(given.map(recordOf), { ...options, ...way, columns: 'all', sampleSize })
        expectTable(given, readCsv(text, reading(options)), 'all')
      },
    )
    t.pass(`seed ${seed}`)
  },
)

t.test('`columns: all` writes the same bytes as a list of the same columns', async (t) => {
  const nullValue = fc.constantFrom('', 'NULL', '\\N')
  await checkProperty(
    fc.tuple(records, dialect, fc.integer({ min: 1, max: 5 }), nullValue),
    async ([given, options, sampleSize, nullValue]) => {
      const rows = given.map(recordOf)
      const grown = await encodeCsv(rows, { ...options, nullValue, columns: 'all', sampleSize })
      const [columns = []] = readCsv(grown, reading(options))
      t.equal(grown, columns.length === 0 ? '' : await encodeCsv(rows, { ...options, nullValue, columns }))
    },
  )
})

t.test('the column `overflow`, read back, has every late cell and no other', async (t) => {
  const texts = fc.array(
    fc.dictionary(
      name.filter((id) => canBeTopLevel(id) && id !== 'overflow'),
      fc.string(),
      { maxKeys: 5 },
    ),
    { minLength: 1, maxLength: 10 },
  )
  await checkProperty(fc.tuple(texts, fc.integer({ min: 1, max: 4 })), async ([rows, sampleSize]) => {
    const [header = [], ...lines] = readCsv(await encodeCsv(rows, { sampleSize, lateColumns: 'overflow' }))
    for (const [at, row] of rows.entries()) {
      const cells = header.map((id, index): [string, string] => [id, lines[at]![index]!]).slice(0, -1)
      const late = Object.entries(JSON.parse(lines[at]!.at(-1)! || '{}') as Record<string, string>)
      const isFilled = ([, cell]: [string, string]) => cell !== ''
      t.strictSame(new Map([...cells, ...late].filter(isFilled)), new Map(Object.entries(row).filter(isFilled)))
    }
  })
})

t.test('our encoder and csv-stringify write the same bytes', async (t) => {
  const options = fc.tuple(
    dialect,
    fc.record(
      { header: fc.boolean(), formulaGuard: fc.boolean(), nullValue: fc.constantFrom('', 'NULL', 'x', '0') },
      { requiredKeys: [] },
    ),
  )
  await checkProperty(fc.tuple(records, options), async ([given, [common, more]]) => {
    const rows = given.map(recordOf)
    const ours = await encodeCsv(rows, { ...common, ...more })
    const theirs = await encodeCsv(rows, { ...common, ...more, stringify: {} })
    if (ours !== theirs) t.equal(ours, theirs, JSON.stringify({ ...common, ...more }))
  })
  t.pass(`seed ${seed}`)
})

t.test('the bytes do not depend on the batches of records', async (t) => {
  const batches = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 })
  const options = fc.constantFrom<CsvOptions>(
    {},
    { columns: 'all', sampleSize: 2 },
    { columns: 'all', sampleSize: 2, stringify: {} },
    { sampleSize: 2, lateColumns: 'drop' },
  )
  await checkProperty(
    fc.tuple(records, batches, options),
    async ([given, sizes, option]) => {
      const rows = given.map(recordOf)
      const whole = await encodeRecords(rows, toCsv(option))
      const encoder = toCsv(option)
      const chunks: Buffer[] = []
      encoder.on('data', (chunk: Buffer) => chunks.push(chunk))
      for (let at = 0, turn = 0; at < rows.length; turn++) {
        const size = sizes[turn % sizes.length]!
        encoder.cork()
        for (const row of rows.slice(at, at + size)) encoder.write(row)
        encoder.uncork()
        await new Promise(setImmediate)
        at += size
      }
      encoder.end()
      await new Promise((resolve) => encoder.once('end', resolve))
      if (!Buffer.concat(chunks).equals(whole)) t.equal(Buffer.concat(chunks).toString(), whole.toString())
    },
    20,
  )
  t.pass(`seed ${seed}`)
})
