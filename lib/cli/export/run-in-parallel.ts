/** Calls `work` for every item, at most `concurrency` at a time. Returns the results in the order of the list. */
export async function runInParallel<T, R>(
  list: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const next = list.entries()
  const worker = async () => {
    for (const [index, item] of next) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, list.length) }, worker))
  return results
}
