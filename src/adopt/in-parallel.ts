/** While one file is hashed the next are read. */
const atOnce = 4

/** The results in order; of what failed the first error, when nothing is under way any more. */
export async function inParallel<T, R>(
  list: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  for (let start = 0; start < list.length; start += atOnce) {
    const settled = await Promise.allSettled(list.slice(start, start + atOnce).map(act))
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason
      results.push(result.value)
    }
  }
  return results
}
