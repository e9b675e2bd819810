/**
 * Calls the function for each item, at most `limit` at the same time. After a failure it starts no other call, and rejects when the
 * calls in progress have ended.
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  let failure: { readonly error: unknown } | undefined
  const workers = Array.from({ length: limit }, async () => {
    for (const item of rest) {
      if (failure) return
      await work(item).catch((error: unknown) => (failure ??= { error }))
    }
  })
  await Promise.all(workers)
  if (failure) throw failure.error
}

/** Waits until fewer than `limit` of the promises are pending. Each must leave the set when it settles. */
export async function waitForFewer(pending: ReadonlySet<Promise<void>>, limit: number): Promise<void> {
  while (pending.size >= limit) await Promise.race(pending)
}
