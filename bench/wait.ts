import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 20

export interface WaitOptions {
  /** What is waited for, for the message: "nginx to answer". */
  readonly what: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Resolves once the condition holds; a condition that throws ends the wait with its error. */
export const waitUntil = async (
  condition: () => Promise<boolean>,
  { what, timeoutMs, signal }: WaitOptions,
): Promise<void> => {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`)
    await sleep(pollMs, undefined, { signal })
  }
}

/** Whether a GET is answered with 200; a refused connection counts as "not yet". */
export const answersOk = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
