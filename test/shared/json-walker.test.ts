import t from 'tap'
import { JsonWalker } from '../../lib/shared/json/json-walker.js'

const walker = new JsonWalker()

/** Returns whether the walker accepts the text as one JSON value, and whether JSON.stringify may write it differently. */
function walk(text: string): { isJson: boolean; mayBeNonCanonical: boolean } {
  walker.mayBeNonCanonical = false
  const bytes = Buffer.from(text)
  return { isJson: walker.skipValue(bytes, 0) === bytes.length, mayBeNonCanonical: walker.mayBeNonCanonical }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const scalars = [
  '0',
  '-0',
  '12',
  '-12',
  '01',
  '1.5',
  '1.',
  '.5',
  '-',
  '1e5',
  '1E+5',
  '1e',
  '1e-',
  '--1',
  '+1',
  'true',
  'tru',
]
const texts = [
  '""',
  '"a"',
  '"',
  '"\\n"',
  '"\\x"',
  '"\\u12aF"',
  '"\\u12g4"',
  '"\\u12',
  '"\\',
  '"\t"',
  '"é😀"',
  '"a" ',
  '"\\/"',
]
const nested = [
  '[]',
  '[1]',
  '[1,]',
  '[,1]',
  '[1 2]',
  '[',
  '{}',
  '{"a":1}',
  '{"a":}',
  '{"a" 1}',
  '{a:1}',
  '{"a":1,}',
  '{"a":1 "b":2}',
  '{',
  '[{"a":[null,false]}]',
  '{"a":nul}',
  '{"a":[}',
]

t.test('the walker accepts the same texts as JSON.parse', async (t) => {
  for (const text of [...scalars, ...texts, ...nested])
    t.equal(walk(text).isJson, isJson(text) && text === text.trim(), text)
})

t.test('JSON.stringify writes a canonical value in the same way', async (t) => {
  const spaced = nested.map((text) => text.replaceAll(',', ', '))
  for (const text of [...scalars, ...texts, ...nested, ...spaced, '{"2":1,"1":2}', '{"a":1,"a":2}', '"\\u0041"']) {
    if (!isJson(text) || text !== text.trim()) continue
    const { mayBeNonCanonical } = walk(text)
    if (!mayBeNonCanonical) t.equal(JSON.stringify(JSON.parse(text)), text)
  }
  t.notOk(walk('["a",12,null]').mayBeNonCanonical)
})

t.test('very deep nesting is left to JSON.parse', async (t) => {
  t.ok(walk('['.repeat(100) + ']'.repeat(100)).isJson)
  t.notOk(walk('['.repeat(101) + ']'.repeat(101)).isJson)
  t.notOk(walk('{"a":'.repeat(101) + '1' + '}'.repeat(101)).isJson)
})
