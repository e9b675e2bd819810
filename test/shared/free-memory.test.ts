import { markAsUntransferable } from 'node:worker_threads'
import t from 'tap'
import { freeMemory } from '../../lib/shared/bytes/free-memory.js'

t.test('all views of freed memory are empty, and other memory is as it was', async (t) => {
  const [bytes, numbers, other] = [Buffer.alloc(100_000, 'a'), new Int32Array(50_000).fill(7), Buffer.alloc(10, 'b')]
  const part = bytes.subarray(10, 20)
  freeMemory([bytes, part, numbers])
  t.strictSame([bytes.length, part.length, numbers.length], [0, 0, 0])
  t.equal(other.toString(), 'b'.repeat(10))
})

t.test('memory that Node.js does not transfer stays', async (t) => {
  const marked = Buffer.from(new ArrayBuffer(100)).fill('a')
  markAsUntransferable(marked.buffer)
  const shared = Buffer.from(new SharedArrayBuffer(100)).fill('b')
  for (const bytes of [marked, shared]) freeMemory([bytes])
  t.strictSame([marked.toString(), shared.toString()], ['a'.repeat(100), 'b'.repeat(100)])
})
