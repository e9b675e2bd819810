import fc from 'fast-check'
import t from 'tap'
import { SeenSet, type Meeting } from '../../lib/pages/seen-set.js'

/** The same, plainly. */
class Model {
  readonly #met = new Map<string, number>()
  #search = 0

  get size(): number {
    return this.#met.size
  }

  startSearch(): void {
    this.#search++
  }

  meet(key: string): Meeting {
    const before = this.#met.get(key)
    this.#met.set(key, this.#search)
    return before === undefined ? 'new' : before === this.#search ? 'duplicate' : 'emitted'
  }
}

t.test('a key is new once, then a duplicate in its search and emitted in a later one', async (t) => {
  const seen = new SeenSet()
  seen.startSearch()
  t.strictSame(
    ['a', 'b', 'a', 'a'].map((key) => seen.meet(key)),
    ['new', 'new', 'duplicate', 'duplicate'],
  )
  seen.startSearch()
  t.strictSame(
    ['a', 'a', 'c'].map((key) => seen.meet(key)),
    ['emitted', 'duplicate', 'new'],
  )
  seen.startSearch()
  t.strictSame(
    ['b', 'a', 'b'].map((key) => seen.meet(key)),
    ['emitted', 'emitted', 'duplicate'],
  )
  t.equal(seen.size, 3)
})

t.test('over several searches it tells what a Map would tell', async () => {
  const key = fc.oneof(fc.string(), fc.uuid(), fc.nat({ max: 50 }).map(String))
  const search = fc.array(key, { maxLength: 100 })
  fc.assert(
    fc.property(fc.array(search, { minLength: 1, maxLength: 6 }), (searches) => {
      const [seen, model] = [new SeenSet(), new Model()]
      for (const keys of searches) {
        seen.startSearch()
        model.startSearch()
        for (const each of keys) if (seen.meet(each) !== model.meet(each)) return false
        if (seen.size !== model.size) return false
      }
      return true
    }),
    { seed: 20260101, numRuns: 500 },
  )
})

t.test('growing forgets nothing, neither keys nor the search they were met in', async (t) => {
  const [seen, model] = [new SeenSet(), new Model()]
  let wrong = 0
  for (const offset of [0, 30_000, 10_000]) {
    seen.startSearch()
    model.startSearch()
    for (let i = offset; i < offset + 60_000; i++) if (seen.meet(`id-${i}`) !== model.meet(`id-${i}`)) wrong++
    if (seen.meet(`id-${offset}`) !== 'duplicate') wrong++
    model.meet(`id-${offset}`)
  }
  t.equal(wrong, 0)
  t.equal(seen.size, 90_000)
})

t.test('a million keys that differ in little are a million keys', async (t) => {
  const seen = new SeenSet()
  seen.startSearch()
  for (let i = 0; i < 500_000; i++) {
    seen.meet(String(2251799813685249 + i))
    seen.meet(`1bdafab8-5762-11ec-8b2c-${i.toString(16).padStart(12, '0')}`)
  }
  t.equal(seen.size, 1_000_000)
})

t.test('the empty key and keys of one code unit are keys', async (t) => {
  const seen = new SeenSet()
  seen.startSearch()
  for (let unit = 0; unit < 65_536; unit++) if (seen.meet(String.fromCharCode(unit)) !== 'new') t.fail(`unit ${unit}`)
  t.equal(seen.meet(''), 'new')
  t.equal(seen.meet(''), 'duplicate')
  t.equal(seen.size, 65_537)
})

t.test('searches are told apart beyond the 255 that a byte can mark', async (t) => {
  const seen = new SeenSet()
  seen.startSearch()
  seen.meet('a')
  for (let search = 2; search <= 600; search++) {
    seen.startSearch()
    if (seen.meet('a') !== 'emitted') t.fail(`search ${search}`)
    if (seen.meet('a') !== 'duplicate') t.fail(`search ${search}, again`)
  }
  t.equal(seen.size, 1)
})

t.test('a key that no search has met for a long time is still emitted, not a duplicate', async (t) => {
  for (const searches of [253, 254, 255, 256, 509]) {
    const seen = new SeenSet()
    seen.startSearch()
    seen.meet('a')
    for (let search = 1; search <= searches; search++) seen.startSearch()
    t.strictSame([seen.meet('a'), seen.meet('a')], ['emitted', 'duplicate'], `after ${searches} more`)
  }
})

/** Runs `work` and tells the bytes of every typed array it makes, in order. */
function allocations(work: (bytes: number[]) => void): void {
  const bytes: number[] = []
  const kinds = ['Uint8Array', 'Uint32Array'] as const
  const originals = kinds.map((kind) => globalThis[kind])
  const counting = (Original: new (length: number) => { byteLength: number }) =>
    new Proxy(Original, {
      construct(target, [length]: [number]) {
        const array = new target(length)
        bytes.push(array.byteLength)
        return array
      },
    })
  for (const [at, kind] of kinds.entries()) Object.assign(globalThis, { [kind]: counting(originals[at]!) })
  try {
    work(bytes)
  } finally {
    for (const [at, kind] of kinds.entries()) Object.assign(globalThis, { [kind]: originals[at] })
  }
}

t.test('a key takes 12 to 24 bytes once the table has grown, never more', async (t) => {
  let most = 0
  let least = Infinity
  allocations((bytes) => {
    const seen = new SeenSet()
    seen.startSearch()
    for (let keys = 1; keys <= 200_000; keys++) {
      seen.meet(`k${keys}`)
      if (keys <= 768) continue
      // the newest three arrays are the table; the ones before them are garbage
      const perKey = bytes.slice(-3).reduce((sum, size) => sum + size) / keys
      most = Math.max(most, perKey)
      least = Math.min(least, perKey)
    }
  })
  t.equal(least, 12)
  t.ok(most > 23 && most < 24, `${most}`)
})
