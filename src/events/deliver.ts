import { createHmac } from 'node:crypto'
import type { Hook } from './webhook-hook.ts'

const answersWithinMs = 10_000
const signatureHeader = 'X-Entrepot-Signature-256'

/**
 * Tells a hook of one event. Undefined once it was taken, else why it wasn't, in words without a secret. Only
 * 2xx says that it was: redirects aren't followed, since who answers them could send us anywhere.
 */
export async function deliver(
  hook: Hook,
  body: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const response = await fetch(hook.url, {
      method: 'POST',
      headers: headersOf(hook, body),
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answersWithinMs)]),
    })
    // What it says besides is of no interest, and may be endless; nor does it count whether that comes.
    await response.body?.cancel().catch(() => {})
    return response.ok ? undefined : `it answered ${describeStatus(response.status)}`
  } catch (error) {
    return describe(error)
  }
}

/** CloudEvents HTTP binding §3.2, structured mode. */
function headersOf({ secret, authorization }: Hook, body: string): Record<string, string> {
  return {
    'Content-Type': 'application/cloudevents+json; charset=utf-8',
    'User-Agent': 'entrepot',
    ...(secret !== undefined && { [signatureHeader]: `sha256=${sign(secret, body)}` }),
    ...(authorization !== undefined && { Authorization: authorization }),
  }
}

function sign(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex')
}

function describeStatus(status: number): string {
  return status >= 300 && status < 400 ? `${status}, and redirects aren't followed` : String(status)
}

/** fetch says what went wrong only in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `it didn't answer within ${answersWithinMs / 1000} s`
  const cause = error.cause instanceof Error ? error.cause : error
  const { code } = cause as NodeJS.ErrnoException
  return `it can't be reached: ${cause.message || code || cause.name}`
}
