import type { RequestContext } from './environment.ts'

export type Health = {
  /** Why the server can't serve, or undefined if it can. */
  readonly findFault: () => Promise<string | undefined>
}

/** The process lives: nothing else is asked, so that a full disk doesn't have it restarted. */
export function answerHealthz(c: RequestContext): Response {
  return c.text('ok\n')
}

/** It can serve: 200, or 503 with the reason. */
export async function answerReadyz(c: RequestContext, health: Health): Promise<Response> {
  const fault = await health.findFault()
  return fault === undefined ? c.text('ready\n') : c.text(`not ready: ${fault}\n`, 503)
}
