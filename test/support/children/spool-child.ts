// Encodes CSV with `columns: 'all'` until the test stops it, and writes a line to stdout when its spool is open.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toCsv } from '../../../lib/encode/csv/to-csv.js'

const rows = Number(process.argv[2] ?? Infinity)

function* records() {
  for (let at = 0; at < rows; at++) {
    if (at === 20_000) process.stdout.write('spooling\n')
    yield { id: String(at), text: 'x'.repeat(50), [`late${at >> 10}`]: 'y' }
  }
}

try {
  await pipeline(
    Readable.from(records()),
    toCsv({ columns: 'all', sampleSize: 1 }),
    async (bytes: AsyncIterable<Buffer>) => {
      let length = 0
      for await (const chunk of bytes) length += chunk.length
      return length
    },
  )
  process.stdout.write('done\n')
} catch (error) {
  const { name, code, message } = error as Error & { code?: string }
  process.stdout.write(`${JSON.stringify({ name, code, message })}\n`)
}
