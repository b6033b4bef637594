import type { ServerResponse } from 'node:http'

/**
 * Of every answer: what is pushed and mirrored is anybody's, and a browser that is led to it must
 * neither guess at its type, nor run any of it, nor show it inside another page.
 */
export const harmlessHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
}

const entries = Object.entries(harmlessHeaders)

/** Before the answer is known; one that sets the same headers says it instead. */
export function setHarmless(outgoing: ServerResponse): void {
  for (const [name, value] of entries) outgoing.setHeader(name, value)
}
