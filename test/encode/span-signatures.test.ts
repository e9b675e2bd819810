import fc from 'fast-check'
import t from 'tap'
import { getTextSpanSignature, getValueSpanSignature } from '../../lib/encode/span-signatures.js'
import { readSpanValue } from '../../lib/spans/span.js'
import { getVariableSignature, getValueSignature } from '../../lib/schema/types/infer-type.js'
import { computeFlags } from '../support/encode/layout-runs.js'
import { runs } from '../support/random/property.js'

const numberText = fc.oneof(
  fc.stringMatching(/^-?\d{1,17}$/),
  fc.stringMatching(/^-?\d{0,6}\.\d{0,10}$/),
  fc.stringMatching(/^-?0?\.0{0,8}\d$/),
  fc.stringMatching(/^-?\d{1,3}(?:\.0){0,2}$/),
)
const dateText = fc
  .tuple(
    fc.stringMatching(/^\d{4}-[01]\d-[0-3]\d[T ][0-2]\d:[0-6]\d:[0-6]\d[.,]\d{3}[+-][0-2]\d[0-6]\d$/),
    fc.nat(28),
    fc.constantFrom('', 'x', ':', '-', '+', '9'),
  )
  .map(([text, at, change]) => (change === '' ? text : text.slice(0, at) + change + text.slice(at + 1)))
const text = fc.oneof(
  numberText,
  dateText,
  fc.constantFrom('', 'true', 'false', 'tru', 'é', '-', '+1', 'text'),
  fc.string(),
)
const json = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '12',
    '1.0',
    '1e5',
    '12345678901234567',
    '[1]',
    '{"a":[]}',
    '"\\u0031"',
  ),
)

t.test('the signature from the bytes of a value is that of the value, or undefined', async (t) => {
  let known = 0
  fc.assert(
    fc.property(json, (raw) => {
      const quote = raw.startsWith('"') ? 1 : 0
      const bytes = Buffer.from(` ${raw} `)
      const [start, end, flags] = [1 + quote, bytes.length - 1 - quote, computeFlags(raw)]
      const value = readSpanValue(bytes, start, end, flags)
      const found = getTextSpanSignature(bytes, start, end, flags)
      if (found !== undefined) {
        known++
        if (found !== getVariableSignature(value))
          throw new Error(`${raw}: ${found}, not ${getVariableSignature(value)}`)
      }
      const foundOfValue = getValueSpanSignature(bytes, start, end, flags)
      if (foundOfValue !== undefined && foundOfValue !== getValueSignature(value))
        throw new Error(`${raw}: ${foundOfValue}, not ${getValueSignature(value)}`)
    }),
    runs(5000),
  )
  t.ok(known > 1000, `${known} signatures were known`)
})
