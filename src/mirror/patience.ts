/**
 * What a task gives, if it does so within `ms`; else what `impatient` throws. The task goes on, and
 * its result serves whoever asks next; whoever began it hears of its failure no more.
 */
export async function within<T>(task: Promise<T>, ms: number, impatient: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(impatient()), ms)
  try {
    return await Promise.race([task, promise])
  } finally {
    clearTimeout(timer)
  }
}
