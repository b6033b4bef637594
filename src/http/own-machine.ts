import type { IncomingMessage } from 'node:http'

const loopbackAddress = /^(?:::ffff:)?127\.|^::1$/
const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
/** What a proxy adds: then the one who asks may be anywhere. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const

/**
 * Whether somebody on this machine asks, and not a browser that some page there sent: by address,
 * without a proxy between, under a name that only this machine has (DNS rebinding), from no page.
 */
export function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  if (!loopbackAddress.test(socket.remoteAddress ?? '')) return false
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return false
  return headers.origin === undefined && loopbackHost.test(headers.host ?? '')
}
