import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { get as getOverTls } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

const usualPollMs = () => 20
const answerTimeoutMs = 5000

export interface WaitOptions {
  /** What is waited for, for the message: "nginx to answer". */
  readonly what: string
  readonly timeoutMs: number
  /** How long to the next look, so many milliseconds after the first. */
  readonly pollMs?: (elapsedMs: number) => number
  readonly signal: AbortSignal
}

/** Resolves once the condition holds; a condition that throws ends the wait with its error. */
export const waitUntil = async (
  condition: () => Promise<boolean>,
  { what, timeoutMs, pollMs = usualPollMs, signal }: WaitOptions,
): Promise<void> => {
  const startedAt = performance.now()
  while (!(await condition())) {
    const elapsedMs = performance.now() - startedAt
    if (elapsedMs > timeoutMs) throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`)
    await sleep(pollMs(elapsedMs), undefined, { signal })
  }
}

/**
 * Whether a GET is answered with 200; a refused connection counts as "not yet". Not with fetch,
 * which takes so much of the processor that polling would slow down what is polled.
 */
export const answersOk = async (url: string): Promise<boolean> => {
  const options = { agent: false, signal: AbortSignal.timeout(answerTimeoutMs) }
  const request = url.startsWith('https:') ? getOverTls(url, options) : get(url, options)
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode === 200
  } catch {
    return false
  } finally {
    request.destroy()
  }
}
