import { getCookie } from 'hono/cookie'
import { serialize } from 'hono/utils/cookie'
import { RegistryError } from '../oci/registry-error.ts'
import type { RequestContext } from './environment.ts'

const name = 'entrepot_session'
const safeMethods = ['GET', 'HEAD']

/** The session that a browser brings, if any. Throws RegistryError DENIED where another page may have sent it. */
export function readSession(c: RequestContext): string | undefined {
  const token = getCookie(c, name)
  if (token !== undefined && !safeMethods.includes(c.req.method)) requireOwnPage(c)
  return token
}

/**
 * Browsers say from which page a request comes that changes something. SameSite alone would let pages of another
 * port of this host in.
 */
export function requireOwnPage(c: RequestContext): void {
  const { scheme, host } = c.get('outside')
  const { origin } = c.env.incoming.headers
  if (origin === `${scheme}://${host}`) return
  const what = `a login by cookie is for pages of ${scheme}://${host} alone, and this request doesn't say that it comes from one`
  throw new RegistryError('DENIED', what)
}

/** Of no use to scripts and to other sites. */
export function sessionCookie(c: RequestContext, token: string, maxAge: number): string {
  const { scheme, prefix } = c.get('outside')
  return serialize(name, token, {
    path: `${prefix}/`,
    httpOnly: true,
    sameSite: 'Strict',
    secure: scheme === 'https',
    maxAge,
  })
}
