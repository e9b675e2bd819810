// Checks that every expected id arrives once, with constant memory: a table of 64-bit hashes, which is filled in advance.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

const EXPECTED = 1
const ARRIVED = 2

export class IdLedger {
  readonly #high: Uint32Array
  readonly #low: Uint32Array
  readonly #state: Uint8Array
  #missing = 0

  private constructor(ids: number) {
    const slots = 2 ** Math.ceil(Math.log2(ids * 1.5 + 1))
    this.#high = new Uint32Array(slots)
    this.#low = new Uint32Array(slots)
    this.#state = new Uint8Array(slots)
  }

  /** Returns a ledger that expects the ids in a file, one per line after a header. */
  static async open(file: string, ids: number): Promise<IdLedger> {
    const ledger = new IdLedger(ids)
    const lines = createInterface(createReadStream(file))[Symbol.asyncIterator]()
    await lines.next()
    for (let line = await lines.next(); !line.done; line = await lines.next()) ledger.#expect(line.value)
    return ledger
  }

  get missing(): number {
    return this.#missing
  }

  /** Throws if the id is not expected or has already arrived. */
  markArrived(id: string): void {
    const slot = this.#findSlot(id)
    const state = this.#state[slot]
    if (state !== EXPECTED) throw new Error(`${id} ${state === ARRIVED ? 'arrived twice' : 'is not one of the ids'}`)
    this.#state[slot] = ARRIVED
    this.#missing--
  }

  #expect(id: string): void {
    const slot = this.#findSlot(id)
    if (this.#state[slot] !== 0) throw new Error(`${id} is expected twice, or has the hash of another id`)
    const [high, low] = computeHash(id)
    this.#high[slot] = high
    this.#low[slot] = low
    this.#state[slot] = EXPECTED
    this.#missing++
  }

  #findSlot(id: string): number {
    const [high, low] = computeHash(id)
    const mask = this.#state.length - 1
    let slot = low & mask
    while (this.#state[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) slot = (slot + 1) & mask
    return slot
  }
}

/** Returns a hash of an id as two numbers of 32 bits, computed like FNV-1a. */
function computeHash(id: string): readonly [number, number] {
  let high = 0x811c9dc5
  let low = 0x050c5d1f
  for (let at = 0; at < id.length; at++) {
    const unit = id.charCodeAt(at)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul(low ^ unit, 0x5bd1e995)
    low ^= low >>> 15
  }
  return [high >>> 0, low >>> 0]
}
