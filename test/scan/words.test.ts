import fc from 'fast-check'
import t from 'tap'
import { copied, copiedWithout, fourOf, viewOf } from '../../lib/scan/words.js'

/** Bytes that begin anywhere in others, so that words are not aligned. */
const somewhere = fc
  .tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(7))
  .map(([bytes, shift]) => Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift))

t.test('bytes are copied to where they should be, unless a certain one is among them', async (t) => {
  fc.assert(
    fc.property(somewhere, fc.nat(5), fc.nat(127), (bytes, end, byte) => {
      const out = Buffer.alloc(bytes.length + end + 1, 7)
      const to = copied(viewOf(bytes), 0, bytes.length, viewOf(out), end)
      const checked = copiedWithout(fourOf(byte), viewOf(bytes), 0, bytes.length, viewOf(Buffer.from(out)), end)
      const isCopied =
        out.subarray(end, to).equals(bytes) && out[to] === 7 && out.subarray(0, end).every((b) => b === 7)
      return isCopied && to === end + bytes.length && checked === (bytes.includes(byte) ? -1 : to)
    }),
    { numRuns: 2000 },
  )
  t.pass('2,000 pieces')
})
