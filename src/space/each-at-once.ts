/** Does something with each of a list, so many at a time. The first failure ends it, once those under way have ended. */
export async function eachAtOnce<T>(
  list: readonly T[],
  count: number,
  act: (one: T) => Promise<void>,
): Promise<void> {
  let next = 0
  let failure: { readonly error: unknown } | undefined
  const work = async () => {
    while (next < list.length && !failure) {
      try {
        await act(list[next++] as T)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, list.length) }, work))
  if (failure) throw failure.error
}
