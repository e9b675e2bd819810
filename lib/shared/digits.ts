// The digits of numbers as the server wrote them, kept beside the objects that hold the numbers. A double cannot tell 1.50 from
// 1.5, nor hold 0.1234567890123456789; a caller that reads a record gets the double, an encoder writes the digits.

/** For each object or list the digits of some of its numbers, by their keys. */
const digitsByHolder = new WeakMap<object, Map<string, string>>()
let hasKeptDigits = false

/** Whether this process has met a number whose digits had to be kept; most exports never do. */
export const hasAnyDigits = (): boolean => hasKeptDigits

/** Keeps the digits of the number under a key. */
export function keepDigits(holder: object, key: string, digits: string | undefined): void {
  if (digits === undefined) return
  hasKeptDigits = true
  const known = digitsByHolder.get(holder)
  if (known) known.set(key, digits)
  else digitsByHolder.set(holder, new Map([[key, digits]]))
}

/** The digits of the number under a key; undefined where none were kept, or where the number is not theirs any more. */
export function getDigits(holder: object, key: string): string | undefined {
  const digits = hasKeptDigits ? digitsByHolder.get(holder)?.get(key) : undefined
  return digits !== undefined && Object.is(Number(digits), (holder as Record<string, unknown>)[key])
    ? digits
    : undefined
}

/** Whether digits were kept for an object or a list. */
export const hasDigits = (holder: object): boolean => hasKeptDigits && digitsByHolder.has(holder)

/** Keeps for the keys of an object what was kept for another one, under other keys where they changed. */
export function copyDigits(from: object, to: object, keyOf = (key: string) => key): void {
  if (!hasKeptDigits) return
  for (const [key, digits] of digitsByHolder.get(from) ?? [])
    if (Object.hasOwn(to, keyOf(key))) keepDigits(to, keyOf(key), digits)
}

/** All digits that were kept for what is within a value, each with its object or list and its key. */
export function collectDigits(value: unknown): (readonly [holder: object, key: string, digits: string])[] {
  if (!hasKeptDigits || typeof value !== 'object' || value === null) return []
  const own = [...(digitsByHolder.get(value) ?? [])].map(([key, digits]) => [value, key, digits] as const)
  return [...own, ...Object.values(value).flatMap(collectDigits)]
}
