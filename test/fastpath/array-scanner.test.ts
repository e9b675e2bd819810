import t from 'tap'
import { ArrayScanner } from '../../lib/fastpath/scan/array-scanner.js'
import { splitBatch, toRecords } from '../../lib/pages/record-batch.js'
import { RecordSpans } from '../../lib/spans/record-spans.js'
import { plainMapping, recordMapping } from '../../lib/spans/key-mapping.js'
import { readSpanValue } from '../../lib/spans/span.js'

function scanned(text: string, scanner = new ArrayScanner(recordMapping)): RecordSpans | undefined {
  const spans = new RecordSpans(Buffer.from(text))
  return scanner.scan(0, spans) === spans.bytes.length ? spans : undefined
}

const layoutsOf = (spans: RecordSpans) => Array.from({ length: spans.length }, (_, at) => spans.getLayout(at))
const nonCanonicalOf = (spans: RecordSpans) =>
  Array.from({ length: spans.length }, (_, at) => spans.mayBeNonCanonical(at))

/** Every record as pairs of a column and its value. */
function cellsOf(spans: RecordSpans): unknown[][] {
  const { bytes, valueTable, valueOffsets } = spans
  return layoutsOf(spans).map(({ columnIds }, at) =>
    columnIds.map((id, slot) => {
      const span = valueOffsets[at]! + slot
      return [id, readSpanValue(bytes, valueTable.starts[span]!, valueTable.ends[span]!, valueTable.flags[span]!)]
    }),
  )
}

t.test('every value has its column; values of nested fields have columns with prefixed names', async (t) => {
  const record = {
    processInstanceId: '1',
    counts: { incidents: 2 },
    flowNodeDurations: { start: { name: 'Start', value: 5 }, end: 7 },
    variables: { a: 'x', b: [1] },
    endDate: null,
  }
  t.strictSame(cellsOf(scanned(JSON.stringify([record]))!), [
    [
      ['processInstanceId', '1'],
      ['count:incidents', 2],
      [undefined, 'Start'],
      ['dur:start', 5],
      ['dur:end', 7],
      ['variable:a', 'x'],
      ['variable:b', [1]],
      ['endDate', null],
    ],
  ])
})

t.test('records of one layout share it, in any order', async (t) => {
  const [a, b, c] = ['{"id":"1","x":1}', '{"id":"2","y":null}', '{"id":"3"}']
  const layouts = layoutsOf(scanned(`[${[a, b, c, c, a, b, a].join()}]`)!)
  t.equal(layouts.length, 7)
  t.equal(new Set(layouts).size, 3)
  t.equal(layouts[0], layouts[4])
  t.equal(layouts[1], layouts[5])
  t.equal(layouts[2], layouts[3])
})

t.test('an object instead of a value, and a value instead of an object, are other layouts', async (t) => {
  const texts = [
    '{"variables":null}',
    '{"variables":{"a":1}}',
    '{"variables":{}}',
    '{"variables":[]}',
    '{"variables": {"a":1}}',
  ]
  const spans = scanned(`[${[...texts, ...texts].join()}]`)!
  t.strictSame(
    layoutsOf(spans)
      .slice(5)
      .map(({ columnIds }) => columnIds),
    [['variables'], ['variable:a'], [], ['variables'], ['variable:a']],
  )
  t.equal(spans.getLayout(4), spans.getLayout(9))
  t.not(spans.getLayout(1), spans.getLayout(4))
})

t.test('records whose columns a layout cannot describe are left to JSON.parse', async (t) => {
  const unsupported = [
    '{"a":1,"a":2}',
    '{"variables":{"a":1,"a":2}}',
    '{"variable:a":1,"variables":{"a":2}}',
    '{"flowNodeDurations":{"a":{"name":"no value"}}}',
    '{"outputVariables":{"o":{"values":"1"}}}',
    '1',
    '{"a":1',
    '{"a":1}]x',
    '{"a":1} {"a":1}',
  ]
  for (const text of unsupported) t.equal(scanned(`[${text}]`), undefined, text)
  t.equal(scanned('{}'), undefined)
  t.equal(scanned('[]')!.length, 0)
  t.equal(scanned('[{"outputVariables":{"o":{"values":["1"]}}}]')!.length, 1)
})

t.test(
  'a page in which nearly all layouts are new is left to JSON.parse, and a later page with them is not',
  async (t) => {
    const scanner = new ArrayScanner(recordMapping)
    const texts = Array.from({ length: 65 }, (_, at) => `{"x${at}":1}`)
    t.equal(scanned(`[${texts.join()}]`, scanner), undefined)
    t.equal(scanned(`[${texts.slice(0, 64).join()}]`, scanner)?.length, 64)
    t.equal(scanned(`[${texts.join()}]`, scanner)?.length, 65)
  },
)

t.test('the tree of layouts has a limit', async (t) => {
  const scanner = new ArrayScanner(plainMapping)
  const wide = (name: string) => `{${Array.from({ length: 25_000 }, (_, at) => `"${name}${at}":1`).join()}}`
  t.equal(scanned(`[${wide('a')},${wide('a')}]`, scanner)?.length, 2)
  t.equal(scanned(`[${wide('b')}]`, scanner), undefined)
  t.equal(scanned(`[${wide('a')},{"a":1}]`, scanner)?.length, 2)
})

t.test('scanned records become objects again: all, some or one', async (t) => {
  const records = [{ id: '1' }, { id: '2', n: 12345678901234567n }, { id: '3', f: 1.5 }]
  const text = '[{"id":"1"},{"id":"2","n":12345678901234567},{"id":"3","f":1.50}]'
  const spans = scanned(text)!
  t.strictSame(toRecords(spans), records)
  t.strictSame(spans.getRecord(1), records[1])
  t.strictSame(splitBatch(spans, 2).map(toRecords), [records.slice(0, 2), records.slice(2)])
  t.strictSame(splitBatch(records as never, 1).map(toRecords), [records.slice(0, 1), records.slice(1)])
  t.equal(splitBatch(spans, 3)[0], spans)
  t.strictSame(toRecords(spans.filter((at) => at !== 1)), [records[0], records[2]])
  t.equal(
    spans.filter(() => true),
    spans,
  )
  t.strictSame(toRecords(records as never), records)
})

t.test('records that end after the window are found, and incomplete arrays are refused', async (t) => {
  const texts = [
    `[${'{"a":"x","b":[{"c":1,"d":null},{"c":2,"d":"y"}],"e":true},'.repeat(9)}{"a":"${'z'.repeat(300)}","b":[],"e":-12.5e3}]`,
    '[ {"a":"\\u00e9\\n\\/" , "b":[ {"c":[[1],{}]} , 2, "x" ]} , {"a":false} ]',
    '[{"v":{"x":[{"k":1,"k":2}]}},{"v":{"x":[{"k":1,"k":2},{"k":3}]}}]',
  ]
  for (const text of texts) {
    const whole = scanned(text)!
    for (let windowBytes = 1; windowBytes < 80; windowBytes++) {
      const pieces = scanned(text, new ArrayScanner(recordMapping, windowBytes))!
      t.strictSame(
        [cellsOf(pieces), nonCanonicalOf(pieces)],
        [cellsOf(whole), nonCanonicalOf(whole)],
        `${windowBytes} bytes in the window`,
      )
    }
    const scanner = new ArrayScanner(recordMapping, 40)
    for (let end = 1; end < text.length; end++) if (scanned(text.slice(0, end), scanner)) t.fail(text.slice(0, end))
  }
})

t.test('elements of arrays have layouts too, up to a limit', async (t) => {
  const many = Array.from({ length: 70 }, (_, at) => `{"v":[{"k${at}":1}]}`)
  const spans = scanned(`[${many.join()},{"v":[{"k0":1},{"k69":2}]},{"v":[{"k":1,"k":2}]}]`)!
  t.strictSame(
    nonCanonicalOf(spans)
      .map((isNonCanonical, at) => (isNonCanonical ? at : -1))
      .filter((at) => at >= 0),
    [64, 65, 66, 67, 68, 69, 70, 71],
  )
})

t.test('the tables grow if an array has more records and values than they hold', async (t) => {
  const records = Array.from({ length: 9000 }, (_, at) => `{"a":${at}}`)
  const spans = scanned(`[${records.join()}]`)!
  t.strictSame(
    cellsOf(spans),
    records.map((_, at) => [['a', at]]),
  )
  t.strictSame([spans.starts[8999], spans.ends[8999]], [spans.bytes.length - 11, spans.bytes.length - 1])
})

t.test('without WebAssembly, everything is left to JSON.parse', async (t) => {
  const scanner = new ArrayScanner(recordMapping)
  const { WebAssembly } = globalThis as unknown as { WebAssembly: object }
  t.intercept(globalThis as never, 'WebAssembly', { value: { ...WebAssembly, Instance: undefined } as never })
  t.equal(scanned('[{"a":1}]', scanner), undefined)
  t.equal(scanned('[]', scanner)?.length, 0)
})

t.test('white space and other notations are marked as non-canonical, except numbers', async (t) => {
  const cases: [string, boolean[]][] = [
    ['[{"a":1},{"a":"\\n"}]', [false, false]],
    ['[{"a": 1},{"a":1.50},{"a":"\\u0041"},{"2":1,"1":2}]', [true, false, true, true]],
    ['[{"a":[{"b":1},{"b":2}]},{"a":[{"b":1}, {"b":2}]},{"a":[{"b":1.0}]},{"a":{"b":1}}]', [false, true, false, true]],
  ]
  for (const [text, isNonCanonical] of cases) t.strictSame(nonCanonicalOf(scanned(text)!), isNonCanonical)
})
