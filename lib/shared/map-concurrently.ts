/**
 * Calls the function for each item, at most `limit` at the same time, and returns the results in the order of the items. After a
 * failure no other call starts, and the promise rejects when the calls in progress have ended.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const rest = items.entries()
  let failure: { readonly error: unknown } | undefined
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const [index, item] of rest) {
      if (failure) return
      try {
        results[index] = await work(item)
      } catch (error) {
        failure ??= { error }
      }
    }
  })
  await Promise.all(workers)
  if (failure) throw failure.error
  return results
}

/** Waits until fewer than `limit` of the promises are pending. Each must leave the set when it settles. */
export async function waitForFewer(pending: ReadonlySet<Promise<void>>, limit: number): Promise<void> {
  while (pending.size >= limit) await Promise.race(pending)
}
