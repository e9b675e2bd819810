// A few at a time.

/** Works through a list, so many at a time; the results in the order of the list. */
export async function runInParallel<T, R>(
  list: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const next = list.entries()
  const worker = async () => {
    for (const [at, item] of next) results[at] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, list.length) }, worker))
  return results
}
