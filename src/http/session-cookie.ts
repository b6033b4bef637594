import { getCookie } from 'hono/cookie'
import { serialize } from 'hono/utils/cookie'
import { RegistryError } from '../oci/registry-error.ts'
import type { RequestContext } from './environment.ts'

const name = 'entrepot_session'
const safeMethods = ['GET', 'HEAD']

/** The session that a browser brings, if any. Throws RegistryError DENIED where another page may have sent it. */
export function readSession(c: RequestContext): string | undefined {
  const token = getCookie(c, name)
  if (token !== undefined && isChanging(c)) requireOwnPage(c)
  return token
}

/**
 * What a browser adds by itself, a certificate or a password it once was given as well as a cookie, and what
 * everybody may, any page could use in its visitor's name. What changes something must not come from another than ours; what isn't
 * a browser says nothing of a page. Throws RegistryError DENIED.
 */
export function refuseOtherPages(c: RequestContext): void {
  if (c.env.incoming.headers.origin !== undefined && isChanging(c)) requireOwnPage(c)
}

function isChanging(c: RequestContext): boolean {
  return !safeMethods.includes(c.req.method)
}

/**
 * Browsers say from which page a request comes that changes something. SameSite alone would let pages of another
 * port of this host in.
 */
function requireOwnPage(c: RequestContext): void {
  const { scheme, host } = c.get('outside')
  const { origin } = c.env.incoming.headers
  if (origin === `${scheme}://${host}`) return
  const what = `what a browser changes here must come from a page of ${scheme}://${host}, and this request doesn't say that it does`
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
