import type { Credentials } from '../access/any-logins.ts'
import { RegistryError } from '../oci/registry-error.ts'

const longest = 8 * 1024
/** RFC 9110 §11.4: a scheme, and what it calls token68. */
const headerPattern = /^(basic|bearer) +([\w.~+/=-]+)$/i

/** What an Authorization header brings (RFC 7617, RFC 6750). Throws RegistryError UNAUTHORIZED where nobody can read it. */
export function readCredentials(header: string): Credentials {
  const [, scheme = '', value = ''] =
    header.length > longest ? [] : (headerPattern.exec(header) ?? [])
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer', token: value }
  const text = Buffer.from(value, 'base64').toString()
  const colon = text.indexOf(':')
  if (scheme !== '' && colon >= 0)
    return { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1) }
  const what =
    'the Authorization header is malformed: wanted Basic with a user and a password, or Bearer with a token'
  throw new RegistryError('UNAUTHORIZED', what)
}

/** Whether it is made by us, and not the login of some other registry. */
export function isOfOurs(credentials: Credentials): boolean {
  const text = credentials.kind === 'bearer' ? credentials.token : credentials.password
  return text.startsWith('entrepot_')
}
