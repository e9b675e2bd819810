import t from 'tap'
import { ChunkedOutput } from '../../lib/shared/bytes/chunked-output.js'

/** Returns the chunks for the lines. */
function bytesOf(lines: readonly string[]): Buffer[] {
  const chunks = new ChunkedOutput()
  const full = lines.flatMap((line) => {
    chunks.add(line)
    return chunks.takeFullChunks()
  })
  return [...full, ...chunks.takeAll()]
}

t.test('lines of any length are complete and in order', async (t) => {
  const lengths = [0, 1, 30_000, 65_536, 1, 70_000, 21_846, 21_845, 262_144, 87_381, 300_000, 2, 2]
  for (const letter of ['x', 'é', '€', '😀']) {
    for (const turned of [lengths, lengths.toReversed(), [100_000, 5, 100_000]]) {
      const lines = turned.map((length) => `${letter.repeat(length)}\n`)
      const chunks = bytesOf(lines)
      t.ok(Buffer.concat(chunks).equals(Buffer.from(lines.join(''))), letter)
    }
  }
})

t.test('chunks have about 256 KiB, also with short lines', async (t) => {
  const chunks = bytesOf(Array.from({ length: 100_000 }, (_, at) => `${at}\n`))
  t.ok(chunks.slice(0, -1).every(({ length }) => length > 260_000 && length <= 262_144))
  t.equal(chunks.length, 3)
})

t.test('without lines, or with empty lines, there is no chunk', async (t) => {
  t.strictSame(bytesOf([]), [])
  t.strictSame(bytesOf(['', '']), [])
})

t.test('half a surrogate pair is U+FFFD', async (t) => {
  t.equal(Buffer.concat(bytesOf(['a\uD83D', 'b'])).toString(), 'a\uFFFDb')
})
