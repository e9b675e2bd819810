import fc from 'fast-check'
import t from 'tap'
import { KeyDeduplicator, type KeyStatus } from '../../lib/pagination/key-deduplicator.js'
import { SpanTable } from '../../lib/pages/span-table.js'
import { toDataView } from '../../lib/shared/bytes/data-view.js'
import { runs } from '../support/property.js'

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

  meet(key: string): KeyStatus {
    const before = this.#met.get(key)
    this.#met.set(key, this.#search)
    return before === undefined ? 'new' : before === this.#search ? 'repeated' : 'emitted'
  }
}

/** The keys as they stand in a page. */
function metAtOnce(seen: KeyDeduplicator, keys: readonly string[]): KeyStatus[] {
  const page = Buffer.from(keys.map((key) => `"${key}"`).join())
  const table = new SpanTable(keys.length)
  for (const key of keys) {
    const start = table.length === 0 ? 1 : table.ends[table.length - 1]! + 3
    table.starts[table.length] = start
    table.ends[table.length++] = start + Buffer.byteLength(key)
  }
  return seen.addAll(toDataView(page), table)
}

t.test('a key is new once, then a duplicate in its search and emitted in a later one', async (t) => {
  const seen = new KeyDeduplicator()
  seen.startSearch()
  t.strictSame(
    ['a', 'b', 'a', 'a'].map((key) => seen.add(key)),
    ['new', 'new', 'repeated', 'repeated'],
  )
  seen.startSearch()
  t.strictSame(
    ['a', 'a', 'c'].map((key) => seen.add(key)),
    ['emitted', 'repeated', 'new'],
  )
  seen.startSearch()
  t.strictSame(
    ['b', 'a', 'b'].map((key) => seen.add(key)),
    ['emitted', 'emitted', 'repeated'],
  )
  t.equal(seen.size, 3)
})

t.test('over several searches it returns the same statuses as a Map', async () => {
  const key = fc.oneof(fc.string(), fc.uuid(), fc.nat({ max: 50 }).map(String))
  const search = fc.array(key, { maxLength: 100 })
  fc.assert(
    fc.property(fc.array(search, { minLength: 1, maxLength: 6 }), fc.boolean(), (searches, isAtOnce) => {
      const [seen, model] = [new KeyDeduplicator(), new Model()]
      for (const keys of searches) {
        seen.startSearch()
        model.startSearch()
        const meetings = isAtOnce ? metAtOnce(seen, keys) : keys.map((each) => seen.add(each))
        if (keys.some((each, at) => meetings[at] !== model.meet(each))) return false
        if (seen.size !== model.size) return false
      }
      return true
    }),
    runs(150),
  )
})

t.test('growing loses neither keys nor their generations', async (t) => {
  const [seen, model] = [new KeyDeduplicator(), new Model()]
  let wrong = 0
  for (const offset of [0, 30_000, 10_000]) {
    seen.startSearch()
    model.startSearch()
    for (let i = offset; i < offset + 60_000; i++) if (seen.add(`id-${i}`) !== model.meet(`id-${i}`)) wrong++
    if (seen.add(`id-${offset}`) !== 'repeated') wrong++
    model.meet(`id-${offset}`)
  }
  t.equal(wrong, 0)
  t.equal(seen.size, 90_000)
})

t.test('a million similar keys are a million keys', async (t) => {
  const seen = new KeyDeduplicator()
  seen.startSearch()
  for (let i = 0; i < 500_000; i++) {
    seen.add(String(2251799813685249 + i))
    seen.add(`1bdafab8-5762-11ec-8b2c-${i.toString(16).padStart(12, '0')}`)
  }
  t.equal(seen.size, 1_000_000)
})

t.test('the empty key and keys of one code unit are keys', async (t) => {
  const seen = new KeyDeduplicator()
  seen.startSearch()
  for (let unit = 0; unit < 65_536; unit++) if (seen.add(String.fromCharCode(unit)) !== 'new') t.fail(`unit ${unit}`)
  t.equal(seen.add(''), 'new')
  t.equal(seen.add(''), 'repeated')
  t.equal(seen.size, 65_537)
})

t.test('more than 255 searches are distinguished, which is the limit of a byte', async (t) => {
  const seen = new KeyDeduplicator()
  seen.startSearch()
  seen.add('a')
  for (let search = 2; search <= 600; search++) {
    seen.startSearch()
    if (seen.add('a') !== 'emitted') t.fail(`search ${search}`)
    if (seen.add('a') !== 'repeated') t.fail(`search ${search}, again`)
  }
  t.equal(seen.size, 1)
})

t.test('a key that no search has added for a long time is still emitted, not a duplicate', async (t) => {
  for (const searches of [253, 254, 255, 256, 509]) {
    const seen = new KeyDeduplicator()
    seen.startSearch()
    seen.add('a')
    for (let search = 1; search <= searches; search++) seen.startSearch()
    t.strictSame([seen.add('a'), seen.add('a')], ['emitted', 'repeated'], `after ${searches} more`)
  }
})

/** Runs `work` with the bytes of every table, while the tables grow one after the other by half. */
function withTables(work: (bytes: () => number) => void): void {
  const slots = new Map<number, number>()
  let bytes = 0
  const Original = globalThis.Int32Array
  globalThis.Int32Array = new Proxy(Original, {
    construct(target, [length]: [number]) {
      const smaller = [...slots.keys()].find((other) => 2 * Math.ceil((other / 2) * 1.5) === length)
      if (smaller !== undefined) slots.set(smaller, slots.get(smaller)! - 1)
      slots.set(length, (slots.get(length) ?? 0) + 1)
      bytes += 4 * (length - (smaller ?? 0))
      return new target(length)
    },
  })
  try {
    work(() => bytes)
  } finally {
    globalThis.Int32Array = Original
  }
  for (const count of slots.values()) if (count < 0) throw new Error('a table grew that was not there')
}

t.test('a key takes 10 to 15 bytes once there are a few thousand', async (t) => {
  let most = 0
  let least = Infinity
  withTables((bytes) => {
    const seen = new KeyDeduplicator()
    seen.startSearch()
    for (let keys = 1; keys <= 200_000; keys++) {
      seen.add(`k${keys}`)
      if (keys <= 4000) continue
      most = Math.max(most, bytes() / keys)
      least = Math.min(least, bytes() / keys)
    }
  })
  t.ok(least >= 10, `${least}`)
  t.ok(most <= 15, `${most}`)
})

t.test('reserve allocates space for all keys at once, 10 to 11 bytes each', async (t) => {
  const keys = 200_000
  let [before, after] = [0, 0]
  const [seen, model] = [new KeyDeduplicator(), new Model()]
  withTables((bytes) => {
    seen.reserve(keys)
    before = bytes()
    seen.startSearch()
    model.startSearch()
    let wrong = 0
    for (let at = 0; at < keys; at++) {
      if (seen.add(`k${at}`) !== model.meet(`k${at}`)) wrong++
      if (at % 1000 === 0 && seen.add('k0') !== model.meet('k0')) wrong++
    }
    t.equal(wrong, 0)
    after = bytes()
  })
  t.ok(before > 10 * keys && before < 11.5 * keys, `${before}`)
  t.ok(after < before * 1.02, `${after}`)
  seen.reserve(3 * keys)
  t.equal(seen.add('k7'), 'repeated', 'what was met is still there')
})

t.test('reserve has a limit', async (t) => {
  withTables((bytes) => {
    new KeyDeduplicator().reserve(Number.MAX_SAFE_INTEGER)
    t.ok(bytes() < 120e6, `${bytes()}`)
  })
})
