// The codecs of Parquet pages, with and without the fast path.
import { compressors } from 'hyparquet-compressors'
import t from 'tap'
import { codecs } from '../../lib/encode/parquet/bytes/codecs.js'
import { withFastPathOff } from '../support/encode/fast-path.js'

t.test('Snappy pages are the same data by WebAssembly and by JavaScript, also those of more than 8 MiB', async (t) => {
  const compressed = [await codecs.snappy.load(), await withFastPathOff(() => codecs.snappy.load())]
  for (const length of [0, 1, 100_000, 9 * 1024 ** 2]) {
    const page = Buffer.from(Array.from({ length: 1000 }, (_, at) => `order ${at * 7};`).join(''))
    const bytes = Buffer.alloc(length, page)
    for (const compress of compressed) {
      const read = compressors.SNAPPY!(Uint8Array.from(compress(bytes)), length)
      t.ok(Buffer.from(read).equals(bytes), `${length} bytes`)
    }
  }
})
