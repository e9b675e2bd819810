interface ResultMap<K, V> {
  get(key: K): V | undefined
  has(key: K): boolean
  set(key: K, result: V): unknown
}

/** Returns a function that computes the result for each key once, and remembers it. */
export function memoize<K, V>(compute: (key: K) => V, results: ResultMap<K, V> = new Map<K, V>()): (key: K) => V {
  return (key) => {
    const known = results.get(key)
    if (known !== undefined || results.has(key)) return known as V
    const result = compute(key)
    results.set(key, result)
    return result
  }
}

/** The same for objects of the caller: the result is freed with its object. */
export const memoizePerObject = <O extends object, V>(compute: (object: O) => V): ((object: O) => V) =>
  memoize(compute, new WeakMap<O, V>())
