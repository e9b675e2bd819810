import { markAsUntransferable } from 'node:worker_threads'
import t from 'tap'
import { freeMemory } from '../../lib/shared/free-memory.js'

t.test('all views of freed memory are empty, and other memory is as it was', async (t) => {
  const [bytes, numbers, other] = [Buffer.alloc(100_000, 'a'), new Int32Array(50_000).fill(7), Buffer.alloc(10, 'b')]
  const part = bytes.subarray(10, 20)
  freeMemory([bytes, part, numbers])
  t.strictSame([bytes.length, part.length, numbers.length], [0, 0, 0])
  t.equal(other.toString(), 'b'.repeat(10))
})

t.test('memory that Node.js does not transfer stays', async (t) => {
  const [marked, other] = [Buffer.from(new ArrayBuffer(100)).fill('a'), Buffer.from(new ArrayBuffer(100)).fill('b')]
  markAsUntransferable(marked.buffer)
  freeMemory([marked])
  t.equal(marked.toString(), 'a'.repeat(100))
  const memory = Buffer.from(new WebAssembly.Memory({ initial: 1 }).buffer)
  freeMemory([other, memory])
  t.strictSame([memory.length, other.toString()], [65_536, 'b'.repeat(100)])
})
