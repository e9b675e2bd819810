// A few at a time.

/** Works through a list, so many at a time; the results in the order of the list. */
export async function inParallel<T, R>(list: readonly T[], width: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const next = list.entries()
  const worker = async () => {
    for (const [at, one] of next) results[at] = await work(one)
  }
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, worker))
  return results
}
