// How many promises may be pending at the same time.
import t from 'tap'
import { waitForFewer } from '../../lib/shared/for-each-concurrently.js'

t.test('the wait ends when enough of the promises have left the set', async (t) => {
  const pending = new Set<Promise<void>>()
  const finish: (() => void)[] = []
  for (let index = 0; index < 3; index++) {
    const work: Promise<void> = new Promise<void>((resolve) => finish.push(resolve)).finally(() => pending.delete(work))
    pending.add(work)
  }
  await waitForFewer(pending, 4)
  let hasEnded = false
  const waiting = waitForFewer(pending, 2).then(() => (hasEnded = true))
  finish[1]!()
  await new Promise(setImmediate)
  t.equal(hasEnded, false, 'two are left')
  finish[0]!()
  await waiting
  t.equal(pending.size, 1)
})
