// The column `overflow` has the same type in every format with types.
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import t from 'tap'
import { toParquet, type Encoder } from '../../lib/index.js'
import { toArrow } from '../../lib/formats/arrow/index.js'
import { toSinger } from '../../lib/formats/singer/index.js'
import { toXlsx } from '../../lib/formats/xlsx/index.js'
import { Collector } from '../support/encode/collector.js'

const records = [
  { processInstanceId: '1', variables: { a: 'x' } },
  { processInstanceId: '2', variables: { b: 1 } },
]

async function encode(encoder: Encoder) {
  const sink = new Collector()
  await pipeline(Readable.from(records), encoder, sink)
  return { type: encoder.stats.schema?.find(({ name }) => name === 'overflow')?.type, bytes: sink.bytes }
}

t.test('the column overflow is JSON in every format with types', async (t) => {
  const options = { columns: 'sample', sampleSize: 1, lateColumns: 'overflow' } as const
  for (const createEncoder of [toParquet, toArrow, toXlsx]) t.equal((await encode(createEncoder(options))).type, 'json')
  const { type, bytes } = await encode(toSinger({ ...options, stream: 's' }))
  t.equal(type, 'json')
  const messages = bytes
    .toString()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  t.match(messages[2], { type: 'RECORD', record: { overflow: { 'variable:b': 1 } } })
})
