import type { EraRules } from '../eras.js'
import { mix } from '../random.js'

/** Returns a function that makes unique ids: UUIDs, or Zeebe keys. */
export function createIdGenerator({ hasUuids }: EraRules, seed: number): (index: number) => string {
  const seedBits = mix(seed, 0)
  if (hasUuids) {
    const ending = `-11ee-8b2c-${toHex4(seedBits & 0xffff)}ac120003`
    return (index) => {
      const number = mix(seed, index)
      return `${toHex4(number >>> 16)}${toHex4(number & 0xffff)}-${toHex4(mix(seed + 7, index) & 0xffff)}${ending}`
    }
  }
  const newest = 2 ** 51 + 2 ** 32 * ((seedBits % 60_000) + 1)
  return (index) => String(newest - index)
}

const toHex4 = (number: number) => (0x10000 + number).toString(16).slice(1)
