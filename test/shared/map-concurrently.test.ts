// How much work is in progress at the same time, and what a failure stops.
import t from 'tap'
import { mapConcurrently, waitForFewer } from '../../lib/shared/map-concurrently.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

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

t.test('results are in the order of the items, whichever call ends first', async (t) => {
  let running = 0
  let most = 0
  const ends = new Map<string, () => void>()
  const done = mapConcurrently(['a', 'b', 'c', 'd'], 2, async (name) => {
    most = Math.max(most, ++running)
    await new Promise<void>((resolve) => ends.set(name, resolve))
    running--
    return name
  })
  for (const name of ['b', 'c', 'd', 'a']) {
    await drainEventLoopTurns(5)
    ends.get(name)!()
  }
  t.strictSame([await done, most], [['a', 'b', 'c', 'd'], 2])
})

t.test('after a failure no more work begins', async (t) => {
  const begun: number[] = []
  const work = (item: number) => {
    begun.push(item)
    return item === 1 ? Promise.reject(new Error('broken')) : Promise.resolve()
  }
  await t.rejects(mapConcurrently([0, 1, 2, 3, 4, 5], 2, work), { message: 'broken' })
  t.ok(begun.length < 6)
})
