import fc from 'fast-check'
import t from 'tap'
import { KeyDeduplicator, type KeyStatus } from '../../lib/pagination/key-deduplicator.js'
import { SpanTable } from '../../lib/spans/span-table.js'
import { toDataView } from '../../lib/shared/bytes/data-view.js'
import { runs } from '../support/random/property.js'

/** A deduplicator with the same results, made from a Map. */
class Model {
  readonly #searchByKey = new Map<string, number>()
  #search = 0

  get size(): number {
    return this.#searchByKey.size
  }

  startSearch(): void {
    this.#search++
  }

  add(key: string): KeyStatus {
    const before = this.#searchByKey.get(key)
    this.#searchByKey.set(key, this.#search)
    return before === undefined ? 'new' : before === this.#search ? 'repeated' : 'known'
  }
}

/** Adds keys with addAll, from the bytes of a page. */
function addInOnePage(deduplicator: KeyDeduplicator, keys: readonly string[]): KeyStatus[] {
  const page = Buffer.from(keys.map((key) => `"${key}"`).join())
  const table = new SpanTable(keys.length)
  for (const key of keys) {
    const start = table.length === 0 ? 1 : table.ends[table.length - 1]! + 3
    table.starts[table.length] = start
    table.ends[table.length++] = start + Buffer.byteLength(key)
  }
  return deduplicator.addAll(toDataView(page), table)
}

t.test('a key is new once, then repeated in the same search and emitted in a later one', async (t) => {
  const deduplicator = new KeyDeduplicator()
  deduplicator.startSearch()
  t.strictSame(
    ['a', 'b', 'a', 'a'].map((key) => deduplicator.add(key)),
    ['new', 'new', 'repeated', 'repeated'],
  )
  deduplicator.startSearch()
  t.strictSame(
    ['a', 'a', 'c'].map((key) => deduplicator.add(key)),
    ['known', 'repeated', 'new'],
  )
  deduplicator.startSearch()
  t.strictSame(
    ['b', 'a', 'b'].map((key) => deduplicator.add(key)),
    ['known', 'known', 'repeated'],
  )
  t.equal(deduplicator.size, 3)
})

t.test('over several searches the statuses are those of a Map', async () => {
  const key = fc.oneof(fc.string(), fc.uuid(), fc.nat({ max: 50 }).map(String))
  const search = fc.array(key, { maxLength: 100 })
  fc.assert(
    fc.property(fc.array(search, { minLength: 1, maxLength: 6 }), fc.boolean(), (searches, isAtOnce) => {
      const [deduplicator, model] = [new KeyDeduplicator(), new Model()]
      for (const keys of searches) {
        deduplicator.startSearch()
        model.startSearch()
        const statuses = isAtOnce ? addInOnePage(deduplicator, keys) : keys.map((each) => deduplicator.add(each))
        if (keys.some((each, at) => statuses[at] !== model.add(each))) return false
        if (deduplicator.size !== model.size) return false
      }
      return true
    }),
    runs(150),
  )
})

t.test('growing loses neither keys nor their generations', async (t) => {
  const [deduplicator, model] = [new KeyDeduplicator(), new Model()]
  let wrong = 0
  for (const offset of [0, 30_000, 10_000]) {
    deduplicator.startSearch()
    model.startSearch()
    for (let i = offset; i < offset + 60_000; i++) if (deduplicator.add(`id-${i}`) !== model.add(`id-${i}`)) wrong++
    if (deduplicator.add(`id-${offset}`) !== 'repeated') wrong++
    model.add(`id-${offset}`)
  }
  t.equal(wrong, 0)
  t.equal(deduplicator.size, 90_000)
})

t.test('a million similar keys are all different', async (t) => {
  const deduplicator = new KeyDeduplicator()
  deduplicator.startSearch()
  for (let i = 0; i < 500_000; i++) {
    deduplicator.add(String(2251799813685249 + i))
    deduplicator.add(`1bdafab8-5762-11ec-8b2c-${i.toString(16).padStart(12, '0')}`)
  }
  t.equal(deduplicator.size, 1_000_000)
})

t.test('the empty key and all keys of one code unit are different', async (t) => {
  const deduplicator = new KeyDeduplicator()
  deduplicator.startSearch()
  for (let unit = 0; unit < 65_536; unit++)
    if (deduplicator.add(String.fromCharCode(unit)) !== 'new') t.fail(`unit ${unit}`)
  t.equal(deduplicator.add(''), 'new')
  t.equal(deduplicator.add(''), 'repeated')
  t.equal(deduplicator.size, 65_537)
})

t.test('a search is distinguished from the one before, also after 255 searches, the limit of a byte', async (t) => {
  const deduplicator = new KeyDeduplicator()
  deduplicator.startSearch()
  deduplicator.add('a')
  for (let search = 2; search <= 600; search++) {
    deduplicator.startSearch()
    if (deduplicator.add('a') !== 'known') t.fail(`search ${search}`)
    if (deduplicator.add('a') !== 'repeated') t.fail(`search ${search}, again`)
  }
  t.equal(deduplicator.size, 1)
})

t.test('a key that was not added in hundreds of searches still has the status emitted, not repeated', async (t) => {
  for (const searches of [253, 254, 255, 256, 509]) {
    const deduplicator = new KeyDeduplicator()
    deduplicator.startSearch()
    deduplicator.add('a')
    for (let search = 1; search <= searches; search++) deduplicator.startSearch()
    t.strictSame([deduplicator.add('a'), deduplicator.add('a')], ['known', 'repeated'], `after ${searches} more`)
  }
})

/** Runs `work`, which can read the bytes of all tables. A table that is half as large again replaces the one that was full. */
function withTableBytes(work: (bytes: () => number) => void): void {
  const countByLength = new Map<number, number>()
  let bytes = 0
  const Original = globalThis.Int32Array
  globalThis.Int32Array = new Proxy(Original, {
    construct(target, [length]: [number]) {
      const smaller = [...countByLength.keys()].find((other) => 2 * Math.ceil((other / 2) * 1.5) === length)
      if (smaller !== undefined) countByLength.set(smaller, countByLength.get(smaller)! - 1)
      countByLength.set(length, (countByLength.get(length) ?? 0) + 1)
      bytes += 4 * (length - (smaller ?? 0))
      return new target(length)
    },
  })
  try {
    work(() => bytes)
  } finally {
    globalThis.Int32Array = Original
  }
  for (const count of countByLength.values()) if (count < 0) throw new Error('more tables were replaced than created')
}

t.test('a key takes 10 to 15 bytes if there are more than a few thousand keys', async (t) => {
  let most = 0
  let least = Infinity
  withTableBytes((bytes) => {
    const deduplicator = new KeyDeduplicator()
    deduplicator.startSearch()
    for (let keys = 1; keys <= 200_000; keys++) {
      deduplicator.add(`k${keys}`)
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
  const [deduplicator, model] = [new KeyDeduplicator(), new Model()]
  withTableBytes((bytes) => {
    deduplicator.reserve(keys)
    before = bytes()
    deduplicator.startSearch()
    model.startSearch()
    let wrong = 0
    for (let at = 0; at < keys; at++) {
      if (deduplicator.add(`k${at}`) !== model.add(`k${at}`)) wrong++
      if (at % 1000 === 0 && deduplicator.add('k0') !== model.add('k0')) wrong++
    }
    t.equal(wrong, 0)
    after = bytes()
  })
  t.ok(before > 10 * keys && before < 11.5 * keys, `${before}`)
  t.ok(after < before * 1.02, `${after}`)
  deduplicator.reserve(3 * keys)
  t.equal(deduplicator.add('k7'), 'repeated', 'the keys that were added before are still there')
})

t.test('reserve allocates at most 120 MB', async (t) => {
  withTableBytes((bytes) => {
    new KeyDeduplicator().reserve(Number.MAX_SAFE_INTEGER)
    t.ok(bytes() < 120e6, `${bytes()}`)
  })
})
