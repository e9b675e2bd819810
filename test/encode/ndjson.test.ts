import t from 'tap'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { toNdjson } from '../../lib/encode/ndjson/to-ndjson.js'
import { parseJson } from '../../lib/shared/json/json.js'
import { ArrayScanner } from '../../lib/fastpath/scan/array-scanner.js'
import { PageInFlight } from '../../lib/pages/page-hand-over.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { recordMapping } from '../../lib/spans/key-mapping.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'
import { skipWithoutFastPath } from '../support/encode/fast-path.js'

const ndjson = async (records: Iterable<unknown>) => (await encodeRecords(records, toNdjson())).toString()

t.test('one line per record, unchanged: nested, with nulls, in the order of its keys', async (t) => {
  const texts = [
    '{"z":1,"a":null,"variables":{"b":"x\\ny","__proto__":"p","":""},"flowNodeInstances":[{"id":"1","endDate":null}]}',
    '{"key":"g","value":[{"key":"d","value":3.5,"label":"D"}],"label":"G"}',
    '{}',
  ]
  t.equal(await ndjson(texts.map((text) => JSON.parse(text) as unknown)), texts.map((text) => `${text}\n`).join(''))
})

t.test('integers beyond 2^53 keep their digits', async (t) => {
  const text = '{"id":9007199254740993,"list":[-123456789012345678901234567890],"small":1}'
  t.equal(await ndjson([parseJson(Buffer.from(text))]), `${text}\n`)
})

t.test('without records the file is empty', async (t) => {
  t.equal(await ndjson([]), '')
})

t.test('many and large records are complete in the output', async (t) => {
  const records = Array.from({ length: 3000 }, (_, at) => ({ at, text: 'é'.repeat(at % 300) }))
  records.push({ at: -1, text: 'x'.repeat(500_000) })
  const lines = (await ndjson(records)).trimEnd().split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line) as unknown),
    records,
  )
})

t.test('the lines of a large batch are emitted in several chunks', async (t) => {
  const encoder = toNdjson()
  const sizes: number[] = []
  encoder.on('data', (chunk: Buffer) => sizes.push(chunk.length))
  encoder.cork()
  for (let at = 0; at < 200; at++) encoder.write({ text: 'x'.repeat(10_000) })
  encoder.uncork()
  encoder.end()
  await new Promise((resolve) => encoder.once('end', resolve))
  t.ok(sizes.length > 6)
  t.ok(Math.max(...sizes) < 300_000)
})

t.test(
  'several encoders of one page write the same lines as from records',
  { skip: skipWithoutFastPath },
  async (t) => {
    const texts = Array.from({ length: 4000 }, (_, at) => {
      const isNonCanonical = at % 1500 === 700 || (at > 3000 && at % 3 === 0)
      return `{"id":"${at}",${isNonCanonical ? ' ' : ''}"text":"${'é'.repeat(at % 600)}"}`
    })
    texts[2000] = `{"id":"2000","text":"${'x'.repeat(1_500_000)}"}`
    const spans = new RecordSpans(Buffer.from(`[${texts.join()}\n]`))
    t.equal(new ArrayScanner(recordMapping).scan(0, spans), spans.bytes.length)
    const encoders = [toNdjson(), toCsv(), toNdjson()]
    const written = encoders.map((encoder) => encodeRecords([new PageInFlight(spans, () => undefined)], encoder))
    const [first, csv, second] = await Promise.all(written)
    const records = texts.map((text) => JSON.parse(text) as unknown)
    t.ok(first!.toString() === records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    t.ok(second!.equals(first!))
    t.ok(csv!.equals(await encodeRecords(records, toCsv())))
  },
)

t.test('stats count records and bytes', async (t) => {
  const encoder = toNdjson()
  const bytes = await encodeRecords([{ a: 'é' }, {}], encoder)
  t.match(encoder.stats, { rows: 2, bytes: bytes.length, columns: 0 })
})

t.test('a value that JSON cannot express is ERR_ENCODE with the number of its record', async (t) => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  let deep: unknown = []
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  const failing = {
    toJSON: () => {
      throw new Error('mine')
    },
  }
  const cases: [object, RegExp][] = [
    [circular, /^toNdjson: record 2: Converting circular structure to JSON/],
    [{ deep }, /^toNdjson: record 2: a value is nested too deeply$/],
    [{ n: 1n, deep }, /^toNdjson: record 2: a value is nested too deeply$/],
    [{ n: 1n, ...circular }, /^toNdjson: record 2: /],
    [failing, /^toNdjson: record 2: mine$/],
    [{ toJSON: () => undefined }, /^toNdjson: record 2: a value without JSON text$/],
  ]
  for (const [record, message] of cases) {
    const error = await catchRejection(ndjson([{}, record]))
    t.match(error, { name: 'ExportError', code: 'ERR_ENCODE', message })
    t.ok(error.cause instanceof Error)
  }
  const throwsText = {
    toJSON: () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- some programs throw texts
      throw 'a text'
    },
  }
  t.match(await catchRejection(ndjson([throwsText])), { code: 'ERR_ENCODE', message: 'toNdjson: record 1: a text' })
})

t.test('toNdjson refuses all options except pick, omit and strict', async (t) => {
  t.match(
    catchError(() => toNdjson({ columns: ['a'] } as never)),
    {
      name: 'OptionError',
      code: 'ERR_OPTION',
      message: 'toNdjson: columns: unknown option, expected one of pick, omit, strict',
    },
  )
  t.match(
    catchError(() => toNdjson(7 as never)),
    { code: 'ERR_OPTION', message: /^toNdjson: options: expected an object, got 7/ },
  )
})
