import t from 'tap'
import { ChunkedOutput } from '../../lib/shared/bytes/chunked-output.js'

/** Returns the chunks for the lines. */
function createChunks(lines: readonly string[]): Buffer[] {
  const output = new ChunkedOutput()
  const full = lines.flatMap((line) => {
    output.add(line)
    return output.takeFullChunks()
  })
  return [...full, ...output.takeAll()]
}

t.test('lines of any length are complete and in order', async (t) => {
  const lengths = [0, 1, 30_000, 65_536, 1, 70_000, 21_846, 21_845, 262_144, 87_381, 300_000, 2, 2]
  for (const letter of ['x', 'é', '€', '😀']) {
    for (const order of [lengths, lengths.toReversed(), [100_000, 5, 100_000]]) {
      const lines = order.map((length) => `${letter.repeat(length)}\n`)
      const chunks = createChunks(lines)
      t.ok(Buffer.concat(chunks).equals(Buffer.from(lines.join(''))), letter)
    }
  }
})

t.test('chunks have about 256 KiB, also with short lines', async (t) => {
  const chunks = createChunks(Array.from({ length: 100_000 }, (_, at) => `${at}\n`))
  t.ok(chunks.slice(0, -1).every(({ length }) => length > 260_000 && length <= 262_144))
  t.equal(chunks.length, 3)
})

t.test('without lines, or with empty lines, there is no chunk', async (t) => {
  t.strictSame(createChunks([]), [])
  t.strictSame(createChunks(['', '']), [])
})

t.test('half a surrogate pair becomes U+FFFD', async (t) => {
  t.equal(Buffer.concat(createChunks(['a\uD83D', 'b'])).toString(), 'a\uFFFDb')
})
