// The parser of records against its authority, RecordSpans.getRecord.
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ArrayScanner } from '../../lib/fastpath/scan/array-scanner.js'
import { RecordParser } from '../../lib/fastpath/objects/record-parser.js'
import { recordMapping } from '../../lib/spans/key-mapping.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { stringifyJson } from '../../lib/shared/json/json.js'
import { skipWithoutFastPath, withFastPathOff } from '../support/encode/fast-path.js'
import { runs, seed } from '../support/random/property.js'

function scan(records: readonly string[]): RecordSpans {
  const spans = new RecordSpans(Buffer.from(`[${records.join(' , ')}]`))
  if (new ArrayScanner(recordMapping).scan(0, spans) < 0) throw new Error('a record that the scanner refuses')
  return spans
}

/** Compares records with the authority, in this order. The texts include digits that a number does not keep. */
function checkRecords(t: Test, spans: RecordSpans, order: Iterable<number>): void {
  const parser = new RecordParser()
  for (const index of order) {
    const record = parser.getRecord(spans, index)
    const expected = spans.getRecord(index)
    t.strictSame(record, expected)
    t.equal(stringifyJson(record), stringifyJson(expected))
  }
}

const character = fc.oneof(
  fc.constantFrom(
    'a',
    '"',
    '\\',
    '\n',
    '\x7f',
    '\x80',
    'ÿ',
    'Ā',
    '\u07ff',
    '\u0800',
    '–',
    '\uffff',
    '𐀀',
    '😀',
    '\u{10ffff}',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)
const text = fc.array(character, { maxLength: 40 }).map((characters) => characters.join(''))
const number = fc.constantFrom('0', '1.5', '1.10', '12345678901234567890', '1e400', '-0')
const value = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  number,
  fc.constantFrom('null', '"\\u00e9"', '["–"]'),
)
const record = fc.tuple(text, fc.dictionary(text, value, { maxKeys: 4 })).map(
  ([id, values]) =>
    `{${[
      `"id":${JSON.stringify(id)}`,
      ...Object.entries(values)
        .filter(([key]) => key !== 'id')
        .map(([key, value]) => `${JSON.stringify(key)}:${value}`),
    ].join()}}`,
)

t.test(
  `every record is the same object as with RecordSpans.getRecord (seed ${seed})`,
  { skip: skipWithoutFastPath },
  async (t) => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.infiniteStream(fc.nat()),
        (records, numbers) => {
          const spans = scan(records)
          checkRecords(t, spans, spans.starts.subarray(0, spans.length).keys())
          checkRecords(
            t,
            spans,
            [...numbers.take(5)].map((number) => number % spans.length),
          )
          return true
        },
      ),
      runs(300),
    )
  },
)

t.test('records of several blocks, and longer than a block', { skip: skipWithoutFastPath }, async (t) => {
  const createRecord = (length: number, index: number) => `{"id":"${index}","text":"${'ä–😀'.repeat(length)}"}`
  const lengths = [1, 3000, 8000, 2, 20_000, 1, 8000, 1]
  checkRecords(t, scan(lengths.map(createRecord)), lengths.keys())
})

t.test('records of which some were removed', { skip: skipWithoutFastPath }, async (t) => {
  const spans = scan(Array.from({ length: 50 }, (_, index) => `{"id":"–${index}"}`))
  const kept = spans.filter((index) => index % 3 !== 1).slice(2, 30)
  checkRecords(t, kept, Array.from({ length: kept.length }).keys())
})

t.test('records of one page after those of another', { skip: skipWithoutFastPath }, async (t) => {
  const parser = new RecordParser()
  for (const name of ['Łukasz', 'Zoë']) t.strictSame(parser.getRecord(scan([`{"id":"${name}"}`]), 0), { id: name })
})

t.test('records with the fast path off', { skip: skipWithoutFastPath }, async (t) => {
  const spans = scan(['{"id":"李"}', '{"id":1.10}'])
  await withFastPathOff(() => checkRecords(t, spans, [1, 0]))
})
