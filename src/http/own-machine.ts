import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import type { Caller } from '../access/access.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { plainAddress } from './address.ts'
import type { Environment } from './environment.ts'

const loopbackAddress = /^127\.|^::1$/
const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
/** What a proxy adds: then the one who asks may be anywhere, whatever a trusted one says of it. */
const proxyHeader = /^(?:forwarded|via|x-real-ip|x-forwarded-.+)$/

/**
 * Whether somebody on this machine asks, and not a browser that some page there sent: by address,
 * without a proxy between, under a name that only this machine has (DNS rebinding), from no page.
 */
export function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => proxyHeader.test(name))) return false
  if (headers.origin !== undefined) return false
  const from = plainAddress(socket.remoteAddress)
  const host = headers.host ?? ''
  if (loopbackAddress.test(from)) return loopbackHost.test(host)
  // Where `listen` names one address nothing else answers, and only this machine can ask from it.
  return from !== '' && from === plainAddress(socket.localAddress) && addressOf(host) === from
}

/** Of the API: whoever operates the server asks from its machine. */
export function callerOf(c: Context<Environment>): Caller {
  return isFromThisMachine(c.env.incoming) ? 'operator' : 'anonymous'
}

/** Throws RegistryError DENIED for everybody else. */
export function requireThisMachine(c: Context<Environment>): void {
  if (isFromThisMachine(c.env.incoming)) return
  const what =
    'only from the machine that the server runs on, by its address or as localhost, and not through a proxy'
  throw new RegistryError('DENIED', what)
}

/** Of a Host header that is an address; a name may be made to mean any. */
function addressOf(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(host) ?? []
  return bracketed?.toLowerCase() ?? plain
}
