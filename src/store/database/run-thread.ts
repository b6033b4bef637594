import { Worker } from 'node:worker_threads'

/** Beside this file, whether it runs as it is written or as it was built. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/**
 * Runs `<name>-thread` of this folder to its end. Rejects with what it throws, or, once `signal` is
 * aborted and the thread has stopped, with the reason.
 */
export async function runThread(
  name: string,
  workerData: unknown,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const worker = new Worker(threadEntry(name), { workerData, name })
  worker.once('error', reject).once('exit', () => resolve())
  const stop = () => void worker.terminate()
  signal?.addEventListener('abort', stop)
  try {
    await promise
    signal?.throwIfAborted()
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** The code of `<name>-thread`. */
export function threadEntry(name: string): URL {
  return new URL(`./${name}-thread.${extension}`, import.meta.url)
}
