// Keeps the digits of numbers as the server wrote them, outside of the objects that contain the numbers, because a double loses
// the last zero of 1.50 and the last digits of 0.1234567890123456789. A caller that reads a record gets the double; an encoder
// writes the digits.

/** For each object or array, the digits of some of its numbers by key. */
const digitsByHolder = new WeakMap<object, Map<string, string>>()
let hasKeptDigits = false

export const areDigitsInUse = (): boolean => hasKeptDigits

/** Keeps the digits of the number under a key; does nothing for `undefined`. */
export function keepDigits(holder: object, key: string, digits: string | undefined): void {
  if (digits === undefined) return
  hasKeptDigits = true
  const known = digitsByHolder.get(holder)
  if (known) known.set(key, digits)
  else digitsByHolder.set(holder, new Map([[key, digits]]))
}

/** Returns the digits of the number under a key, or `undefined` if none were kept or the number has changed since. */
export function getDigits(holder: object, key: string): string | undefined {
  const digits = hasKeptDigits ? digitsByHolder.get(holder)?.get(key) : undefined
  return digits !== undefined && Object.is(Number(digits), (holder as Record<string, unknown>)[key])
    ? digits
    : undefined
}

export const hasDigits = (holder: object): boolean => hasKeptDigits && digitsByHolder.has(holder)

/** Copies the kept digits for the keys that `to` has. `renameKey` returns the key in `to` for a key in `from`. */
export function copyDigits(from: object, to: object, renameKey = (key: string) => key): void {
  if (!hasKeptDigits) return
  for (const [key, digits] of digitsByHolder.get(from) ?? [])
    if (Object.hasOwn(to, renameKey(key))) keepDigits(to, renameKey(key), digits)
}

/** Returns all digits that were kept for numbers inside a value, each with its object or array and its key. */
export function collectDigits(value: unknown): (readonly [holder: object, key: string, digits: string])[] {
  if (!hasKeptDigits || typeof value !== 'object' || value === null) return []
  const own = [...(digitsByHolder.get(value) ?? [])].map(([key, digits]) => [value, key, digits] as const)
  return [...own, ...Object.values(value).flatMap(collectDigits)]
}
