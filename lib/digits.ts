// The digits of numbers as the server wrote them, kept beside the objects that hold the numbers. A double cannot tell 1.50 from
// 1.5, nor hold 0.1234567890123456789; a caller that reads a record gets the double, an encoder writes the digits.

/** For each object or list the digits of some of its numbers, by their keys. */
const kept = new WeakMap<object, Map<string, string>>()
let isAnyKept = false

/** Whether this process has met a number whose digits had to be kept; most exports never do. */
export const areDigitsKept = (): boolean => isAnyKept

/** Keeps the digits of the number under a key. */
export function keepDigits(holder: object, key: string, digits: string | undefined): void {
  if (digits === undefined) return
  isAnyKept = true
  const known = kept.get(holder)
  if (known) known.set(key, digits)
  else kept.set(holder, new Map([[key, digits]]))
}

/** The digits of the number under a key; undefined where none were kept, or where the number is not theirs any more. */
export function digitsAt(holder: object, key: string): string | undefined {
  const digits = isAnyKept ? kept.get(holder)?.get(key) : undefined
  return digits !== undefined && Object.is(Number(digits), (holder as Record<string, unknown>)[key])
    ? digits
    : undefined
}

/** Whether digits were kept for an object or a list. */
export const hasDigits = (holder: object): boolean => isAnyKept && kept.has(holder)

/** Keeps for the keys of an object what was kept for another one, under other keys where they changed. */
export function copyDigits(from: object, to: object, keyOf = (key: string) => key): void {
  if (!isAnyKept) return
  for (const [key, digits] of kept.get(from) ?? [])
    if (Object.hasOwn(to, keyOf(key))) keepDigits(to, keyOf(key), digits)
}

/** All digits that were kept for what is within a value, each with its object or list and its key. */
export function digitsWithin(value: unknown): (readonly [holder: object, key: string, digits: string])[] {
  if (!isAnyKept || typeof value !== 'object' || value === null) return []
  const own = [...(kept.get(value) ?? [])].map(([key, digits]) => [value, key, digits] as const)
  return [...own, ...Object.values(value).flatMap(digitsWithin)]
}
