/** Mixes a seed and a number into 32 bits, unsigned. For one seed, different numbers (below 2^32) have different results. */
export function mix(seed: number, number: number): number {
  let bits = number ^ Math.imul(seed + 1, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** A sequence of random numbers (mulberry32). It can start anywhere, so that any record can be rendered on its own. */
export class Random {
  #state = 0

  startAt(seed: number, number: number): void {
    this.#state = mix(seed, number)
  }

  /** Returns an integer from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) % limit
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }
}
