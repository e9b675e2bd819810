// Values in the binary format of COPY: texts that PostgreSQL cannot store, and large texts.
import t from 'tap'
import { CopyBuffer } from '../../lib/destinations/postgres/copy-buffer.js'
import { isStorableJson, toStorableJson } from '../../lib/destinations/postgres/postgres-text.js'

t.test('texts that jsonb refuses', async (t) => {
  for (const good of ['{}', '"\\\\u0000"', '"\\ud83d\\ude00"']) t.ok(isStorableJson(good), good)
  for (const bad of ['"\\u0000"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\0"']) t.notOk(isStorableJson(bad), bad)
  t.equal(toStorableJson('"\\u0000\\\\u0000\\ud83d\\ude00\\ud83d"'), '"\ufffd\\\\u0000\\ud83d\\ude00\ufffd"')
})

t.test('a large text grows the buffer', async (t) => {
  const buffer = new CopyBuffer()
  const text = 'é'.repeat(600_000)
  buffer.writeTextField(text)
  const bytes = buffer.take()
  t.equal(bytes.readInt32BE(0), 1_200_000)
  t.equal(bytes.subarray(4).toString(), text)
  t.equal(buffer.length, 0)
})
