import fc from 'fast-check'
import t from 'tap'
import { unescaped } from '../../lib/scan/unescape.js'

t.test('a text means what JSON.parse reads, unless an escape is a number', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom(...['\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t']),
    fc.constantFrom('\\u0041', '\\ud83d\\ude00', '\\u000a'),
    fc.string({ unit: fc.constantFrom('a', 'é', '€', '\u{1F600}', ' ', 'u', '\u007f'), maxLength: 6 }),
  )
  let read = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(5), (pieces, shift) => {
      const text = pieces.join('')
      const bytes = Buffer.from(`${'"'.repeat(shift)}${text}"`)
      const out = Buffer.alloc(bytes.length + shift, 7)
      const end = unescaped(bytes, shift, bytes.length - 1, out, shift)
      if (pieces.some((piece) => piece.startsWith('\\u'))) return end === -1
      read++
      return out.toString('utf8', shift, end) === JSON.parse(`"${text}"`) && out[end] === 7
    }),
    { seed: 20260101, numRuns: 2000 },
  )
  t.ok(read > 500, `${read} texts without numbers`)
})
